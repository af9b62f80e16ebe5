import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textToEbcdic } from '../../../../../../src/arch/s390x/vmm/ebcdic.ts';
import { commands, eventSccb, SclpHarness } from './harness.ts';

/** An object of a message data block. */
function object(type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(4 + body.length, 0);
  header.writeUInt16BE(type, 2);
  return Buffer.concat([header, body]);
}

function line(text: string): Buffer {
  return object(4, Buffer.concat([Buffer.from([0x10, 0, 0, 0, 0, 0]), textToEbcdic(text, 'cp500')]));
}

function messageBlock(...objects: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(objects);
  const header = Buffer.from([0, 0, 0, 1, 0xd4, 0xc4, 0xc2, 0x40, 0, 0, 0, 1]);
  header.writeUInt16BE(12 + body.length, 0);
  return Buffer.concat([header, body]);
}

const general = object(1, new Uint8Array(56));

describe('a message to the operator', () => {
  test('is shown a line for each text object, each with its newline', () => {
    const guest = new SclpHarness();
    const block = messageBlock(general, line('Linux [is] here!'), line(''), line('a|b^c'));
    const { answer, result } = guest.call(commands.writeEventData, eventSccb({ type: 2, data: block }));
    expect(result).toEqual({ kind: 'cc', cc: 0 });
    expect(answer.readUInt16BE(6)).toBe(0x0020);
    expect(answer.readUInt8(11)).toBe(0x80);
    expect(guest.shown()).toBe('Linux [is] here!\n\na|b^c\n');
    expect(guest.signals).toEqual([0x4000]);
  });

  test('is also taken as a priority message', () => {
    const guest = new SclpHarness();
    const block = eventSccb({ type: 9, data: messageBlock(line('urgent')) });
    expect(guest.response(commands.writeEventData, block)).toBe(0x0020);
    expect(guest.shown()).toBe('urgent\n');
  });

  test('is shown in UTF-8, its line ends and tabs as such, other controls as blanks', () => {
    const guest = new SclpHarness();
    const text = Buffer.concat([textToEbcdic('Grüße'), Buffer.from([0x15, 0x05, 0x27, 0x25]), textToEbcdic('¢')]);
    const block = messageBlock(object(4, Buffer.concat([Buffer.alloc(6), text])));
    guest.call(commands.writeEventData, eventSccb({ type: 2, data: block }));
    expect(guest.shown()).toBe('Grüße\n\t \n¢\n');
  });

  test('is read in the code page that the machine is set to', () => {
    const guest = new SclpHarness({ codePage: 'cp037' });
    const text = Buffer.concat([Buffer.alloc(6), textToEbcdic('[!]', 'cp037')]);
    guest.call(commands.writeEventData, eventSccb({ type: 2, data: messageBlock(object(4, text)) }));
    expect(guest.shown()).toBe('[!]\n');
  });

  test('with lengths that do not agree is refused and not shown', () => {
    const short = Buffer.from(line('x'));
    short.writeUInt16BE(200, 0);
    const empty = Buffer.from(line('x'));
    empty.writeUInt16BE(0, 0);
    const tooLong = messageBlock(line('x'));
    tooLong.writeUInt16BE(500, 0);
    const blocks = [
      messageBlock(short),
      messageBlock(empty),
      messageBlock(object(4, new Uint8Array(3))),
      tooLong,
      Buffer.alloc(5),
    ];
    for (const data of blocks) {
      const guest = new SclpHarness();
      const { answer } = guest.call(commands.writeEventData, eventSccb({ type: 2, data }));
      expect(answer.readUInt16BE(6)).toBe(0x72f0);
      expect(answer.readUInt8(11)).toBe(0);
      expect(guest.shown()).toBe('');
    }
  });

  test('never throws, whatever its bytes', () => {
    const guest = new SclpHarness();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        const code = guest.response(commands.writeEventData, eventSccb({ type: 2, data }));
        expect([0x0020, 0x72f0]).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});

describe('several events in one SCCB', () => {
  const good = { type: 2, data: messageBlock(line('first')) };

  test('are taken in turn by both consoles', () => {
    const guest = new SclpHarness();
    const block = eventSccb(good, { type: 0x1a, data: Buffer.from('second\r\n') });
    expect(guest.response(commands.writeEventData, block)).toBe(0x0020);
    expect(guest.shown()).toBe('first\nsecond\r\n');
  });

  test('end with the first that is refused; it and those after it are not marked as accepted', () => {
    const guest = new SclpHarness();
    const block = eventSccb(good, { type: 0x55, data: Buffer.alloc(2) }, good);
    const { answer } = guest.call(commands.writeEventData, block);
    expect(answer.readUInt16BE(6)).toBe(0x40f0);
    expect(guest.shown()).toBe('first\n');
    const second = 8 + answer.readUInt16BE(8);
    const third = second + answer.readUInt16BE(second);
    expect([8, second, third].map((at) => answer.readUInt8(at + 3))).toEqual([0x80, 0, 0]);
  });

  test('whose lengths do not add up to the SCCB are refused as a whole', () => {
    const guest = new SclpHarness();
    for (const length of [5, 0, 9, 0xffff]) {
      const block = eventSccb(good, { type: 0x1a, data: Buffer.from('second') });
      block.writeUInt16BE(length, 8);
      expect(guest.response(commands.writeEventData, block)).toBe(0x73f0);
    }
    expect(guest.shown()).toBe('');
  });
});

test('a console that the machine does not have takes nothing', () => {
  const guest = new SclpHarness({ consoles: { line: false, ascii: true } });
  const block = eventSccb({ type: 2, data: messageBlock(line('lost')) });
  expect(guest.response(commands.writeEventData, block)).toBe(0x40f0);
  expect(guest.shown()).toBe('');
});
