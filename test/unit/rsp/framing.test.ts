import { describe, expect, test } from 'vitest';
import {
  Deframer,
  decodeBody,
  type Frame,
  frameAck,
  frameBinary,
  frameHex,
  frameText,
} from '../../../src/rsp/framing.ts';
import { deframed, framed } from './harness.ts';

function kinds(frames: readonly Frame[]): string[] {
  return frames.map((frame) =>
    frame.kind === 'packet' ? `packet ${Buffer.from(frame.body).toString('latin1')}` : frame.kind,
  );
}

function feed(text: string, limit?: number): string[] {
  return kinds(new Deframer(limit).feed(Buffer.from(text, 'latin1')));
}

describe('a stream', () => {
  test.each([
    ['+$g#67', ['ack', 'packet g']],
    ['$#00', ['packet ']],
    ['$g#67$p1#a1-', ['packet g', 'packet p1', 'nak']],
    ['$c#63\x03', ['packet c', 'interrupt']],
    ['\x03\x03$g#67', ['interrupt', 'interrupt', 'packet g']],
    ['$g#66', ['corrupt']],
    ['$g#6x', ['corrupt']],
    ['$g#6\x03', ['corrupt']],
    ['$k#6B', ['packet k']],
    ['noise\n$g#67', ['packet g']],
    ['$abc$g#67', ['packet g']],
    ['$abc#$g#67', ['packet g']],
    ['$abc#0$g#67', ['packet g']],
    ['$g', []],
  ])('%j is %j', (text, frames) => {
    expect(feed(text)).toEqual(frames);
  });

  test('0x03 inside a packet is data', () => {
    expect(kinds(new Deframer().feed(framed('X0,1:\x03')))).toEqual(['packet X0,1:\x03']);
  });

  test('a body at the limit is taken, one byte more is oversize, and the stream goes on behind it', () => {
    expect(feed(`${framed('x'.repeat(8)).toString('latin1')}$g#67`, 8)).toEqual(['packet xxxxxxxx', 'packet g']);
    expect(feed(`${framed('x'.repeat(9)).toString('latin1')}$g#67`, 8)).toEqual(['oversize', 'packet g']);
  });

  test('an oversize body is not kept, however it is cut', () => {
    const deframer = new Deframer(8);
    const frames = [...framed('y'.repeat(1000))].flatMap((byte) => deframer.feed(Uint8Array.of(byte)));
    expect(kinds(frames)).toEqual(['oversize']);
    expect(kinds(deframer.feed(framed('g')))).toEqual(['packet g']);
  });

  test('a body that came in pieces survives the packets behind it', () => {
    const deframer = new Deframer();
    const first = framed('first packet');
    const frames = [
      ...deframer.feed(first.subarray(0, 5)),
      ...deframer.feed(first.subarray(5)),
      ...deframer.feed(Buffer.from('$sec')),
      ...deframer.feed(framed('second packet').subarray(4)),
    ];
    expect(kinds(frames)).toEqual(['packet first packet', 'packet second packet']);
  });
});

describe('a body', () => {
  test.each([
    ['a}\x03b', true, 'a#b'],
    ['0* ', true, '0000'],
    ['0*~', true, '0'.repeat(98)],
    ['0* 1*"', true, '0000111111'],
    ['0* ', false, '0* '],
    ['}\n* ', true, '****'],
    ['}\n', false, '*'],
    ['plain', true, 'plain'],
  ])('%j, runs %s, reads %j', (body, runs, text) => {
    const decoded = decodeBody(Buffer.from(body, 'latin1'), runs);
    expect(decoded.ok && Buffer.from(decoded.value).toString('latin1')).toBe(text);
  });

  test.each([
    ['an escape at the end', 'ab}'],
    ['a run of nothing', '* '],
    ['a run without a count', '0*'],
    ['a count below three', '0*\x1f'],
    ['a count above what can be printed', '0*\x7f'],
    ['a bomb', '0'.concat('*~'.repeat(20_000))],
  ])('%s is refused', (_, body) => {
    expect(decodeBody(Buffer.from(body, 'latin1'), true).ok).toBe(false);
  });
});

describe('a reply', () => {
  test.each([
    ['', '$#00'],
    ['OK', '$OK#9a'],
    ['000', '$000#90'],
    ['0000', '$0* #7a'],
    ['0000000', '$0*"0#ac'],
    ['00000000', '$0*"00#dc'],
    ['000000000', '$0*%#7f'],
  ])('%j goes out as %j', (text, packet) => {
    expect(frameText(text).toString('latin1')).toBe(packet);
  });

  test('every run length, at every place, comes back, and no count reads # or $', () => {
    for (let before = 0; before < 5; before++) {
      for (let length = 1; length < 220; length++) {
        const text = `${'ab'.repeat(before).slice(0, before)}${'0'.repeat(length)}c`;
        const packet = frameText(text);
        expect(deframed(packet)).toEqual([text]);
        expect(packet.subarray(1, -3).toString('latin1')).not.toMatch(/[#$]/);
        expect(packet.length).toBeLessThanOrEqual(text.length + 4);
      }
    }
  });

  test('a long run is cut at 98 characters', () => {
    expect(frameHex('', new Uint8Array(98)).toString('latin1')).toMatch(/^\$0\*~0\*~#/);
  });

  test('binary data with every byte comes back', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(deframed(frameBinary('b', bytes))).toEqual([`b${Buffer.from(bytes).toString('latin1')}`]);
  });

  test('runs of bytes that must be escaped come back', () => {
    for (const byte of [0x23, 0x24, 0x2a, 0x7d, 0x5d, 0x03]) {
      const bytes = new Uint8Array(300).fill(byte);
      expect(deframed(frameBinary('m', bytes))).toEqual([`m${Buffer.from(bytes).toString('latin1')}`]);
    }
  });

  test('acknowledgements', () => {
    expect([frameAck(true).toString(), frameAck(false).toString()]).toEqual(['+', '-']);
  });
});
