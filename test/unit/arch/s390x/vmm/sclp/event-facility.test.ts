import { describe, expect, test } from 'vitest';
import { ebcdicToText, textToEbcdic } from '../../../../../../src/arch/s390x/vmm/ebcdic.ts';
import { LONGEST_COMMAND } from '../../../../../../src/arch/s390x/vmm/sclp/events/operator-command.ts';
import { commands, eventSccb, maskBit, SCCB_AT, SclpHarness, sccb } from './harness.ts';

const types = {
  command: 0x01,
  message: 0x02,
  priority: 0x09,
  identification: 0x0b,
  ascii: 0x1a,
  quiesce: 0x1d,
} as const;
const bits = (...list: readonly number[]): number => list.reduce((mask, type) => (mask | maskBit(type)) >>> 0, 0);
const text = (words: string): Buffer => Buffer.from(words, 'utf8');

/** The text of an operator command after checking the vectors around it, which are nested and reach its end. */
function commandText(data: Buffer): string {
  const halves = [0, 2, 4, 6, 8, 10].map((at) => data.readUInt16BE(at));
  const n = data.length;
  expect(halves).toEqual([n, 0x1310, n - 4, 0x1212, n - 8, 0x1320]);
  expect([...data.subarray(12, 16)]).toEqual([n - 12, 0x31, n - 14, 0x30]);
  return ebcdicToText(data.subarray(16));
}

function read(guest: SclpHarness): string {
  const event = guest.readEvent();
  if (typeof event === 'number') return event.toString(16);
  if (event.type === types.command) return `command ${commandText(event.data)}`;
  if (event.type === types.ascii) return `ascii ${event.data.toString('latin1', 1)}`;
  return `type ${event.type}`;
}

describe('write event mask', () => {
  test('answers what the SCLP takes and gives', () => {
    expect(new SclpHarness().listen()).toEqual({
      takes: bits(types.message, types.priority, types.identification, types.ascii),
      gives: bits(types.command, types.ascii, types.quiesce),
    });
  });

  test.each([
    [{ line: true, ascii: false }, bits(types.message, types.priority), bits(types.command)],
    [{ line: false, ascii: true }, bits(types.ascii), bits(types.ascii)],
    [{ line: false, ascii: false }, 0, 0],
  ])('knows only the consoles that are there: %o', (consoles, takes, gives) => {
    const answer = new SclpHarness({ consoles }).listen();
    expect(answer).toEqual({ takes: takes + bits(types.identification), gives: gives + bits(types.quiesce) });
  });

  test.each([1, 2, 3, 4, 8, 32, 1020])('takes masks of %i bytes', (length) => {
    const guest = new SclpHarness();
    const block = sccb(12 + 4 * length);
    block.writeUInt16BE(length, 10);
    block.fill(0xff, 12, 12 + length);
    const { answer } = guest.call(commands.writeEventMask, block);
    expect(answer.readUInt16BE(6)).toBe(0x0020);
    const sends = answer.subarray(12 + 3 * length);
    const full = Buffer.alloc(Math.max(4, length));
    full.writeUInt32BE(bits(types.command, types.ascii, types.quiesce));
    expect(sends.equals(full.subarray(0, length))).toBe(true);
    guest.sclp.typed(text('x'));
    expect(guest.signals.at(-1)).toBe(length >= 4 ? 1 : SCCB_AT);
  });

  test('refuses no mask at all, masks that fit no SCCB, and masks that do not fit this one', () => {
    const guest = new SclpHarness();
    const block = sccb(28);
    expect(guest.response(commands.writeEventMask, block)).toBe(0x74f0);
    block.writeUInt16BE(1022, 10);
    expect(guest.response(commands.writeEventMask, block)).toBe(0x74f0);
    block.writeUInt16BE(5, 10);
    expect(guest.response(commands.writeEventMask, block)).toBe(0x0300);
    expect(guest.response(commands.writeEventMask, sccb(11))).toBe(0x0300);
  });
});

