import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAGE_BYTES } from '../../../src/machine/layout.ts';
import { makeStorage } from '../../../src/machine/storage.ts';

const SIZE = 2 * PAGE_BYTES;
const BASE = 3 * PAGE_BYTES;
const WASM_PAGE = 65536;

describe.each(['big', 'little'] as const)('%s-endian storage', (order) => {
  const little = order === 'little';
  const make = () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    return { memory, storage: makeStorage(memory, BASE, SIZE, order), model: new DataView(new ArrayBuffer(SIZE)) };
  };
  const modelBytes = (model: DataView, at: number, length: number): Uint8Array =>
    new Uint8Array(model.buffer, at, length);

  test('holds numbers and bytes as a flat array of that byte order does', () => {
    const at = fc.nat(SIZE - 64);
    const act = fc.oneof(
      fc.record({ kind: fc.constant('byte' as const), at, value: fc.nat(0xff) }),
      fc.record({ kind: fc.constant('half' as const), at, value: fc.nat(0xffff) }),
      fc.record({ kind: fc.constant('word' as const), at: at.map((a) => a & ~3), value: fc.nat(0xffff_ffff) }),
      fc.record({ kind: fc.constant('double' as const), at, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
      fc.record({ kind: fc.constant('write' as const), at, value: fc.uint8Array({ maxLength: 64 }) }),
      fc.record({ kind: fc.constant('fill' as const), at, value: fc.nat(0xff), length: fc.nat(64) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), at, fc.nat(64), (acts, from, length) => {
        const { storage, model } = make();
        for (const one of acts) {
          if (one.kind === 'byte') {
            storage.setByte(one.at, one.value);
            model.setUint8(one.at, one.value);
            expect(storage.byte(one.at)).toBe(one.value);
          } else if (one.kind === 'half') {
            storage.setHalf(one.at, one.value);
            model.setUint16(one.at, one.value, little);
            expect(storage.half(one.at)).toBe(one.value);
          } else if (one.kind === 'word') {
            storage.setWord(one.at, one.value);
            model.setUint32(one.at, one.value, little);
            expect(storage.word(one.at)).toBe(one.value);
          } else if (one.kind === 'double') {
            storage.setDoubleword(one.at, one.value);
            model.setBigUint64(one.at, one.value, little);
            expect(storage.doubleword(one.at)).toBe(one.value);
          } else if (one.kind === 'write') {
            storage.write(one.at, one.value);
            modelBytes(model, one.at, one.value.length).set(one.value);
          } else {
            storage.fill(one.at, one.length, one.value);
            modelBytes(model, one.at, one.length).fill(one.value);
          }
        }
        expect(storage.read(from, length)).toEqual(modelBytes(model, from, length));
        const into = new Uint8Array(length);
        storage.readInto(from, into);
        expect(into).toEqual(modelBytes(model, from, length));
      }),
    );
  });

  test('touches nothing of the memory around it', () => {
    const { memory, storage } = make();
    storage.fill(0, SIZE, 0xff);
    storage.write(0, new Uint8Array(SIZE).fill(0xee));
    const around = new Uint8Array(memory.buffer);
    expect(around.subarray(0, BASE).every((byte) => byte === 0)).toBe(true);
    expect(around.subarray(BASE + SIZE).every((byte) => byte === 0)).toBe(true);
  });

  test('lies where generated code looks for it', () => {
    const { memory, storage } = make();
    const view = new DataView(memory.buffer);
    storage.write(
      0x123,
      Uint8Array.from({ length: 16 }, (_, i) => i + 1),
    );
    // As in `hostAccessOffset`: a plain access of n bytes.
    const offset = (bytes: number): number => (order === 'big' ? 16 - bytes : 0);
    expect(view.getBigUint64(storage.accessAddress(0x123) + offset(8), true)).toBe(storage.doubleword(0x123));
    expect(view.getUint16(storage.accessAddress(0x123) + offset(2), true)).toBe(storage.half(0x123));
    // The addend of a page, found by any of its bytes, at whatever address the page is mapped.
    for (const low of [0x123, 0xffff_f123]) {
      const addend = storage.addend(0x123, low);
      const host = (order === 'big' ? addend - (low + 5) : addend + low + 5) >>> 0;
      expect(host).toBe(storage.accessAddress(0x128));
    }
  });

  test('is whole pages inside the memory', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    expect(() => makeStorage(memory, 8, PAGE_BYTES, order)).toThrow('whole pages');
    expect(() => makeStorage(memory, PAGE_BYTES, 8, order)).toThrow('whole pages');
    expect(() => makeStorage(memory, -PAGE_BYTES, PAGE_BYTES, order)).toThrow('whole pages');
    expect(() => makeStorage(memory, WASM_PAGE - PAGE_BYTES, SIZE, order)).toThrow('of the memory');
  });
});
