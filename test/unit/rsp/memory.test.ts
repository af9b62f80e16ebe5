import { describe, expect, test } from 'vitest';
import { crcMemory, searchMemory } from '../../../src/rsp/memory.ts';
import { FakeTarget } from './fake-target.ts';

/** A target with more storage than is read at a time, in which `pattern` lies at `at`. */
function large(at: number, pattern: string): FakeTarget {
  const storage = Buffer.alloc(0x30000, 'x');
  storage.write(pattern, at, 'latin1');
  const target = new FakeTarget();
  target.readMemory = (_, address, length) => storage.subarray(Number(address), Number(address) + length);
  return target;
}

describe('a search', () => {
  test.each([0, 0xfffb, 0xfffc, 0xfffd, 0xffff, 0x10000, 0x10001, 0x2fffb])('finds what lies at %i', (at) => {
    const pattern = Buffer.from('need!');
    const target = large(at, 'need!');
    const found = (from: number, length: number): unknown =>
      searchMemory(target, 0, BigInt(from), BigInt(length), pattern);
    expect(found(0, 0x30000)).toEqual({ readable: true, value: BigInt(at) });
    expect(found(at, 5)).toEqual({ readable: true, value: BigInt(at) });
    expect(found(at, 4)).toEqual({ readable: true, value: undefined });
    expect(found(at + 1, 0x30000 - at - 1)).toEqual({ readable: true, value: undefined });
  });

  test('finds a match that begins inside a false start', () => {
    expect(searchMemory(large(0xfffe, 'aaab'), 0, 0n, 0x20000n, Buffer.from('aab'))).toEqual({
      readable: true,
      value: 0xffffn,
    });
  });

  test('that meets storage which cannot be read before a match has no answer', () => {
    expect(searchMemory(large(0, ''), 0, 0n, 0x40000n, Buffer.from('need'))).toEqual({ readable: false });
    expect(searchMemory(large(16, 'need'), 0, 0n, 0x40000n, Buffer.from('need'))).toEqual({
      readable: true,
      value: 16n,
    });
    expect(searchMemory(large(0, ''), 0, 0xffff_ffff_ffff_fff0n, 0x11n, Buffer.from('x'))).toEqual({ readable: false });
  });
});

test('a sum does not depend on where reading is cut', () => {
  const target = large(0xfffd, '123456789');
  expect(crcMemory(target, 0, 0xfffdn, 9n)).toEqual({ readable: true, value: 0x0376e6e7 });
});
