import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deframer, decodeBody, type Frame, frameBinary, frameHex, frameText } from '../../src/rsp/framing.ts';
import { deframed, framed } from '../unit/rsp/harness.ts';

/** Bytes, of which many mean something to the framing. */
const byte = fc.oneof(fc.constantFrom(0x23, 0x24, 0x2a, 0x2b, 0x2d, 0x7d, 0x03, 0x30, 0x37), fc.nat({ max: 255 }));
const stream = fc.uint8Array({ maxLength: 60 }).chain((plain) =>
  fc.tuple(
    fc.constant(Buffer.from(plain)),
    fc.array(
      fc.oneof(
        byte.map((value) => Buffer.of(value)),
        fc.constantFrom('g', 'm1000,4', 'X0,1:}\x03', '', 'x'.repeat(40)).map(framed),
      ),
      { maxLength: 12 },
    ),
  ),
);

function shown(frames: readonly Frame[]): string[] {
  return frames.map((frame) =>
    frame.kind === 'packet' ? `packet ${Buffer.from(frame.body).toString('hex')}` : frame.kind,
  );
}

test('a stream means the same wherever it is cut', () => {
  fc.assert(
    fc.property(stream, ([noise, parts]) => {
      const bytes = Buffer.concat([noise, ...parts]);
      const whole = shown(new Deframer(32).feed(bytes));
      for (let cut = 0; cut <= bytes.length; cut++) {
        const deframer = new Deframer(32);
        const pieces = [...deframer.feed(bytes.subarray(0, cut)), ...deframer.feed(bytes.subarray(cut))];
        expect(shown(pieces)).toEqual(whole);
      }
      const deframer = new Deframer(32);
      expect(shown([...bytes].flatMap((one) => deframer.feed(Uint8Array.of(one))))).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

test('a good packet behind any noise is found once the noise is no open packet', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
      const frames = shown(new Deframer(64).feed(Buffer.concat([noise, framed('qC')])));
      expect(frames.at(-1)).toBe(`packet ${Buffer.from('qC').toString('hex')}`);
    }),
    { numRuns: 1000 },
  );
});

test('binary, hex and text come back as they were, with no reserved byte inside a packet', () => {
  // Few different bytes make many runs.
  const runs = fc.array(fc.tuple(byte, fc.integer({ min: 1, max: 250 })), { maxLength: 12 });
  fc.assert(
    fc.property(runs, (pieces) => {
      const bytes = Buffer.concat(pieces.map(([value, count]) => Buffer.alloc(count, value)));
      expect(deframed(frameBinary('b', bytes))).toEqual([`b${bytes.toString('latin1')}`]);
      expect(deframed(frameHex('O', bytes))).toEqual([`O${bytes.toString('hex')}`]);
      expect(deframed(frameText(bytes.toString('hex')))).toEqual([bytes.toString('hex')]);
      expect(frameBinary('b', bytes).subarray(1, -3).toString('latin1')).not.toMatch(/[#$]/);
    }),
    { numRuns: 500 },
  );
});

test('what the server sends is understood by its own reader', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const [frame] = new Deframer().feed(frameBinary('', bytes));
      const body = frame?.kind === 'packet' ? decodeBody(frame.body, true) : undefined;
      expect(body?.ok === true && Buffer.from(body.value)).toEqual(Buffer.from(bytes));
    }),
  );
});

test('decoding any body is total, with and without runs', () => {
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), fc.boolean(), (bytes, runs) => {
      const body = Uint8Array.from(bytes);
      const before = Buffer.from(body);
      const decoded = decodeBody(body, runs);
      expect(typeof decoded.ok).toBe('boolean');
      expect(Buffer.from(body)).toEqual(before);
    }),
    { numRuns: 2000 },
  );
});
