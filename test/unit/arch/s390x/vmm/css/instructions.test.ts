import { describe, expect, test } from 'vitest';
import { Bench, enabled, opcode, TestDevice } from './channel.ts';

const PGM_SPECIFICATION = { kind: 'pgm', code: 6 };
const PGM_OPERAND = { kind: 'pgm', code: 0x15 };

/** A CHSC request: command and words; the response is at 0x3000 + length. */
function call(b: Bench, command: number, words: readonly number[] = [], length = 16): string {
  b.view.setUint16(0x3000, length);
  b.view.setUint16(0x3002, command);
  for (const [i, word] of [...words, 0, 0, 0].slice(0, 3).entries()) b.view.setUint32(0x3004 + 4 * i, word);
  expect(b.io(opcode.chsc)).toEqual({ kind: 'cc', cc: 0 });
  return b.hex(0x3000 + length, b.view.getUint16(0x3000 + length));
}

describe('CHANNEL SUBSYSTEM CALL', () => {
  test('a block off its page is a specification exception, a bad length an operand exception', () => {
    const b = new Bench();
    expect(b.io(opcode.chsc, { address: 0x3008 })).toEqual(PGM_SPECIFICATION);
    for (const length of [0, 8, 17, 4089, 4096, 0xfff8]) {
      b.view.setUint16(0x3000, length);
      expect(b.io(opcode.chsc)).toEqual(PGM_OPERAND);
    }
  });

  test('a command that there is not', () => {
    expect(call(new Bench(), 0x0024)).toBe('0008000400000000');
  });

  test('store event information: none', () => {
    expect(call(new Bench(), 0x000e)).toBe('0008000500000000');
  });

  test('characteristics fill the page', () => {
    const answer = call(new Bench(), 0x0010);
    expect(answer).toHaveLength(2 * 4080);
    expect(answer.slice(0, 48)).toBe('0ff0000100000000030000000007900000000000' + '00080000');
    expect(answer.slice(2 * (8 + 2040), 2 * (8 + 2056))).toBe('50000000000000000000000000040000');
  });

  test.each([
    ['a format', [0x0001_0000], '0007'],
    ['an image that is not there', [0x0000_0100], '0008'],
    ['reserved bits', [0x0000_0001], '0003'],
    ['more words', [0, 1], '0003'],
  ])('characteristics with %s', (_, words, code) => {
    expect(call(new Bench(), 0x0010, words)).toBe(`0008${code}00000000`);
  });

  test.each([
    ['format 0', [0, 0xff], '00100001000000008000320000000000'],
    ['format 1', [0x1000_0000, 0], `002800010000000180003200${'00'.repeat(28)}`],
    ['another path', [1, 0xff], '0008000100000000'],
    ['an empty range', [2, 1], '0008000300000000'],
    ['reserved bits', [0x4000_0000, 0], '0008000300000000'],
    ['a format of the request', [0x0100_0000, 0], '0008000700000000'],
    ['an image that is not there', [0x2001_0000, 0], '0008000800000000'],
  ])('channel-path description: %s', (_, words, answer) => {
    expect(call(new Bench(), 0x0002, words)).toBe(answer);
  });

  test('subchannel description', () => {
    const b = new Bench();
    expect(call(b, 0x0004, [0, 1])).toBe(
      ['0048000100000000', 'c001000180000000', '00'.repeat(24), '0000000000000001', '00'.repeat(24)].join(''),
    );
    expect(call(b, 0x0004, [0x0010_0000, 0])).toBe('0008000300000000');
    expect(call(b, 0x0004, [2, 1])).toBe('0008000300000000');
    // As many as fit the page.
    expect(call(b, 0x0004, [0, 0xffff])).toHaveLength(2 * (8 + 127 * 32));
  });

  test('set domain attribute: subchannel sets and images', () => {
    const b = new Bench();
    expect(call(b, 0x0031, [2], 0x400)).toBe('0008000100000000');
    expect([b.css.multipleSets, b.css.multipleImages]).toEqual([true, false]);
    expect(call(b, 0x0031, [0], 0x400)).toBe('0008000100000000');
    expect(b.css.multipleImages).toBe(true);
    expect(call(b, 0x0031, [9], 0x400)).toBe('0008000300000000');
    expect(call(b, 0x0031, [2])).toBe('0008000300000000');
    expect(call(b, 0x0031, [0x0100_0002], 0x400)).toBe('0008000700000000');
  });
});

