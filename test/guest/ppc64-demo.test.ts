import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { slots } from '../../src/arch/ppc64/cpu/state-layout.ts';
import { RESERVED_LPID, stepsIn, stepsOut } from '../../src/arch/ppc64/hv/world-switch.ts';
import { Ppc64Machine } from '../support/ppc64/machine.ts';
import { root } from '../support/sources.ts';

const image = readFileSync(`${root}guests/demo-ppc64/demo.elf`);
const boot = (options: Partial<ConstructorParameters<typeof Ppc64Machine>[0]> = {}): Ppc64Machine => {
  const machine = new Ppc64Machine({ image, memory: 64 << 20, ...options });
  machine.until(/heartbeat 3 /, 0, { step: 40_000_000n });
  return machine;
};
const vcpu = (machine: Ppc64Machine) => machine.guest.hv(0);

test('an access past the storage in real mode comes as HDSI and goes back as a data storage interruption', () => {
  const machine = boot();
  expect(machine.output).toContain('store past the storage in real mode: interruption 0x300 with 0x42000000\n');
  expect(vcpu(machine).exits.get(0xe00)).toBe(1);
  expect(vcpu(machine).vcpu.taken.get(0x300)).toBeGreaterThan(1);
});

test('an illegal instruction comes as emulation assistance and goes back as a program interruption', () => {
  const machine = boot();
  expect(machine.output).toContain('illegal instruction: interruption 0x700 with 0x80000\n');
  expect(vcpu(machine).exits.get(0xe40)).toBe(1);
  expect(vcpu(machine).vcpu.taken.get(0x700)).toBe(1);
});

test('an unknown hypercall is H_FUNCTION, and an entry past the table H_PARAMETER', () => {
  expect(boot().output).toContain('hypercall 0x1000: 0xfffffffffffffffe, H_ENTER past the table: 0xfffffffffffffffc\n');
});

test('supervisor state, segments, faults and the decrementer cause no exit', () => {
  const { exits, vcpu: v } = vcpu(boot());
  expect([...exits.keys()].sort((a, b) => a - b)).toEqual([0x980, 0xc00, 0xe00, 0xe40]);
  expect([...v.taken.keys()].sort((a, b) => a - b)).toEqual([0x300, 0x700, 0x900, 0xc00]);
});

test('the hypervisor has its own partition again after every exit, with nobody in between', () => {
  const machine = boot();
  const { thread } = machine.guest.vm;
  expect([thread.guest, thread.lpidr, thread.sdr1]).toEqual([undefined, 0, 0n]);
  const names = (steps: typeof stepsIn) => steps.map((s) => s.name).filter((n) => /^(LPIDR|SDR1|LPCR)/.test(n));
  const order = (whose: string) => [
    'LPIDR := reserved',
    `SDR1 := the ${whose}'s`,
    `LPIDR := the ${whose}'s`,
    `LPCR := the ${whose}'s`,
  ];
  expect(names(stepsIn)).toEqual(order('guest'));
  expect(names(stepsOut)).toEqual(order('host'));
  expect(RESERVED_LPID).not.toBe(machine.guest.vm.lpid);
});

test('translations of another partition are not used: what one has in the TLB, the other looks up in its table', () => {
  const machine = boot();
  const { guest, assembly } = machine;
  const { vcpu: v } = vcpu(machine);
  const { hpt, complex, core } = guest.vm;
  // A loop of two loads from the heap, in the kernel's segment.
  complex.storage.write(0x50_0000, Uint8Array.from(Buffer.from('e8640000e88400004bfffff8', 'hex')));
  const put = (at: number, value: number): void => complex.storage.write(at, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, value));
  put(0x100_0000, 1);
  put(0x110_0000, 2);
  complex.storageReplaced();
  vcpu(machine).ceded = false;
  v.setGpr(4, 0x2000_0000n);
  v.setMsr(0x8000_0000_0000_1030n);
  v.pc = 0x50_0000n;
  const load = (lpid: number): bigint => {
    v.lpid = lpid;
    v.selectSpaces();
    v.pc = 0x50_0000n;
    assembly.machine.runTo(assembly.machine.time + 1n);
    return v.gpr(3);
  };
  expect(load(1)).toBe(1n);
  // The page's entry leads elsewhere, and nobody flushes anything.
  const { entry = 0 } = core.translator.explain(v, 0x2000_0000n, 'fetch');
  const dword = (high: number, low: number) => ({ high, low });
  hpt.set(entry, dword(hpt.high0(entry), hpt.low0(entry)), dword(hpt.high1(entry), hpt.low1(entry) + 0x10_0000));
  expect([load(1), load(7), load(1)]).toEqual([1n, 2n, 1n]);
  complex.flushTlbs();
  expect(load(1)).toBe(2n);
});

