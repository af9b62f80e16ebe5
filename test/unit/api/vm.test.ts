import { describe, expect, test } from 'vitest';
import { type Vcpu, Vm, VmError, type VmOptions } from '../../../src/api/index.ts';
import { encode, MASK_64 } from '../../support/s390x/isa.ts';

const MIB = 1 << 20;
const engines = ['interpreter', 'translator'] as const;

function make(options: Partial<VmOptions> = {}): { readonly vm: Vm; readonly vcpu: Vcpu } {
  const vm = new Vm({ storage: 4 * MIB, vcpus: 2, ...options });
  vm.addSlot({ slot: 0, guest: 0, bytes: 4 * MIB, host: 0 });
  return { vm, vcpu: vm.createVcpu() };
}

function put(vm: Vm, at: number, ...texts: readonly Uint8Array[]): void {
  for (const text of texts) {
    vm.write(at, text);
    at += text.length;
  }
}

function go({ vm, vcpu }: { vm: Vm; vcpu: Vcpu }, ...texts: readonly Uint8Array[]): void {
  put(vm, 0x1000, ...texts);
  vcpu.psw = { mask: MASK_64, address: 0x1000n };
  vcpu.start();
}

const STG = encode('STG', { r1: 1, x2: 0, b2: 2, d2: 0 });
const AGHI = encode('AGHI', { r1: 1, i2: 1 });
const BACK = encode('BRC', { m1: 15, ri2: -10 });

/** The interface's name for a refusal. */
function codeOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof VmError) return error.code;
    throw error;
  }
  return undefined;
}

