import { describe, expect, test } from 'vitest';
import { BigEndianRecord, BoundedBytes, FieldRecord, type RecordLayout } from '../../../src/bits/record.ts';

const layout = { byte: [1, 1], half: [2, 2], word: [4, 4], doubleword: [8, 8] } as const satisfies RecordLayout;

describe('a record', () => {
  test('has its fields big endian, wherever its bytes begin', () => {
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => 0xf0 + i - 4).subarray(4);
    const record = new BigEndianRecord(layout, bytes);
    expect([record.get('byte'), record.get('half'), record.get('word'), record.big('doubleword')]).toEqual([
      0xf1,
      0xf2f3,
      0xf4f5_f6f7,
      0xf8f9_fafb_fcfd_feffn,
    ]);
  });
  test('writes a field and nothing beside it', () => {
    const bytes = new Uint8Array(16).fill(0xaa);
    const record = new BigEndianRecord(layout, bytes);
    record.set('byte', 1);
    record.set('half', 0x0203);
    record.set('word', 0xffff_fffe);
    record.setBig('doubleword', -2n & 0xffff_ffff_ffff_ffffn);
    expect(Buffer.from(bytes).toString('hex')).toBe('aa010203fffffffefffffffffffffffe');
  });
  test('has them little endian where its maker says so', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i);
    const plain = new FieldRecord(layout, bytes, true);
    for (const record of [plain, new FieldRecord(layout, new BoundedBytes(bytes), true)]) {
      const read = [record.get('byte'), record.get('half'), record.get('word'), record.big('doubleword')];
      expect(read).toEqual([0xf1, 0xf3f2, 0xf7f6_f5f4, 0xfffe_fdfc_fbfa_f9f8n]);
    }
    plain.set('half', 0x0203);
    plain.set('word', 0xffff_fffe);
    plain.setBig('doubleword', -2n);
    expect(Buffer.from(bytes).toString('hex')).toBe('f0f10302fefffffffeffffffffffffff');
  });
  test('tests and replaces bits, the highest one of a word too', () => {
    const record = new BigEndianRecord(layout, new Uint8Array(16));
    record.replace('word', 0x8000_00ff, 0x8000_0f0f);
    expect([record.get('word'), record.has('word', 0x8000_0000), record.has('word', 0xf0)]).toEqual([
      0x8000_000f,
      true,
      false,
    ]);
  });
  test('knows its fields by their widths', () => {
    const record = new BigEndianRecord(layout, new Uint8Array(16));
    // @ts-expect-error: eight bytes are a bigint
    expect(record.get('doubleword')).toBe(0);
    // @ts-expect-error: there is no such field
    expect(() => record.get('none')).toThrow('no field none');
  });
});