describe('what is typed', () => {
  test('waits until the guest reads that console, and the signal of its mask says that it waits', () => {
    const guest = new SclpHarness();
    guest.sclp.typed(text('early\n'));
    expect(guest.signals).toEqual([]);
    guest.listen(types.command);
    expect(guest.signals).toEqual([SCCB_AT | 1]);
    expect(read(guest)).toBe('command early');
    expect(guest.signals.at(-1)).toBe(SCCB_AT);
  });

  test('comes in lines to the line-mode console, whatever ends them', () => {
    const guest = new SclpHarness();
    guest.listen(types.command);
    guest.sclp.typed(text('ls [a'));
    expect(guest.signals.slice(1)).toEqual([]);
    guest.sclp.typed(text('|b]\r\nsecond\r\rlast\nrest'));
    expect(guest.signals.slice(1)).toEqual([1]);
    const got = [read(guest), read(guest), read(guest), read(guest), read(guest)];
    expect(got).toEqual(['command ls [a|b]', 'command second', 'command ', 'command last', '60f0']);
  });

  test('is UTF-8 to the line-mode console', () => {
    const guest = new SclpHarness();
    guest.listen(types.command);
    guest.sclp.typed(text('Grüße €\n'));
    expect(read(guest)).toBe('command Grüße ?');
  });

  test('comes in pieces when a line is longer than a command can be', () => {
    const guest = new SclpHarness();
    guest.listen(types.command);
    guest.sclp.typed(text(`${'a'.repeat(LONGEST_COMMAND)}bcd\n`));
    expect([read(guest), read(guest), read(guest)]).toEqual([
      `command ${'a'.repeat(LONGEST_COMMAND)}`,
      'command bcd',
      '60f0',
    ]);
  });

  test('comes unchanged to the ASCII console, as much as fits', () => {
    const guest = new SclpHarness();
    guest.listen(types.ascii);
    guest.sclp.typed(Uint8Array.of(0x1b, 0x5b, 0x41, 0, 0xff));
    const event = guest.readEvent();
    expect(event).toEqual({ type: types.ascii, data: Buffer.of(0, 0x1b, 0x5b, 0x41, 0, 0xff) });
    guest.sclp.typed(text('x'.repeat(5000)));
    const first = guest.call(commands.readEventData, sccb(4096)).answer;
    expect(first.readUInt16BE(8)).toBe(4096 - 8);
    expect(guest.signals.at(-1)).toBe(SCCB_AT | 1);
    const second = guest.readEvent();
    expect(typeof second === 'number' ? 0 : second.data.length).toBe(1 + 5000 - (4096 - 8 - 6 - 1));
  });

  test('goes to the console that the guest wrote to last when it reads both', () => {
    const guest = new SclpHarness();
    guest.listen(types.command, types.ascii);
    guest.sclp.typed(text('first\n'));
    expect(read(guest)).toBe('ascii first\n');
    const line = Buffer.concat([
      Buffer.from('001b0001d4c4c24000000001000f000410000000000000', 'hex').subarray(0, 22),
      textToEbcdic('login'),
    ]);
    line.writeUInt16BE(line.length, 0);
    line.writeUInt16BE(line.length - 12, 12);
    guest.call(commands.writeEventData, eventSccb({ type: types.message, data: line }));
    expect(guest.shown()).toBe('login\n');
    guest.sclp.typed(text('root\n'));
    expect(read(guest)).toBe('command root');
    guest.call(commands.writeEventData, eventSccb({ type: types.ascii, data: text('$ ') }));
    guest.sclp.typed(text('ls\n'));
    expect(read(guest)).toBe('ascii ls\n');
  });
});

describe('read event data', () => {
  test('without anything to read says so', () => {
    const guest = new SclpHarness();
    expect(read(guest)).toBe('60f0');
    guest.listen(types.command);
    expect(read(guest)).toBe('60f0');
  });

  test('says that events are suppressed when the guest does not read their type', () => {
    const guest = new SclpHarness();
    guest.sclp.typed(text('x'));
    expect(read(guest)).toBe('62f0');
  });

  test('gives one event of each type, and a length where the guest asked for one', () => {
    const guest = new SclpHarness();
    guest.listen(types.command, types.quiesce);
    guest.sclp.typed(text('one\ntwo\n'));
    guest.sclp.quiesce();
    const { answer } = guest.call(commands.readEventData, sccb(4096, { variable: true }));
    const first = answer.readUInt16BE(8);
    expect([first, answer.readUInt8(10)]).toEqual([6 + 16 + 3, types.command]);
    const second = 8 + first;
    expect([answer.readUInt16BE(second), answer.readUInt8(second + 2)]).toEqual([9, types.quiesce]);
    expect([answer.readUInt16BE(0), answer.readUInt8(5)]).toEqual([second + 9, 0]);
    expect(guest.signals.at(-1)).toBe(SCCB_AT | 1);
    expect(read(guest)).toBe('command two');
  });

  test('without a length clears what is behind the events', () => {
    const guest = new SclpHarness();
    guest.listen(types.quiesce);
    guest.sclp.quiesce();
    const { answer } = guest.call(commands.readEventData, sccb(64).fill(0xee, 8));
    expect(answer.readUInt16BE(0)).toBe(64);
    expect(answer.subarray(8).toString('hex')).toBe(`00091d000000000000${'00'.repeat(47)}`);
  });

  test('selects by a mask, which must be part of the receive mask', () => {
    const guest = new SclpHarness();
    const selective = (mask: number): number => {
      const block = sccb(4096, { functionCode: 1 });
      block.writeUInt32BE(mask, 8);
      return guest.response(commands.readEventData, block);
    };
    expect(selective(0)).toBe(0x70f0);
    guest.listen(types.command, types.quiesce);
    guest.sclp.quiesce();
    expect(selective(bits(types.ascii))).toBe(0x70f0);
    expect(selective(bits(types.command))).toBe(0x62f0);
    expect(selective(bits(types.command, types.quiesce))).toBe(0x0020);
    expect(selective(bits(types.quiesce))).toBe(0x60f0);
  });

  test('refuses other functions, and an SCCB without room, and keeps the event', () => {
    const guest = new SclpHarness();
    guest.listen(types.quiesce);
    guest.sclp.quiesce();
    expect(guest.response(commands.readEventData, sccb(4096, { functionCode: 2 }))).toBe(0x40f0);
    expect(guest.response(commands.readEventData, sccb(13))).toBe(0x0300);
    expect(guest.response(commands.readEventData, sccb(14))).toBe(0x75f0);
    expect(guest.response(commands.readEventData, sccb(16))).toBe(0x75f0);
    expect(read(guest)).toBe('type 29');
  });
});