test('a thread that runs a guest is not given another one: no two partitions run on it at a time', () => {
  const machine = boot();
  const { thread } = machine.guest.vm;
  thread.guest = 0;
  expect(() => machine.assembly.machine.runTo(machine.assembly.machine.time + 60_000_000n)).toThrow(
    'the thread runs vCPU 0 already',
  );
});

test('the switch carries its steps out one by one, over the reserved partition: HSRR0 and HSRR1 are where the guest goes on', () => {
  const { vm } = boot().guest;
  const [v] = vm.vcpus;
  if (v === undefined) throw new Error('no vCPU');
  const seen: unknown[] = [];
  for (const step of stepsIn) {
    step.carryOut(v, vm.thread);
    seen.push([vm.thread.lpidr, vm.thread.sdr1, vm.thread.lpcr]);
  }
  const reserved = RESERVED_LPID;
  expect(seen.slice(1)).toEqual([
    [reserved, 0n, 0xdn],
    [reserved, vm.sdr1, 0xdn],
    [vm.lpid, vm.sdr1, 0xdn],
    [vm.lpid, vm.sdr1, vm.lpcr],
    [vm.lpid, vm.sdr1, vm.lpcr],
  ]);
  expect([v.vcpu.big(slots.hsrr0), v.vcpu.big(slots.hsrr1)]).toEqual([v.vcpu.pc, v.vcpu.msr]);
});

test('the page table has references and changes, of both page sizes', () => {
  const { guest } = boot();
  const { hpt } = guest.vm;
  const at = (ea: bigint) => {
    const { entry } = guest.vm.core.translator.explain(guest.hv(0).vcpu, ea, 'fetch');
    return entry === undefined ? 'none' : hpt.low1(entry) & 0x180;
  };
  // The guest waits in its kernel, translation on.
  expect(at(0x20000000n)).toBe(0x180);
  expect(at(0x400000n)).toBe(0x100);
  expect(at(0x2000f000n)).toBe('none');
});

test('the run is the same in every engine', () => {
  const runs = (['interpreter', 'first', 'blocks', 'forgetful', 'merging', 'translator'] as const).map((mode) => {
    const machine = boot({ mode });
    return [machine.output, machine.counts, machine.guest.hv(0).vcpu.pc];
  });
  for (const run of runs) expect(run).toEqual(runs[0]);
});

test('a snapshot goes on as if nothing had happened', () => {
  const machine = boot();
  const snapshot = machine.assembly.machine.save();
  const from = machine.output.length;
  machine.until(/heartbeat 5 /, from, { step: 40_000_000n });
  const [said, counts] = [machine.output.slice(from), machine.counts];
  const again = machine.output.length;
  machine.assembly.machine.restore(snapshot);
  machine.until(/heartbeat 5 /, again, { step: 40_000_000n });
  expect(machine.output.slice(again)).toBe(said);
  expect(machine.counts).toEqual(counts);
});

test('storage that is no multiple of 16 MiB is refused in words', () => {
  expect(() => new Ppc64Machine({ image, memory: 24 << 20 })).toThrow('pages of 16 MiB');
});

test.each([
  ['SE', 0x400n, 0x6000_0000, 0x50_0004n],
  ['BE, of a branch', 0x200n, 0x4800_0010, 0x50_0010n],
  ['BE, of no branch', 0x200n, 0x6000_0000, undefined],
] as const)('the guest traces itself by MSR[%s]', (_, bit, word, at) => {
  const machine = boot();
  const { vcpu: v } = vcpu(machine);
  const { storage } = machine.guest.vm.complex;
  // The instruction, and one that branches to itself at both places behind it.
  storage.setWord(0x50_0000, word);
  for (const next of [0x50_0004, 0x50_0010, 0xd00]) storage.setWord(next, 0x4800_0000);
  machine.guest.vm.complex.storageReplaced();
  vcpu(machine).ceded = false;
  v.setMsr(0x8000_0000_0000_0000n | bit);
  v.pc = 0x50_0000n;
  machine.assembly.machine.runTo(machine.assembly.machine.time + 1n);
  expect(v.pc).toBe(at === undefined ? 0x50_0004n : 0xd00n);
  if (at !== undefined) expect([v.big(slots.srr0), v.big(slots.srr1) & 0x600n, v.msr & 0x600n]).toEqual([at, bit, 0n]);
});