describe.each(engines)('a VM of the library, %s,', (engine) => {
  test('comes back with each exit, and goes on behind it', () => {
    const all = make({ engine });
    const { vm, vcpu } = all;
    go(
      all,
      encode('SERVC', { r1: 3, r2: 4 }),
      encode('DIAG', { r1: 5, r3: 6, b2: 0, d2: 0x888 }),
      encode('STSCH', { b2: 7, d2: 8 }),
      encode('BRC', { m1: 4, ri2: 0 }),
    );
    vcpu.setGr(3, 0x12_0001n);
    vcpu.setGr(4, 0x8000n);
    vcpu.setGr(7, 0x9000n);
    vcpu.setGr(1, 0x1_0001n);
    const run = () => vcpu.run({ instructions: 100 });
    expect(run()).toEqual({ kind: 'service-call', command: 0x12_0001, sccb: 0x8000 });
    expect(run()).toEqual({ kind: 'diagnose', code: 0x888, r1: 5, r3: 6 });
    expect(run()).toEqual({ kind: 'io', opcode: 0xb234, gr1: 0x1_0001n, gr2: 0n, address: 0x9008n });
    vcpu.cc = 1;
    expect([run(), vcpu.psw.address]).toEqual([{ kind: 'instructions' }, 0x100cn]);
    vcpu.interrupt({ kind: 'stop' });
    expect([run(), vcpu.state]).toEqual([{ kind: 'stopped' }, 'stopped']);
    expect(vcpu.statistics.instructions.get('SERVC')).toBe(1);
    expect(vm.vcpus).toEqual([vcpu]);
  });

  test('waits, and an interruption ends the wait', () => {
    const all = make({ engine });
    const { vm, vcpu } = all;
    vm.write(0x1f0, Uint8Array.of(0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x30, 0));
    put(vm, 0x3000, encode('BRC', { m1: 15, ri2: 0 }));
    go(all, AGHI);
    vcpu.setCr(6, 0xff00_0000n);
    vcpu.psw = { mask: MASK_64 | 0x0202_0000_0000_0000n, address: 0x1000n };
    expect(vcpu.run({ instructions: 10 })).toEqual({ kind: 'wait', disabled: false });
    vm.interrupt({ kind: 'io', subchannelId: 1, subchannelNumber: 5, parameter: 77, word: 0 });
    expect(vcpu.run({ instructions: 10 })).toEqual({ kind: 'instructions' });
    expect([vcpu.psw.address, vm.read(0xba, 6)]).toEqual([0x3000n, Uint8Array.of(0, 5, 0, 0, 0, 77)]);
    vcpu.psw = { mask: MASK_64 | 0x0002_0000_0000_0000n, address: 0x1000n };
    expect(vcpu.run({ instructions: 10 })).toMatchObject({ kind: 'crashed' });
  });

  test.each([
    ['a division by zero', encode('DR', { r1: 2, r2: 6 })],
    ['a supervisor call', encode('SVC', { i: 0 })],
    ['the first key instruction, outside storage', encode('ISKE', { r1: 2, r2: 3 })],
    ['an operand off its boundary, of what the hypervisor may do', encode('LCTL', { r1: 0, r3: 0, b2: 0, d2: 1 })],
    ['an operation exception', Uint8Array.of(0, 0)],
  ])('a single step over %s ends at its handler, with nothing of that executed', (_, text) => {
    const all = make({ engine });
    const { vm, vcpu } = all;
    for (const at of [0x1c0, 0x1d0]) {
      put(vm, at, Uint8Array.of(0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0));
    }
    put(vm, 0x2000, AGHI, AGHI);
    go(all, text);
    vcpu.setGr(3, 0xffff_ffff_ffff_ffffn);
    vcpu.debug({ singleStep: true });
    expect(vcpu.run({ instructions: 9 })).toEqual({ kind: 'debug', reason: 'step', address: 0x2000n });
    expect([vcpu.psw, vcpu.gr(1)]).toEqual([{ mask: MASK_64, address: 0x2000n }, 0n]);
    expect(vcpu.run({ instructions: 9 })).toEqual({ kind: 'debug', reason: 'step', address: 0x2004n });
  });

  test('a single step over what user space makes a program interruption of ends at its handler', () => {
    const all = make({ engine });
    const { vm, vcpu } = all;
    put(vm, 0x1d0, Uint8Array.of(0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0));
    put(vm, 0x2000, AGHI);
    go(all, encode('DIAG', { r1: 0, r3: 0, b2: 0, d2: 0x888 }));
    vcpu.debug({ singleStep: true });
    expect(vcpu.run({ instructions: 9 })).toMatchObject({ kind: 'diagnose', code: 0x888 });
    vcpu.interrupt({ kind: 'program', code: 6 });
    expect(vcpu.run({ instructions: 9 })).toEqual({ kind: 'debug', reason: 'step', address: 0x2000n });
    expect(vcpu.gr(1)).toBe(0n);
  });

  test('single steps, breakpoints and watchpoints; the guest does not notice', () => {
    const all = make({ engine });
    const { vm, vcpu } = all;
    go(all, AGHI, STG, BACK);
    vcpu.setGr(2, 0x5000n);
    vcpu.debug({ singleStep: true });
    expect(vcpu.run({ instructions: 9 })).toEqual({ kind: 'debug', reason: 'step', address: 0x1004n });
    vcpu.debug({ watchpoints: [{ address: 0x5000, length: 8 }] });
    expect(vcpu.run({ instructions: 9 })).toEqual({ kind: 'debug', reason: 'watchpoint', address: 0x5007n });
    expect(vcpu.psw.address).toBe(0x100an);
    vcpu.debug({ breakpoints: [0x1004n] });
    for (const wanted of [2n, 3n]) {
      expect(vcpu.run({ instructions: 1000 })).toEqual({ kind: 'debug', reason: 'breakpoint', address: 0x1004n });
      expect(vcpu.gr(1)).toBe(wanted);
    }
    vcpu.debug({});
    expect(vcpu.run({ instructions: 3000 })).toEqual({ kind: 'instructions' });
    expect([vcpu.gr(1), vm.read(0x1000, 4)]).toEqual([1003n, AGHI]);
  });

  test('saved and restored, it goes on in another VM at the same instruction, and both come to the same', () => {
    const [here, there] = [make({ engine }), make({ engine })];
    go(here, AGHI, STG, BACK);
    here.vcpu.setGr(2, 0x5000n);
    here.vcpu.run({ instructions: 1234 });
    here.vm.setKeys(5, Uint8Array.of(0x30));
    there.vm.restore(here.vm.save());
    for (const { vcpu } of [here, there]) vcpu.run({ instructions: 777 });
    expect([there.vcpu.gr(1), there.vcpu.psw, there.vcpu.executed]).toEqual([
      here.vcpu.gr(1),
      here.vcpu.psw,
      here.vcpu.executed,
    ]);
    expect([there.vm.read(0x5000, 8), there.vm.getKeys(5, 1)]).toEqual([
      here.vm.read(0x5000, 8),
      here.vm.getKeys(5, 1),
    ]);
    const other = new Vm({ storage: 2 * MIB });
    expect(() => other.restore(here.vm.save())).toThrow(/bytes of storage|CPUs/);
  });

  test('tells of pages by slot and by reader', () => {
    const all = make({ engine });
    const { vm, vcpu } = all;
    vm.logDirty(0, true);
    const reader = vm.openDirtyReader('mine');
    go(all, STG, STG);
    vcpu.setGr(2, 0x7000n);
    expect(reader.take()).toEqual([0x1000]);
    vcpu.run({ instructions: 1 });
    expect([reader.peek(), reader.take(), reader.take()]).toEqual([[0x7000], [0x7000], []]);
    const log = vm.dirtyLog(0);
    expect([...log.entries()].filter(([, bits]) => bits !== 0)).toEqual([[0, 0x82]]);
    reader.close();
    vm.logDirty(0, false);
    expect(codeOf(() => vm.dirtyLog(0))).toBe('ENOENT');
  });
});