describe('write event data', () => {
  test('of the ASCII console is shown as it is', () => {
    const guest = new SclpHarness();
    const data = Buffer.from('\x1b[1mGrüße\x1b[0m\r\n');
    expect(guest.response(commands.writeEventData, eventSccb({ type: types.ascii, data }))).toBe(0x0020);
    expect(guest.shown()).toBe('\x1b[1mGrüße\x1b[0m\r\n');
  });

  test('knows one function only', () => {
    const block = eventSccb({ type: types.ascii, data: text('x') });
    block.writeUInt8(1, 2);
    expect(new SclpHarness().response(commands.writeEventData, block)).toBe(0x40f0);
  });

  test('of an identification is kept', () => {
    const guest = new SclpHarness();
    expect(guest.sclp.identification).toBeUndefined();
    const data = Buffer.alloc(74);
    data.set(textToEbcdic('LINUX   '), 2);
    data.set(textToEbcdic('NODE1   '), 18);
    data.writeBigUInt64BE(0x0006_0100n, 34);
    data.set(textToEbcdic('        '), 50);
    expect(guest.response(commands.writeEventData, eventSccb({ type: types.identification, data }))).toBe(0x0020);
    expect(guest.sclp.identification).toEqual({
      systemType: 'LINUX',
      systemName: 'NODE1',
      systemLevel: 0x0006_0100n,
      sysplexName: '',
    });
    const short = eventSccb({ type: types.identification, data: data.subarray(1) });
    expect(guest.response(commands.writeEventData, short)).toBe(0x72f0);
  });
});

describe('the request to shut down', () => {
  test('says whether the guest listens, and reaches one that listens later', () => {
    const guest = new SclpHarness();
    expect(guest.sclp.quiesce()).toBe(false);
    expect(guest.signals).toEqual([]);
    guest.listen(types.quiesce);
    expect(guest.signals).toEqual([SCCB_AT | 1]);
    expect(guest.readEvent()).toEqual({ type: types.quiesce, data: Buffer.alloc(3) });
    expect(guest.sclp.quiesce()).toBe(true);
    expect(guest.signals.at(-1)).toBe(1);
  });
});

test('a reset forgets what the guest has said, and keeps what was typed', () => {
  const guest = new SclpHarness();
  guest.listen(types.command, types.quiesce);
  guest.sclp.quiesce();
  guest.sclp.typed(text('x\n'));
  guest.sclp.reset();
  expect(read(guest)).toBe('62f0');
  guest.listen(types.command, types.quiesce);
  expect([read(guest), read(guest)]).toEqual(['command x', '60f0']);
});

test('a saved state goes on as the first did', () => {
  const guest = new SclpHarness();
  guest.listen(types.command, types.ascii, types.quiesce);
  guest.sclp.typed(text('ab'));
  guest.sclp.quiesce();
  const state = guest.sclp.save();
  const other = new SclpHarness();
  other.sclp.restore(state);
  const both = [guest, other].map((one) => one.call(commands.readEventData, sccb(64)).answer.toString('hex'));
  expect(both[1]).toBe(both[0]);
  expect(both[0]).toContain('00091d');
  expect(guest.sclp.save()).toEqual(other.sclp.save());
});
