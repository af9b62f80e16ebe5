import { describe, expect, test } from 'vitest';
import { at, Bench, enabled } from './channel.ts';

/** Status words of a program that ended well. */
const ENDED = 0x4007;
const ALERTED = 0x4017;
const clean = { control: ENDED, device: 0x0c, channel: 0 };
const programCheck = { control: ALERTED, device: 0, channel: 0x20 };

describe('one command', () => {
  test('a read of format 1 stores what the device sends', () => {
    const b = enabled();
    expect(b.run('02 00 0010 00008000')).toMatchObject({ ...clean, ccw: at.program + 8, count: 0 });
    expect(b.hex(at.data, 16)).toBe('a0a1a2a3a4a5a6a7a8a9aaabacadaeaf');
  });

  test('a read of format 0 has its address in 24 bits, and ignores what lies between flags and count', () => {
    const b = enabled();
    expect(b.run('02 008000 00 ff 0010', { control: 0 })).toMatchObject({ ...clean, count: 0 });
    expect(b.hex(at.data, 4)).toBe('a0a1a2a3');
  });

  test('a write hands the device its bytes', () => {
    const b = enabled();
    b.put(at.data, '000102030405060708090a0b0c0d0e0f');
    b.run('01 00 0010 00008000');
    expect(b.device.received).toEqual(Uint8Array.from({ length: 16 }, (_, i) => i));
  });

  test('the status word repeats the request: key, suspend, format, prefetch', () => {
    const b = enabled();
    expect(b.run('07 00 0000 00000000', { control: 0x38c0 }).flags).toBe(0x38c0);
  });

  test('sense identification is whole, and zeros follow', () => {
    const b = enabled();
    b.bytes.fill(0xee, at.data, at.data + 32);
    expect(b.run('e4 20 0020 00008000')).toMatchObject({ ...clean, count: 0 });
    expect(b.hex(at.data, 12)).toBe('ff123456789abc0000000000');
  });

  test('a refused command is a unit check, with sense data to fetch once', () => {
    const b = enabled();
    expect(b.run('33 00 0000 00000000')).toMatchObject({ control: ALERTED, device: 0x02, channel: 0, erw: 0 });
    b.run('04 20 0020 00008000');
    expect(b.hex(at.data, 2)).toBe('8000');
    b.run('04 20 0020 00008000');
    expect(b.hex(at.data, 2)).toBe('0000');
  });

  test('concurrent sense comes with the status when the subchannel has it', () => {
    const b = new Bench();
    b.enable(0, 1);
    const status = b.run('33 00 0000 00000000');
    expect(status).toMatchObject({ device: 0x02, erw: 0x0120_0000, sense: 0x80 });
    expect(status.flags & 2).toBe(2);
    b.run('04 20 0020 00008000');
    expect(b.hex(at.data, 1)).toBe('00');
  });
});

describe('incorrect length', () => {
  test('is none when the device refuses the command, which ends without channel end; the count is whole', () => {
    const b = enabled();
    expect(b.run('33 00 0005 00008000')).toMatchObject({ control: ALERTED, device: 0x02, channel: 0, count: 5 });
  });

  test.each([
    ['shorter data than the count', '02 00 0014 00008000', {}, 0x40, 4],
    ['shorter data, suppressed', '02 20 0014 00008000', {}, 0, 4],
    ['longer data than the count', '02 00 000c 00008000', {}, 0x40, 0],
    ['longer data, suppressed', '02 20 000c 00008000', {}, 0, 0],
    ['an immediate command with a count, format 1', '07 00 0001 00008000', {}, 0x40, 1],
    [
      'an immediate command with a count, format 1, suppressed by the request',
      '07 00 0001 00008000',
      { last: 0x80 },
      0,
      1,
    ],
    ['an immediate command with a count, format 0', '07 008000 00 00 0001', { control: 0 }, 0, 1],
  ])('%s', (_, program, orb, channel, count) => {
    expect(enabled().run(program, orb)).toMatchObject({ control: ENDED, device: 0x0c, channel, count });
  });

  test('it ends command chaining', () => {
    const b = enabled();
    expect(b.run('02 40 0014 00008000  07 00 0000 00000000')).toMatchObject({ channel: 0x40, ccw: at.program + 8 });
    expect(b.device.commands).toEqual([0x02]);
  });

  test('a device that ends inside data chaining has it, suppressed or not', () => {
    const b = enabled();
    expect(b.run('02 a0 0014 00008000  00 20 0004 00009000')).toMatchObject({ channel: 0x40, count: 4 });
  });
});