describe('channel reports', () => {
  test('a device that is plugged in is reported, with the set once there are sets', () => {
    const b = new Bench();
    expect(b.css.plug(new TestDevice())?.deviceNumber).toBe(2);
    expect(b.reports).toBe(1);
    expect(b.io(opcode.stcrw)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.hex(0x3000, 4)).toBe('03040001');
    expect(b.io(opcode.stcrw)).toEqual({ kind: 'cc', cc: 1 });
    expect(b.hex(0x3000, 4)).toBe('00000000');
    b.css.multipleSets = true;
    b.css.plug(new TestDevice());
    expect(b.reports).toBe(2);
    b.io(opcode.stcrw);
    expect(b.hex(0x3000, 4)).toBe('13040002');
    b.io(opcode.stcrw);
    expect(b.hex(0x3000, 4)).toBe('03040000');
  });

  test('the guest is told once until it has found the queue empty', () => {
    const b = new Bench();
    for (let i = 0; i < 3; i++) b.css.plug(new TestDevice());
    expect(b.reports).toBe(1);
    for (let i = 0; i < 3; i++) expect(b.io(opcode.stcrw)).toEqual({ kind: 'cc', cc: 0 });
    b.css.plug(new TestDevice());
    expect(b.reports).toBe(1);
  });

  test('a report that cannot be stored is not lost', () => {
    const b = new Bench();
    b.css.plug(new TestDevice());
    expect(() => b.io(opcode.stcrw, { address: 0x7fff_0000 })).toThrow('no storage');
    expect(b.io(opcode.stcrw)).toEqual({ kind: 'cc', cc: 0 });
  });

  test('of too many the first stay, and the next after them says so', () => {
    const b = new Bench();
    for (let i = 0; i < 70; i++) b.io(opcode.rchp, { gr1: 0 });
    for (let i = 0; i < 64; i++) expect(b.io(opcode.stcrw)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.io(opcode.stcrw)).toEqual({ kind: 'cc', cc: 1 });
    b.io(opcode.rchp, { gr1: 0 });
    b.io(opcode.stcrw);
    expect(b.hex(0x3000, 4)).toBe('64020000');
  });

  test('a device that is unplugged is reported and gone', () => {
    const b = enabled();
    b.start('07 20 0000 00000000');
    const [subchannel] = b.css.subchannels;
    if (subchannel === undefined) throw new Error('a subchannel');
    b.css.unplug(subchannel);
    expect([b.pending.length, b.reports]).toEqual([0, 1]);
    expect(b.device.log).toEqual(['enabled', 'reset']);
    expect(b.io(opcode.tsch)).toEqual({ kind: 'cc', cc: 3 });
  });
});

describe('the channel subsystem as a whole', () => {
  test('RESET CHANNEL PATH reports the one path', () => {
    const b = new Bench();
    expect(b.io(opcode.rchp, { gr1: 0 })).toEqual({ kind: 'cc', cc: 0 });
    b.io(opcode.stcrw);
    expect(b.hex(0x3000, 4)).toBe('44020000');
    expect(b.io(opcode.rchp, { gr1: 1 })).toEqual({ kind: 'cc', cc: 3 });
    expect(b.io(opcode.rchp, { gr1: 0x00fe_0000 })).toEqual(PGM_OPERAND);
    b.css.multipleImages = true;
    expect(b.io(opcode.rchp, { gr1: 0x00fe_0000 })).toEqual({ kind: 'cc', cc: 0 });
    expect(b.io(opcode.rchp, { gr1: 0x100 })).toEqual(PGM_OPERAND);
  });

  test('SET ADDRESS LIMIT leaves the condition code', () => {
    const b = new Bench();
    expect(b.io(opcode.sal, { gr1: 0x0003_0000 })).toEqual({ kind: 'cc', cc: 2 });
    expect(b.css.addressLimit).toBe(0x3_0000);
    for (const gr1 of [1, 0x8000_0000]) expect(b.io(opcode.sal, { gr1 })).toEqual(PGM_OPERAND);
  });

  test('STORE CHANNEL PATH STATUS', () => {
    const b = new Bench();
    b.bytes.fill(0xee, 0x3000, 0x3030);
    expect(b.io(opcode.stcps)).toEqual({ kind: 'cc', cc: 2 });
    expect(b.hex(0x3000, 33)).toBe(`${'00'.repeat(32)}ee`);
    expect(b.io(opcode.stcps, { address: 0x3010 })).toEqual(PGM_SPECIFICATION);
  });

  test('SET CHANNEL MONITOR: starts are counted where the guest says', () => {
    const b = new Bench();
    b.enable(0x0010);
    b.io(opcode.stsch);
    b.view.setUint16(0x300c, 2);
    b.io(opcode.msch);
    expect(b.io(opcode.schm, { gr1: 2, gr2: 0x5000n })).toEqual({ kind: 'cc', cc: 2 });
    for (let i = 0; i < 3; i++) b.run('07 20 0000 00000000');
    expect(b.hex(0x5040, 4)).toBe('00030000');
    b.io(opcode.stsch);
    b.view.setUint32(0x3018, 4);
    b.view.setBigUint64(0x3028, 0x6040n);
    b.io(opcode.msch);
    b.run('07 20 0000 00000000');
    expect(b.hex(0x6040, 4)).toBe('00000001');
    b.io(opcode.schm, { gr1: 0 });
    b.run('07 20 0000 00000000');
    expect(b.hex(0x6040, 4)).toBe('00000001');
    expect(b.io(opcode.schm, { gr1: 4 })).toEqual(PGM_OPERAND);
    expect(b.io(opcode.schm, { gr1: 2, gr2: 0x10n })).toEqual(PGM_OPERAND);
  });

  test('SIGNAL ADAPTER finds no queues', () => {
    expect(new Bench().io(opcode.siga)).toEqual({ kind: 'cc', cc: 3 });
  });

  test('device numbers are taken once, the lowest first', () => {
    const b = new Bench();
    expect(b.css.attach(new TestDevice(), 1)).toBeUndefined();
    expect(b.css.attach(new TestDevice(), 0x10000)).toBeUndefined();
    expect(b.css.attach(new TestDevice(), 3)?.number).toBe(1);
    expect(b.css.attach(new TestDevice())?.deviceNumber).toBe(2);
    expect(b.css.attach(new TestDevice())?.deviceNumber).toBe(4);
  });
});
