import { beforeEach, describe, expect, test } from 'vitest';
import { CpuComplex } from '../../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../../src/arch/s390x/cpu/core.ts';
import type { S390xGuest } from '../../../../../src/arch/s390x/guest.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { buildTestEngine } from '../../../../support/engine.ts';
import { guestOn } from '../../../../support/s390x/guest.ts';
import { encode, MASK_64, psw } from '../kvm/harness.ts';

const complex = new CpuComplex({ vcpus: 1, storage: 4 << 20, decodePages: 64 });
const core = new S390xCore(complex, instructionTable);
const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);
const PLACE = 0x1_0000;
const BLOCK = 0x3_0000;
let guest: S390xGuest;

beforeEach(() => {
  complex.storage.fill(0, complex.storage.size, 0);
  complex.frames.decodePages.flush();
  guest = guestOn(core, interpreter);
  guest.storage.write(0x1d0, psw(MASK_64, 0x2_3000));
});

/** STHYI with its function code and address in pairs of registers. */
function ask(r1: number, r2: number, code: bigint, address: bigint): KvmVcpu {
  const [v] = guest.vm.vcpus;
  if (v === undefined) throw new Error('no vCPU');
  guest.storage.write(PLACE, encode('STHYI', { r1, r2 }));
  // In the problem state.
  v.setPsw({ mask: MASK_64 | (1n << 48n), address: BigInt(PLACE) });
  v.vcpu.setGr(r2, address);
  v.vcpu.setGr(r1, code);
  v.vcpu.setGr(r2 + 1, 77n);
  v.start();
  v.sync();
  v.run({ until: v.vcpu.icount + 1n, checked: false });
  return v;
}
const bytes = (at: number, length: number): string =>
  Buffer.from(guest.storage.read(BLOCK + at, length) ?? []).toString('hex');
const ebcdic = (text: string, width: number): string =>
  [...text.padEnd(width)].map((c) => (c === ' ' ? '40' : /\d/.test(c) ? `f${c}` : '..')).join('');

describe('STHYI', () => {
  test('tells of the machine and of the partition what STORE SYSTEM INFORMATION tells', () => {
    const v = ask(2, 4, 0n, BigInt(BLOCK));
    expect([v.vcpu.cc, v.vcpu.gr(5)]).toEqual([0, 0n]);
    // Flags, then the length of all and of the header, and where the sections are, with their lengths.
    expect([bytes(0, 8), bytes(8, 12)]).toEqual(['8000000000000000', '00a800300030004000700038']);
  });
  test('another function: condition code 3, and the return code says so', () => {
    const v = ask(2, 4, 1n, BigInt(BLOCK));
    expect([v.vcpu.cc, v.vcpu.gr(5), bytes(0, 2)]).toEqual([3, 4n, '0000']);
  });
  test.each([
    ['one pair for both', 2, 2, 0x3_0000n],
    ['an odd R1', 3, 4, 0x3_0000n],
    ['an odd R2', 2, 5, 0x3_0000n],
    ['a block that is no page', 2, 4, 0x3_0800n],
  ])('%s: specification exception', (_, r1, r2, address) => {
    const v = ask(r1, r2, r1 === r2 ? address : 0n, address);
    expect([v.psw.address, guest.storage.read(0x8e, 2)]).toEqual([0x2_3000n, Uint8Array.of(0, 6)]);
  });
  test('what is valid is there', () => {
    ask(2, 4, 0n, BigInt(BLOCK));
    // Validity, type and sequence of the machine; validity, number and name of the partition.
    expect([bytes(48 + 2, 1), bytes(48 + 20, 4), bytes(48 + 40, 16)]).toEqual([
      '40',
      ebcdic('9175', 4),
      ebcdic('0000000000000001', 16),
    ]);
    expect([bytes(112 + 2, 1), bytes(112 + 4, 2), bytes(112 + 16, 8)]).toEqual(['10', '0001', 'c7e4c5e2e3e2c3d7']);
  });
});
