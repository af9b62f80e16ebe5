import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands, SCCB_AT, SclpHarness, sccb } from './harness.ts';

const mebibyte = 0x10_0000;

describe('the SCCB address', () => {
  test.each([
    ['not on a doubleword', 0x4004],
    ['in the first page', 0x0ff8],
    ['in the second page', 0x1000],
    ['at or past 2 GiB', 0x8000_0000],
    ['at a good place, but 4 GiB higher', 0x1_0000_4008],
    ['negative', -8],
  ])('%s is a specification exception', (_, at) => {
    const guest = new SclpHarness();
    guest.storage.write(0x4004, sccb(8));
    guest.storage.write(0x4008, sccb(8));
    guest.storage.write(0x1000, sccb(8));
    const before = Buffer.from(guest.storage.bytes);
    expect(guest.sclp.execute(commands.readScpInformation, at)).toEqual({ kind: 'pgm', code: 0x0006 });
    expect(before.equals(guest.storage.bytes)).toBe(true);
    expect(guest.signals).toEqual([]);
  });

  test('in either page of the prefix area is a specification exception', () => {
    const guest = new SclpHarness();
    for (const at of [0x6000, 0x7ff8]) {
      guest.storage.write(at, sccb(8));
      expect(guest.sclp.execute(commands.readScpInformation, at, 0x6000)).toEqual({ kind: 'pgm', code: 0x0006 });
      expect(guest.sclp.execute(commands.readScpInformation, at, 0x8000)).toEqual({ kind: 'cc', cc: 0 });
    }
  });

  test('outside storage is an addressing exception', () => {
    const guest = new SclpHarness();
    expect(guest.sclp.execute(commands.readScpInformation, mebibyte)).toEqual({ kind: 'pgm', code: 0x0005 });
    expect(guest.sclp.execute(commands.readScpInformation, 0x7fff_fff8)).toEqual({ kind: 'pgm', code: 0x0005 });
  });
});

describe('the SCCB length', () => {
  test.each([0, 7])('%i, less than its header, is a specification exception', (length) => {
    const guest = new SclpHarness();
    const block = sccb(8);
    block.writeUInt16BE(length, 0);
    expect(guest.call(commands.readScpInformation, block).result).toEqual({ kind: 'pgm', code: 0x0006 });
    expect(guest.signals).toEqual([]);
  });

  test('may reach the end of the page, not past it', () => {
    const guest = new SclpHarness();
    const at = SCCB_AT + 0x800;
    expect(guest.call(commands.readScpInformation, sccb(0x800), at).answer.readUInt16BE(6)).toBe(0x0010);
    const across = sccb(0x808);
    across.fill(0xee, 8);
    const { result, answer } = guest.call(commands.readScpInformation, across, at);
    expect(result).toEqual({ kind: 'cc', cc: 0 });
    expect(answer.readUInt16BE(6)).toBe(0x0100);
    expect(answer.subarray(8).every((byte) => byte === 0xee)).toBe(true);
    expect(guest.signals).toEqual([at, at]);
  });

  test('of the read commands may be more than a page where the machine allows it', () => {
    const guest = new SclpHarness({ extendedLengthSccb: true });
    expect(guest.response(commands.readScpInformation, sccb(0x2000))).toBe(0x0010);
    expect(guest.response(commands.readCpuInformation, sccb(0x2000))).toBe(0x0010);
    expect(guest.response(commands.writeEventData, sccb(0x2000))).toBe(0x0100);
    guest.storage.write(0xf_f000, sccb(0x2000).subarray(0, 8));
    expect(guest.sclp.execute(commands.readScpInformation, 0xf_f000)).toEqual({ kind: 'pgm', code: 0x0005 });
  });
});

test('a command that there is not is answered so, before the SCCB is looked at further', () => {
  const guest = new SclpHarness();
  for (const command of [0, 0x0002_0002, 0x0079_0005, 0xffff_ffff]) {
    expect(guest.response(command, sccb(8))).toBe(0x01f0);
    expect(guest.response(command, sccb(0x1008))).toBe(0x01f0);
  }
});

test('each command raises its service signal with the SCCB address', () => {
  const guest = new SclpHarness();
  guest.response(commands.readScpInformation, sccb(4096));
  guest.response(0, sccb(8));
  expect(guest.signals).toEqual([SCCB_AT, SCCB_AT]);
});

test('no SCCB makes the SCLP throw or store outside it', () => {
  const guest = new SclpHarness({ vcpus: 3 });
  const codes = [...Object.values(commands), 0x1234_5678];
  const block = fc.uint8Array({ minLength: 8, maxLength: 120 });
  const [from, to] = [SCCB_AT - 0x100, SCCB_AT + 0x1200];
  const untouched = Buffer.alloc(to - from, 0xee);
  fc.assert(
    fc.property(fc.constantFrom(...codes), block, fc.option(fc.nat(0x1000)), (command, bytes, length) => {
      guest.storage.bytes.fill(0xee, from, to);
      const copy = Buffer.from(bytes);
      copy.writeUInt16BE(length ?? copy.length, 0);
      guest.call(command, copy);
      const end = SCCB_AT + Math.max(length ?? 0, copy.length);
      const after = Buffer.from(guest.storage.bytes.subarray(from, to)).fill(0xee, SCCB_AT - from, end - from);
      expect(after.equals(untouched)).toBe(true);
      guest.sclp.typed(bytes);
    }),
    { numRuns: 2000 },
  );
});
