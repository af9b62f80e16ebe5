import { describe, expect, test } from 'vitest';
import { ebcdicToText } from '../../../../../src/arch/s390x/vmm/ebcdic.ts';
import { type SystemInformation, stsi } from '../../../../../src/arch/s390x/vmm/stsi.ts';

const machine: SystemInformation = {
  vcpus: 3,
  cpuAddress: 2,
  manufacturer: 'IBM',
  machineType: '2097',
  model: '718',
  sequence: '00000000000BCD12',
  plant: '02',
  partition: 'LPAR1',
};

function sysib(functionCode: number, sel1: number, sel2: number, info: SystemInformation = machine): Buffer {
  const result = stsi(functionCode, sel1, sel2, info);
  if (result.cc !== 0) throw new Error('there is no such block');
  expect(result.sysib.length).toBe(4096);
  return Buffer.from(result.sysib);
}
const text = (block: Buffer, at: number, width: number): string => ebcdicToText(block.subarray(at, at + width));

describe('STORE SYSTEM INFORMATION', () => {
  test('1.1.1 names the machine', () => {
    const block = sysib(1, 1, 1);
    expect(text(block, 32, 16)).toBe('IBM             ');
    expect(text(block, 48, 4)).toBe('2097');
    expect(text(block, 64, 16)).toBe('718             ');
    expect(text(block, 80, 16)).toBe('00000000000BCD12');
    expect(text(block, 96, 4)).toBe('02  ');
    expect(text(block, 100, 16)).toBe('718             ');
  });

  test('1.2.1 and 2.2.1 are of the CPU that asks', () => {
    for (const functionCode of [1, 2]) {
      const block = sysib(functionCode, 2, 1);
      expect(text(block, 80, 20)).toBe('00000000000BCD1202  ');
      expect(block.readUInt16BE(102)).toBe(2);
    }
  });

  test('1.2.2 counts the CPUs of the machine', () => {
    const block = sysib(1, 2, 2);
    expect(block.readUInt32BE(32)).not.toBe(0);
    expect([36, 38, 40, 42].map((at) => block.readUInt16BE(at))).toEqual([3, 3, 0, 0]);
  });

  test('2.2.2 names the partition and counts its CPUs', () => {
    const block = sysib(2, 2, 2);
    expect([36, 38, 40, 42].map((at) => block.readUInt16BE(at))).toEqual([3, 3, 0, 0]);
    expect(text(block, 44, 8)).toBe('LPAR1   ');
    expect(block.readUInt32BE(52)).toBe(1000);
    expect([block.readUInt8(35), block.readUInt16BE(72), block.readUInt16BE(74)]).toEqual([0x40, 0, 3]);
  });

  test('3.2.2 says KVM to whoever looks for it, and the name that the guest has', () => {
    const block = sysib(3, 2, 2);
    expect(block.readUInt8(31)).toBe(1);
    expect([36, 38, 40, 42].map((at) => block.readUInt16BE(at))).toEqual([3, 3, 0, 0]);
    expect(text(block, 44, 8)).toBe('KVMguest');
    expect(block.readUInt32BE(52)).toBe(1000);
    expect(text(block, 56, 16)).toBe('KVM/Linux       ');
    // Where Linux compares three bytes.
    expect(block.subarray(56, 59).toString('hex')).toBe('d2e5d4');
    expect(block.readUInt8(75)).toBe(2);
    expect(block.subarray(80, 96).every((byte) => byte === 0)).toBe(true);
    expect(block.subarray(2048).toString('utf8').replace(/\0+$/, '')).toBe('KVMguest');
  });

  test('3.2.2 has UUID and long names, cut where a character ends', () => {
    const uuid = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
    const block = sysib(3, 2, 2, { ...machine, uuid, name: `${'n'.repeat(254)}ü` });
    expect([...block.subarray(80, 96)]).toEqual([...uuid]);
    expect(text(block, 44, 8)).toBe('nnnnnnnn');
    expect(block.subarray(2048, 2304).toString('utf8')).toBe(`${'n'.repeat(254)}\0\0`);
  });

  test('15.1.2 is there for a guest with the topology facility, one socket with every CPU', () => {
    expect(stsi(15, 1, 2, machine)).toEqual({ cc: 3 });
    const block = sysib(15, 1, 2, { ...machine, topology: true });
    expect(block.readUInt16BE(2)).toBe(40);
    expect([...block.subarray(4, 10)]).toEqual([0, 0, 0, 0, 1, 3]);
    expect(block.readUInt8(11)).toBe(2);
    expect(block.subarray(16, 40).toString('hex')).toBe('0100000000000000' + '0000000000030000' + 'e000000000000000');
    const largest = sysib(15, 1, 2, { ...machine, vcpus: 64, topology: true });
    expect(largest.readBigUInt64BE(32)).toBe(0xffff_ffff_ffff_ffffn);
    const vertical = sysib(15, 1, 2, { ...machine, topology: true, vertical: true });
    expect(vertical.subarray(24, 32).toString('hex')).toBe('0000000002030000');
    // 64 CPUs an entry, each with the address of its first.
    const more = sysib(15, 1, 2, { ...machine, vcpus: 130, topology: true });
    expect([more.readUInt16BE(2), more.readUInt8(9)]).toEqual([72, 130]);
    expect([24, 40, 56].map((at) => [more.readUInt16BE(at + 6), more.readBigUInt64BE(at + 8)])).toEqual([
      [0, 0xffff_ffff_ffff_ffffn],
      [64, 0xffff_ffff_ffff_ffffn],
      [128, 0xc000_0000_0000_0000n],
    ]);
  });

  test('gives nothing for other codes and selectors', () => {
    const codes = [0, 1, 2, 3, 4, 15];
    const found = codes.flatMap((code) =>
      [0, 1, 2, 3, 0xff].flatMap((sel1) =>
        [0, 1, 2, 3, 0xffff]
          .filter((sel2) => stsi(code, sel1, sel2, machine).cc === 0)
          .map((s) => `${code}.${sel1}.${s}`),
      ),
    );
    expect(found).toEqual(['1.1.1', '1.2.1', '1.2.2', '2.2.1', '2.2.2', '3.2.2']);
  });
});