describe('chaining', () => {
  test('commands follow one another while all is well', () => {
    const b = enabled();
    expect(b.run('02 40 0010 00008000  07 60 0000 00000000  01 20 0010 00008000')).toMatchObject(clean);
    expect(b.device.commands).toEqual([0x02, 0x07, 0x01]);
    expect(b.device.received[0]).toBe(0xa0);
  });

  test('status modifier skips a word', () => {
    const b = enabled();
    b.device.status = 0x4c;
    b.run('0b 60 0000 00000000  33 60 0000 00000000  07 20 0000 00000000');
    expect(b.device.commands).toEqual([0x0b, 0x07]);
  });

  test.each([0x0e, 0x0d, 0x08, 0x8c])('device status %s ends it', (status) => {
    const b = enabled();
    b.device.status = status;
    expect(b.run('0b 60 0000 00000000  07 20 0000 00000000').device).toBe(status);
    expect(b.device.commands).toEqual([0x0b]);
  });

  test('data chaining gathers and scatters', () => {
    const b = enabled();
    const scattered = '02 80 0004 00008000  00 80 0004 00009000  00 00 0008 0000a000';
    expect(b.run(scattered)).toMatchObject({ ...clean, count: 0, ccw: at.program + 24 });
    expect([b.hex(0x8000, 5), b.hex(0x9000, 5), b.hex(0xa000, 9)]).toEqual([
      'a0a1a2a300',
      'a4a5a6a700',
      'a8a9aaabacadaeaf00',
    ]);
    b.run(scattered.replace('02', '01'));
    expect(b.device.received).toEqual(b.device.data);
  });

  test('the residual count is that of the word in use', () => {
    const b = enabled();
    expect(b.run('02 80 000c 00008000  00 20 0008 00009000')).toMatchObject({ count: 4, channel: 0 });
  });

  test('skip leaves storage alone', () => {
    const b = enabled();
    expect(b.run('02 90 0004 00008000  00 00 000c 00009000')).toMatchObject(clean);
    expect([b.hex(0x8000, 4), b.hex(0x9000, 4)]).toEqual(['00000000', 'a4a5a6a7']);
  });

  test('transfer in channel, in command and in data chaining', () => {
    const b = enabled();
    b.put(0x2800, '02 80 0008 00008000  08 00 0000 00002900');
    b.put(0x2900, '00 00 0008 00009000');
    expect(b.run('07 60 0000 00000000  08 00 0000 00002800')).toMatchObject({ ...clean, ccw: 0x2908 });
    expect(b.hex(0x9000, 2)).toBe('a8a9');
  });
});

describe('indirect data addresses', () => {
  test('format 1: 2 KiB blocks, the first may begin anywhere in one', () => {
    const b = enabled();
    b.device.data = Uint8Array.from({ length: 2060 }, (_, i) => i);
    b.put(0x4000, '000087fc 00009000 0000a800');
    expect(b.run('02 04 080c 00004000')).toMatchObject({ ...clean, count: 0 });
    expect([b.hex(0x87fc, 5), b.hex(0x9000, 2), b.hex(0xa800, 9)]).toEqual([
      '0001020300',
      '0405',
      '0405060708090a0b00',
    ]);
  });

  test.each([
    ['4 KiB blocks', 0x0082, 0x9000, 0xa000],
    ['2 KiB blocks', 0x0083, 0x8800, 0xa000],
  ])('format 2: %s', (_, control, second, third) => {
    const b = enabled();
    const block = control === 0x82 ? 4096 : 2048;
    b.device.data = Uint8Array.from({ length: block + 6 }, (__, i) => i % 251);
    b.view.setBigUint64(0x4000, BigInt(0x8000 + block - 2));
    b.view.setBigUint64(0x4008, BigInt(second));
    b.view.setBigUint64(0x4010, BigInt(third));
    b.view.setUint16(at.program + 2, block + 6);
    expect(b.run(`02 04 ${(block + 6).toString(16).padStart(4, '0')} 00004000`, { control })).toMatchObject(clean);
    expect(b.hex(third, 4)).toBe(Buffer.from(b.device.data.subarray(block + 2)).toString('hex'));
  });

  test.each([
    ['a list off its boundary', '00004002', '00008000 00009000', 0x80],
    ['a list of doublewords off its boundary', '00004004', '00000000 00000000 00008000', 0x82],
    ['a word with bit 0', '00004000', '80008000', 0x80],
    ['a later word inside a block', '00004000', '00008000 00009004', 0x80],
    ['a list outside storage', '7ffffff0', '', 0x80],
    ['a word that names nothing', '00004000', '7f000000', 0x80],
  ])('%s is a program check', (_, list, words, control) => {
    const b = enabled();
    b.device.data = new Uint8Array(4096);
    b.put(0x4000, words);
    expect(b.run(`02 04 1000 ${list}`, { control })).toMatchObject({ control: ALERTED, channel: 0x20 });
  });
});

