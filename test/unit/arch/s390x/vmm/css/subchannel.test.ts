import { describe, expect, test } from 'vitest';
import { Bench, enabled, opcode, schid } from './channel.ts';

const PGM_SPECIFICATION = { kind: 'pgm', code: 6 };
const PGM_OPERAND = { kind: 'pgm', code: 0x15 };
const NOTHING = '07 20 0000 00000000';
const SUSPEND = { control: 0x0880 };

describe('STORE and MODIFY SUBCHANNEL', () => {
  test('a subchannel as it comes: its device, its path, disabled', () => {
    const b = new Bench();
    expect(b.io(opcode.stsch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.hex(0x3000, 52)).toBe(
      ['00000000', '00010001', '80000080', '0000ff80', '00'.repeat(8), '00000000', '00'.repeat(24)].join(''),
    );
  });

  test('past the last subchannel condition code 3 and nothing stored', () => {
    const b = new Bench();
    b.bytes.fill(0xee, 0x3000, 0x3040);
    expect(b.io(opcode.stsch, { gr1: schid(1) })).toEqual({ kind: 'cc', cc: 3 });
    expect(b.io(opcode.stsch, { gr1: 0x0003_0000 })).toEqual({ kind: 'cc', cc: 3 });
    expect(b.hex(0x3000, 4)).toBe('eeeeeeee');
  });

  test('a hole between subchannels is stored as one without a device', () => {
    const b = new Bench();
    const second = b.css.attach(new Bench().device);
    const [first] = b.css.subchannels;
    if (first === undefined || second === undefined) throw new Error('two subchannels');
    b.css.unplug(first);
    b.bytes.fill(0xee, 0x3000, 0x3040);
    expect(b.io(opcode.stsch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.hex(0x3000, 52)).toBe('00'.repeat(52));
    expect(b.io(opcode.msch)).toEqual({ kind: 'cc', cc: 3 });
  });

  test('what can be modified is, and the rest stays', () => {
    const b = new Bench();
    b.put(0x3000, `99887766 3ffc ffff ff111100 1234 5511 ${'ff'.repeat(8)} 00000005`);
    b.view.setUint16(0x3004, 0x38bc);
    b.view.setBigUint64(0x3028, 0x1_2340n);
    expect(b.io(opcode.msch)).toEqual({ kind: 'cc', cc: 0 });
    b.io(opcode.stsch);
    expect(b.hex(0x3000, 52)).toBe(
      [
        '99887766',
        '38bd0001',
        'ff000080',
        '12345580',
        '00'.repeat(8),
        '00000005',
        '00'.repeat(12),
        '0000000000012340',
        '00000000',
      ].join(''),
    );
  });

  test('the device hears when it is enabled and disabled, and only then', () => {
    const b = enabled();
    b.enable();
    b.io(opcode.stsch);
    b.view.setUint16(0x3004, 0x1801);
    b.io(opcode.msch);
    expect(b.device.log).toEqual(['enabled', 'disabled']);
  });

  test.each([
    ['a reserved flag', 0x3004, 0x0200],
    ['bit 0 of the flags', 0x3004, 0x8000],
    ['bit 1 of the flags', 0x3004, 0x4000],
    ['limit mode 3', 0x3004, 0x0060],
    ['a reserved characteristic', 0x3018, 0x0100],
    ['extended measurement words', 0x301a, 0x0002],
  ])('%s is an operand exception', (_, at, half) => {
    const b = new Bench();
    b.view.setUint16(at, half);
    expect(b.io(opcode.msch)).toEqual(PGM_OPERAND);
  });

  test('the measurement-block address is kept in either format', () => {
    const b = new Bench();
    for (const [format, address] of [
      [4, 0x1240n],
      [0, 0x21n],
      [0, 0n],
    ] as const) {
      b.view.setUint32(0x3018, format);
      b.view.setBigUint64(0x3028, address);
      expect(b.io(opcode.msch)).toEqual({ kind: 'cc', cc: 0 });
      b.io(opcode.stsch);
      expect(b.view.getBigUint64(0x3028)).toBe(address);
    }
  });

  test('a measurement block of format 1 off its boundary is an operand exception', () => {
    const b = new Bench();
    b.view.setUint32(0x3018, 4);
    b.view.setBigUint64(0x3028, 0x20n);
    expect(b.io(opcode.msch)).toEqual(PGM_OPERAND);
  });

  test('status pending and a function under way keep it from being modified', () => {
    const b = enabled();
    b.start(NOTHING);
    b.io(opcode.stsch);
    expect(b.io(opcode.msch)).toEqual({ kind: 'cc', cc: 1 });
    b.test();
    b.start('07 22 0000 00000000', { control: 0x0888 });
    b.io(opcode.stsch);
    expect(b.io(opcode.msch)).toEqual({ kind: 'cc', cc: 2 });
  });
});

describe('operands', () => {
  const all = [opcode.msch, opcode.ssch, opcode.stsch, opcode.tsch, opcode.stcrw];
  test.each(all)('%i: an address off its boundary is a specification exception, whatever GR1 holds', (op) => {
    expect(new Bench().io(op, { gr1: 0, address: 0x3002 })).toEqual(PGM_SPECIFICATION);
  });

  const named = [
    opcode.csch,
    opcode.hsch,
    opcode.msch,
    opcode.ssch,
    opcode.stsch,
    opcode.tsch,
    opcode.rsch,
    opcode.xsch,
  ];
  test.each(named)('%i: GR1 that names no subchannel is an operand exception', (op) => {
    for (const gr1 of [0, 0x0010_0000, 0x0100_0000 | schid(0), 0x0080_0000 | schid(0)]) {
      expect(new Bench().io(op, { gr1 })).toEqual(PGM_OPERAND);
    }
  });
  test.each(named)('%i: storage that cannot be accessed comes before that', (op) => {
    const access = [opcode.msch, opcode.ssch, opcode.stsch, opcode.tsch].some((o) => o === op);
    const act = (): unknown => new Bench().io(op, { gr1: 0, address: 0x7fff_0000 });
    if (access) expect(act).toThrow('no storage');
    else expect(act()).toEqual(PGM_OPERAND);
  });
  test.each(named)('%i: no such subchannel is condition code 3', (op) => {
    const b = new Bench();
    expect(b.io(op, { gr1: schid(7) })).toEqual({ kind: 'cc', cc: 3 });
    // Multiple images, not asked for.
    expect(b.io(op, { gr1: 0xfe09_0000 })).toEqual({ kind: 'cc', cc: 3 });
  });
  test.each([
    opcode.csch,
    opcode.hsch,
    opcode.ssch,
    opcode.tsch,
    opcode.rsch,
    opcode.xsch,
  ])('%i: a disabled subchannel is not operational', (op) => {
    const b = new Bench();
    b.view.setUint8(0x3006, 0xff);
    expect(b.io(op)).toEqual({ kind: 'cc', cc: 3 });
  });

  test('images are named once they have been asked for', () => {
    const b = new Bench();
    b.css.multipleImages = true;
    expect(b.io(opcode.stsch, { gr1: 0xfe09_0000 })).toEqual({ kind: 'cc', cc: 0 });
    expect(b.io(opcode.stsch, { gr1: 0x0109_0000 })).toEqual({ kind: 'cc', cc: 3 });
    b.enable();
    b.start(NOTHING);
    expect(b.pending[0]?.subchannelId).toBe(0xfe09);
  });
});

describe('START SUBCHANNEL', () => {
  test('ends with an interruption of the subclass, with the parameter of the request', () => {
    const b = enabled();
    expect(b.start(NOTHING)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.pending).toEqual([{ subchannelId: 1, subchannelNumber: 0, parameter: 0xcafe_0001, word: 0x1800_0000 }]);
  });

  test.each([
    ['the parameter word 1 bit 13', { control: 0x0084 }],
    ['reserved bits', { last: 0x02 }],
    ['modified indirect addressing', { last: 0x40 }],
    ['bit 0 of the program address', { program: 0x8000_2000 }],
  ])('%s is an operand exception', (_, orb) => {
    expect(enabled().start(NOTHING, orb)).toEqual(PGM_OPERAND);
  });

  test('status pending is condition code 1, a function under way 2, no path 3', () => {
    const b = enabled();
    expect(b.start(NOTHING, { lpm: 0x7f })).toEqual({ kind: 'cc', cc: 3 });
    b.start(NOTHING);
    expect(b.start(NOTHING)).toEqual({ kind: 'cc', cc: 1 });
    b.test();
    b.start('07 22 0000 00000000', { control: 0x0888 });
    expect(b.start(NOTHING)).toEqual({ kind: 'cc', cc: 2 });
  });
});

describe('TEST SUBCHANNEL', () => {
  test('clears the status and withdraws the interruption', () => {
    const b = enabled();
    b.start(NOTHING);
    expect(b.test()).toMatchObject({ outcome: { kind: 'cc', cc: 0 }, control: 0x4007 });
    expect(b.pending).toEqual([]);
    expect(b.test()).toMatchObject({ outcome: { kind: 'cc', cc: 1 }, control: 0 });
  });

  test('leaves an interruption of another subchannel alone', () => {
    const b = enabled();
    b.pending.push({ subchannelId: 1, subchannelNumber: 5, parameter: 0, word: 0 });
    b.start(NOTHING);
    b.test();
    expect(b.pending).toHaveLength(1);
  });

  test('the device may speak up, once until it has been heard', () => {
    const b = enabled();
    b.device.port?.alert();
    b.device.port?.alert();
    expect(b.pending).toEqual([{ subchannelId: 1, subchannelNumber: 0, parameter: 0x1122_3344, word: 0x1800_0000 }]);
    expect(b.test()).toMatchObject({ control: 0x0011, device: 0 });
  });

  test('a device on a disabled subchannel is not heard', () => {
    const b = new Bench();
    b.device.port?.alert();
    expect(b.pending).toEqual([]);
  });

  test('an adapter interruption belongs to no subchannel', () => {
    const b = enabled();
    b.device.port?.adapterInterruption(5);
    expect(b.pending).toEqual([{ subchannelId: 0, subchannelNumber: 0, parameter: 0, word: 0xa800_0000 }]);
  });
});

describe('suspension', () => {
  const program = '07 60 0000 00000000  07 22 0000 00000000';

  test('stops ahead of the word and says so', () => {
    const b = enabled();
    b.start(program, SUSPEND);
    expect(b.device.commands).toEqual([0x07]);
    expect(b.test()).toMatchObject({ control: 0x4029, device: 0, ccw: 0x2010 });
    expect(b.test()).toMatchObject({ outcome: { kind: 'cc', cc: 1 }, control: 0x4020 });
  });

  test('says nothing when that is suppressed', () => {
    const b = enabled();
    b.start(program, { control: 0x0888 });
    expect(b.pending).toEqual([]);
    expect(b.test()).toMatchObject({ outcome: { kind: 'cc', cc: 1 }, control: 0x4020 });
  });

  test('RESUME SUBCHANNEL fetches the word again', () => {
    const b = enabled();
    b.start(program, { control: 0x0888 });
    expect(b.io(opcode.rsch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.device.commands).toEqual([0x07]);
    b.put(0x2008, '07 20 0000 00000000');
    expect(b.io(opcode.rsch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.device.commands).toEqual([0x07, 0x07]);
    expect(b.test()).toMatchObject({ control: 0x4007, device: 0x0c, ccw: 0x2010 });
  });

  test('RESUME SUBCHANNEL with nothing to resume, or status pending', () => {
    const b = enabled();
    expect(b.io(opcode.rsch)).toEqual({ kind: 'cc', cc: 2 });
    b.start(NOTHING);
    expect(b.io(opcode.rsch)).toEqual({ kind: 'cc', cc: 1 });
  });

  test('CANCEL SUBCHANNEL forgets a suspended program', () => {
    const b = enabled();
    expect(b.io(opcode.xsch)).toEqual({ kind: 'cc', cc: 2 });
    b.start(program, SUSPEND);
    expect(b.io(opcode.xsch)).toEqual({ kind: 'cc', cc: 1 });
    b.test();
    expect(b.io(opcode.xsch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.start(NOTHING)).toEqual({ kind: 'cc', cc: 0 });
  });
});

describe('HALT and CLEAR SUBCHANNEL', () => {
  test('halt of an idle subchannel is status pending', () => {
    const b = enabled();
    expect(b.io(opcode.hsch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.pending).toHaveLength(1);
    expect(b.io(opcode.hsch)).toEqual({ kind: 'cc', cc: 1 });
    expect(b.test()).toMatchObject({ control: 0x2001, device: 0x04 });
    expect(b.io(opcode.hsch)).toEqual({ kind: 'cc', cc: 0 });
  });

  test('halt of a suspended program ends it', () => {
    const b = enabled();
    b.start('07 22 0000 00000000', SUSPEND);
    expect(b.io(opcode.hsch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.pending).toHaveLength(1);
    expect(b.test()).toMatchObject({ control: 0x2005, device: 0 });
  });

  test('halt of a program that has ended comes too late', () => {
    const b = enabled();
    b.start(NOTHING);
    expect(b.io(opcode.hsch)).toEqual({ kind: 'cc', cc: 1 });
  });

  test('clear takes status and interruption away, and makes its own', () => {
    const b = enabled();
    b.start('02 20 0014 00008000');
    expect(b.io(opcode.csch)).toEqual({ kind: 'cc', cc: 0 });
    expect(b.pending).toHaveLength(1);
    expect(b.test()).toMatchObject({ control: 0x1001, device: 0, channel: 0, count: 0, flags: 0, ccw: 0 });
  });
});

test('subsystem reset: subchannels as they came, nothing pending', () => {
  const b = enabled();
  b.css.addressLimit = 0x1_0000;
  b.start(NOTHING);
  b.css.multipleImages = true;
  b.css.reset();
  expect(b.pending.length + b.css.addressLimit).toBe(0);
  expect(b.css.multipleImages).toBe(false);
  expect(b.io(opcode.tsch)).toEqual({ kind: 'cc', cc: 3 });
  expect(b.device.log).toEqual(['enabled', 'reset']);
});
