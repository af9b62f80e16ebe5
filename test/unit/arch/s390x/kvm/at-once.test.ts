import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CpuComplex } from '../../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../../src/arch/s390x/cpu/core.ts';
import type { S390xGuest } from '../../../../../src/arch/s390x/guest.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import { buildTestEngine } from '../../../../support/engine.ts';
import { guestOn } from '../../../../support/s390x/guest.ts';
import { CODE, coded, encode, MASK_64, psw } from './harness.ts';

const SCCB = 0x2_0000;
const HANDLER = 0x1_4000;
/** What a hypervisor answers at once, what ends the run, and what is a program interruption, again and again. */
const body = [
  coded('DIAG', 0, 0, 0x9c),
  coded('SIGP', 0, 10, 0x01),
  encode('SERVC', { r1: 2, r2: 3 }),
  encode('STOSM', { i2: 1, b1: 0, d1: 0x408 }),
  encode('STNSM', { i2: 0xfe, b1: 0, d1: 0x408 }),
  coded('DIAG', 0, 0, 0x999),
  coded('SIGP', 0, 11, 0x03),
  coded('SIGP', 0, 12, 0x01),
  coded('DIAG', 0, 0, 0x44),
  encode('EXRL', { r1: 0, ri2: -4 }),
  encode('AGHI', { r1: 4, i2: 1 }),
];
const length = body.reduce((n, text) => n + text.length, 0);
const program = [...body, encode('BRC', { m1: 15, ri2: -length })];

/** A guest with the program, whose hypervisor handles what it can at once, or nothing. */
function guestWith(atOnce: boolean): S390xGuest {
  const complex = new CpuComplex({ vcpus: 2, storage: 1 << 20, decodePages: 16 });
  const core = new S390xCore(complex, instructionTable);
  const guest = guestOn(core, buildTestEngine(core, complex.memory, complex.filterAddress));
  if (!atOnce) core.carriesOut = () => false;
  let at = CODE;
  for (const text of program) {
    guest.storage.write(at, text);
    at += text.length;
  }
  guest.storage.write(SCCB, Uint8Array.of(0x10, 0));
  for (const [place, old] of [
    [0x1b0, 0x130],
    [0x1d0, 0x150],
  ] as const) {
    const to = HANDLER + old;
    guest.storage.write(place, psw(MASK_64, to));
    guest.storage.write(to, encode('LPSWE', { b2: 0, d2: old }));
  }
  const [vcpu] = complex.vcpus;
  if (vcpu === undefined) throw new Error('there is no vCPU');
  vcpu.setGr(2, 0x2_0001n);
  vcpu.setGr(3, BigInt(SCCB));
  vcpu.setGr(11, 1n);
  vcpu.setGr(12, 7n);
  vcpu.setCr(0, 0x200n);
  guest.start({ mask: MASK_64, address: BigInt(CODE) });
  guest.vm.vcpus[0]?.sync();
  return guest;
}

/** All of a guest but its storage, and a hash of that. */
function stateOf({ state, vm }: S390xGuest): unknown {
  const { storage } = vm.complex;
  const hash = createHash('sha256').update(storage.read(0, storage.size)).digest('hex');
  return { ...state.parts.save(['storage', 'storage keys']), hash };
}

test.each([
  false,
  true,
])('what is handled at once leaves what it leaves otherwise, breakpoints looked at: %s', (checked) => {
  const [plain, quick] = [guestWith(false), guestWith(true)];
  let counted = 0;
  const { core } = quick.vm;
  const { carriesOut } = core;
  core.carriesOut = (vcpu) => {
    const done = carriesOut(vcpu);
    if (done) counted++;
    return done;
  };
  for (let i = 0; i < 400; i++) {
    const options = { count: BigInt(1 + ((i * 7) % 11)), checked, holdInterruptions: false };
    const exits = [plain, quick].map((g) => g.vcpus[0]?.run(options));
    expect(exits[1]).toEqual(exits[0]);
    expect(quick.vcpus[0]?.executed()).toBe(plain.vcpus[0]?.executed());
    if (i % 40 === 39) expect(stateOf(quick)).toEqual(stateOf(plain));
  }
  const log = quick.vm.vcpus[0]?.intercepts;
  expect(log?.instructions.get('SERVC')).toBeGreaterThan(10);
  expect(log?.instructions.get('DIAG')).toBeGreaterThan(30);
  expect(counted).toBeGreaterThan(50);
});