describe('calls that are refused say why', () => {
  const { vm, vcpu } = make();
  test.each<[string, () => unknown, string]>([
    ['a slot that is not aligned', () => vm.addSlot({ slot: 1, guest: 5, bytes: MIB, host: 0 }), 'EINVAL'],
    ['a slot where one is', () => vm.addSlot({ slot: 1, guest: 0, bytes: MIB, host: 0 }), 'EEXIST'],
    ['no such slot', () => vm.removeSlot(7), 'EINVAL'],
    ['a vCPU too many', () => vm.createVcpu(2), 'EINVAL'],
    ['a vCPU that is there', () => vm.createVcpu(0), 'EEXIST'],
    ['an attribute that came too late', () => vm.setAttribute('memory', 0), 'EBUSY'],
    ['an attribute that is none', () => vm.getAttribute('tod', 9), 'ENXIO'],
    ['no storage', () => vm.read(4 * MIB, 1), 'EFAULT'],
    ['keys of no storage', () => vm.setKeys(1024, Uint8Array.of(0)), 'EFAULT'],
    ['usage states without them', () => vm.getUsageStates({ startGfn: 0, count: 1, peek: true }), 'ENXIO'],
    ['an access of nothing', () => vcpu.access({ address: 0n, data: 0 }), 'EINVAL'],
  ])('%s', (_, call, code) => {
    expect(codeOf(call)).toBe(code);
  });
  test('a CPU model that is none', () => {
    expect(() => new Vm({ storage: MIB, cpu: 'z99' })).toThrow('z99');
  });
});

test('attributes go by group and number', () => {
  const vm = new Vm({ storage: MIB });
  expect(vm.hasAttribute('memory', 0)).toBeUndefined();
  expect(vm.hasAttribute(9, 0)).toBe('ENXIO');
  vm.setAttribute('tod', 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  expect(vm.getAttribute('tod', 0)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  expect(vm.attributes).toContainEqual({ group: 'migration', name: 'start', attribute: 1 });
});

test('the trace tells what happened while it was on', () => {
  const all = make();
  all.vm.tracing = true;
  go(all, encode('STAP', { b2: 0, d2: 0x800 }));
  all.vcpu.run({ instructions: 1 });
  expect(all.vm.trace().map(({ kind }) => kind)).toEqual(['stopped', 'prefix', 'interception']);
});
