import { beforeEach, describe, expect, test } from 'vitest';
import { CpuComplex } from '../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../src/arch/s390x/cpu/core.ts';
import type { S390xGuest } from '../../../../src/arch/s390x/guest.ts';
import { instructionTable } from '../../../../src/arch/s390x/isa/table.ts';
import type { BootPlan } from '../../../../src/arch/s390x/vmm/ipl/load.ts';
import type { GuestEnd } from '../../../../src/machine/guest.ts';
import { Machine } from '../../../../src/machine/machine.ts';
import { buildTestEngine } from '../../../support/engine.ts';
import { guestOn } from '../../../support/s390x/guest.ts';
import { CODE, coded, encode, MASK_64, psw, SPIN } from './kvm/harness.ts';

const complex = new CpuComplex({ vcpus: 3, storage: 4 << 20, decodePages: 64 });
const core = new S390xCore(complex, instructionTable);
const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);
const WAIT = 1n << 49n;
const PSW_AT = 0x1_1000;
const plan: BootPlan = { psw: { mask: MASK_64, address: BigInt(CODE) }, description: 'test', linux: false };

let guest: S390xGuest;
beforeEach(() => {
  complex.storage.fill(0, complex.storage.size, 0);
  complex.frames.decodePages.flush();
  guest = guestOn(core, interpreter);
});

/** Boots texts at `CODE` with a PSW at `PSW_AT`, and runs to the guest's end. */
function run(texts: readonly Uint8Array[], waitAt = 0x1234): Promise<GuestEnd> {
  const machine = new Machine(guest, {
    clock: 'virtual',
    now: () => performance.now(),
    instructionsPerMicrosecond: 100,
  });
  const booted = guest.boot(() => {
    let at = CODE;
    for (const text of texts) {
      guest.storage.write(at, text);
      at += text.length;
    }
    guest.storage.write(PSW_AT, psw(MASK_64 | WAIT, waitAt));
    guest.storage.write(0x1a0, psw(MASK_64, 0x1_2000));
    return { ok: true, value: plan };
  });
  expect(booted.ok).toBe(true);
  return new Promise((resolve, reject) => {
    machine.onEnd = resolve;
    machine.onFault = reject;
    machine.start();
  });
}

const stopSelf = coded('SIGP', 0, 10, 0x05);
const loadWait = [encode('LARL', { r1: 3, ri2: PSW_AT - CODE }), encode('LPSWE', { b2: 3, d2: 0 })];
/** Restarts CPU 1, which goes to 0x12000. */
const restartOther = [encode('LHI', { r1: 11, i2: 1 }), coded('SIGP', 0, 11, 0x06)];

describe('ends', () => {
  test('the last CPU stops itself', async () => {
    expect(await run([stopSelf, SPIN])).toEqual({ status: 0, message: 'all CPUs are stopped' });
  });
  test('a disabled wait is a crash; at 0xfff it says that all is well', async () => {
    expect(await run(loadWait)).toEqual({ status: 1, message: 'CPU 0: disabled wait at 0x1234' });
    guest = guestOn(core, interpreter);
    expect((await run(loadWait, 0xfff)).status).toBe(0);
  });
  test('a disabled wait is none while another CPU goes on; what that one does decides', async () => {
    guest.storage.write(0x1_2000, Uint8Array.of(...encode('LHI', { r1: 10, i2: 1 }), ...stopSelf, ...SPIN));
    const [text, load] = loadWait;
    const far = encode('LARL', { r1: 3, ri2: PSW_AT - CODE - 8 });
    expect(await run([...restartOther, far, load ?? SPIN])).toEqual({
      status: 1,
      message: 'CPU 0: disabled wait at 0x1234',
    });
    expect([text?.length, guest.vm.vcpus.map((v) => v.stopped)]).toEqual([6, [false, true, true]]);
  });
  test('a program-interruption loop', async () => {
    const end = await run([Uint8Array.of(0, 0)]);
    expect(end).toMatchObject({ status: 1, message: expect.stringContaining('program-interruption loop') });
  });
});

describe('re-IPL', () => {
  const COUNT = 0x1_3000;
  // Adds one to a word in storage, and asks for a load until it is 3: without clearing, so that it stays.
  const countIpls = [
    encode('LARL', { r1: 3, ri2: COUNT - CODE }),
    encode('L', { r1: 2, x2: 0, b2: 3, d2: 0 }),
    encode('AHI', { r1: 2, i2: 1 }),
    encode('ST', { r1: 2, x2: 0, b2: 3, d2: 0 }),
    encode('CHI', { r1: 2, i2: 3 }),
    encode('BRC', { m1: 8, ri2: 12 }),
    encode('LHI', { r1: 4, i2: 4 }),
    coded('DIAG', 6, 4, 0x308),
    stopSelf,
    SPIN,
  ];
  test('as often as the guest asks; whoever listens is told', async () => {
    const told: string[] = [];
    guest.onReipl = ({ description }) => told.push(description);
    expect(await run(countIpls)).toEqual({ status: 0, message: 'all CPUs are stopped' });
    expect([guest.storage.read(COUNT, 4), told]).toEqual([Uint8Array.of(0, 0, 0, 3), ['test', 'test']]);
  });
  test('of a guest that was only started: there is nothing to load', async () => {
    const machine = new Machine(guest, { clock: 'virtual', now: () => 0, instructionsPerMicrosecond: 100 });
    guest.storage.write(CODE, Uint8Array.of(...encode('LHI', { r1: 4, i2: 3 }), ...coded('DIAG', 6, 4, 0x308)));
    guest.start(plan.psw);
    const end = new Promise((resolve) => {
      machine.onEnd = resolve;
    });
    machine.start();
    expect(await end).toEqual({ status: 1, message: 'the guest cannot be loaded again: there is nothing to load' });
  });
});

describe('a run of one instruction', () => {
  const HANDLER = 0x1_3000;
  const step = { count: 1n, checked: false, holdInterruptions: true };
  beforeEach(() => guest.storage.write(0x1d0, psw(MASK_64, HANDLER)));

  test.each([
    ['no instruction can be fetched from an odd address', CODE + 1, SPIN],
    ['nothing is there to be fetched', 0x7fff_0000, SPIN],
    ['an operand is not there', CODE, encode('LG', { r1: 1, x2: 0, b2: 4, d2: 0 })],
    ['the operation is none', CODE, Uint8Array.of(0, 0)],
  ])('ends at the first instruction of the handler: %s', (_, at, text) => {
    guest.storage.write(CODE, text);
    guest.start({ mask: MASK_64, address: BigInt(at) });
    guest.vm.vcpus[0]?.vcpu.setGr(4, 0x7fff_0000n);
    const [vcpu] = guest.vcpus;
    expect([vcpu?.run(step).kind, vcpu?.pc()]).toEqual(['quantum', BigInt(HANDLER)]);
  });
});