describe('checks', () => {
  test.each([
    ['command code zero', '00 00 0001 00008000', {}],
    ['a first word that transfers', '08 00 0000 00002800', {}],
    ['an address with bit 0', '02 00 0010 80008000', {}],
    ['no count where data are chained', '02 80 0000 00008000  00 00 0010 00008000', {}],
    ['no count, format 0', '07 000000 00 00 0000', { control: 0 }],
    ['suspend flag without suspend control', '07 02 0000 00000000', {}],
    ['modified indirect addressing', '02 01 0010 00008000', {}],
    ['a program off its boundary', '', { program: 0x2004 }],
    ['a program outside storage', '', { program: 0x7fff_fff8 }],
    ['a program of format 0 beyond 24 bits', '', { program: 0x0100_0000, control: 0 }],
  ])('%s is a program check before the device is reached', (_, program, orb) => {
    const b = enabled();
    expect(b.run(program, orb)).toMatchObject(programCheck);
    expect(b.device.commands).toEqual([]);
  });

  test.each([
    ['to a transfer', '08 00 0000 00002010  08 00 0000 00002000'],
    ['to no doubleword', '08 00 0000 00002004'],
    ['with a count', '08 00 0001 00002010'],
    ['with flags', '08 20 0000 00002010'],
  ])('a transfer %s is a program check', (_, program) => {
    const b = enabled();
    expect(b.run(`07 60 0000 00000000  ${program}`)).toMatchObject(programCheck);
    expect(b.device.commands).toEqual([0x07]);
  });

  test.each([
    ['no count', '02 80 0008 00008000  00 00 0000 00008000'],
    ['suspend flag', '02 80 0008 00008000  00 02 0008 00008000'],
  ])('a data-chained word with %s is a program check', (_, program) => {
    expect(enabled().run(program, { control: 0x880 })).toMatchObject({ control: ALERTED, channel: 0x20 });
  });

  test('storage that is not there is a program check, protected storage a protection check', () => {
    const b = enabled();
    expect(b.run('02 00 0010 00100000')).toMatchObject({ control: ALERTED, channel: 0x20, device: 0x0c });
    b.storage.keys.set(8, 2);
    expect(b.run('02 00 0010 00008000', { control: 0x1080 })).toMatchObject({ channel: 0x10 });
    expect(b.hex(at.data, 4)).toBe('00000000');
    expect(b.run('02 00 0010 00008000', { control: 0x2080 })).toMatchObject(clean);
    expect(b.run('01 00 0010 00008000', { control: 0x1080 })).toMatchObject(clean);
    b.storage.keys.set(8, 0x102);
    expect(b.run('01 00 0010 00008000', { control: 0x1080 })).toMatchObject({ channel: 0x10 });
  });

  test('a chain without an end ends', () => {
    const b = enabled();
    expect(b.run('02 60 0010 00008000  08 00 0000 00002000')).toMatchObject({ channel: 0x20 });
    expect(b.device.commands.length).toBeLessThan(5000);
    b.device.data = new Uint8Array(8192);
    expect(b.run('02 a0 0001 00008000  08 00 0000 00002000')).toMatchObject({ control: ALERTED, channel: 0x20 });
  });

  test.each([
    ['below', 1, 0x0002_0000, '00018000', 0x20],
    ['from the limit on', 1, 0x0002_0000, '00020000', 0],
    ['across', 2, 0x0002_0000, '0001fff8', 0x20],
    ['below the limit', 2, 0x0002_0000, '0001fff0', 0],
  ])('address-limit checking: %s, mode %i', (_, mode, limit, address, channel) => {
    const b = new Bench();
    b.enable(mode << 5);
    b.io(0xb237, { gr1: limit });
    expect(b.run(`02 00 0010 ${address}`, { control: 0x0090 }).channel).toBe(channel);
    expect(b.run(`02 00 0010 ${address}`).channel).toBe(0);
  });
});

describe('status on the way', () => {
  test('program-controlled interruption is reported with the rest', () => {
    expect(enabled().run('02 08 0010 00008000')).toMatchObject({ control: 0x400f, channel: 0x80 });
  });

  test('initial status is reported when it was asked for', () => {
    expect(enabled().run('07 00 0000 00000000', { control: 0x00a0 })).toMatchObject({ control: 0x400f, flags: 0x00a4 });
  });
});
