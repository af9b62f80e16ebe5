/** Data breakpoints that a guest has set by hypercalls. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { slots } from '../../../src/arch/ppc64/cpu/state-layout.ts';
import { H, status } from '../../../src/arch/ppc64/hv/hcall.ts';
import { Bench, CODE, encode, MSR_64 } from '../../support/ppc64/isa.ts';
import { Ppc64Machine } from '../../support/ppc64/machine.ts';

const bench = new Bench(undefined, cpuModels.power8);
const DATA = 0x2_0180n;
const [USER, KERNEL, ANY, TRANSLATED, READ, WRITE] = [1, 2, 8, 0x10, 0x20, 0x40];
const DATA_STORAGE = 0x300n;

/** DSISR behind a load or store of eight bytes under a breakpoint; undefined when there was no interruption. */
function dsisr(how: 'ld' | 'std' | 'stb', at: bigint, dawr: bigint, dawrx: number): number | undefined {
  bench.vcpu.setBig(slots.dawr, dawr);
  bench.vcpu.setNum(slots.dawrx, dawrx);
  bench.vcpu.flushTlb();
  // Behind an access that has made the page a known one.
  const code = [encode('lbz', { rt: 7, ra: 5, d: 0 }), encode(how, { rt: 3, ra: 4, d: 0 })];
  const out = bench.run({ code, msr: MSR_64, gpr: { 3: 7n, 4: at, 5: 0x2_0ff0n } });
  bench.vcpu.setNum(slots.dawrx, 0);
  bench.vcpu.flushTlb();
  if (out.pc !== DATA_STORAGE) {
    expect(out.pc).toBe(CODE + 8n);
    return undefined;
  }
  expect([out.vcpu.big(slots.dar), out.vcpu.big(slots.srr0)]).toEqual([at, CODE + 4n]);
  expect(out.storage(Number(at), 8)).toBe('00'.repeat(8));
  return out.vcpu.num(slots.dsisr);
}

describe('DAWR', () => {
  const all = KERNEL | ANY | READ | WRITE;
  test('interrupts loads, stores, or both, before they are done', () => {
    expect([dsisr('ld', DATA, DATA, all), dsisr('std', DATA, DATA, all)]).toEqual([0x40_0000, 0x240_0000]);
    expect([dsisr('ld', DATA, DATA, KERNEL | ANY | WRITE), dsisr('std', DATA, DATA, KERNEL | ANY | READ)]).toEqual([
      undefined,
      undefined,
    ]);
  });
  test('is for as many doublewords as it says, up to where 512 bytes end', () => {
    const three = all | (2 << 10);
    const at = (offset: bigint): boolean => dsisr('stb', DATA + offset, DATA + 5n, three) !== undefined;
    expect([at(-1n), at(0n), at(23n), at(24n)]).toEqual([false, true, true, false]);
    // An access that only ends in it counts, too.
    expect(dsisr('ld', DATA - 4n, DATA, three)).toBeDefined();
    expect(dsisr('std', 0x2_0ffcn, 0x2_1000n, all)).toBe(0x240_0000);
    const most = all | (63 << 10);
    expect([dsisr('ld', 0x2_01f8n, DATA, most), dsisr('ld', 0x2_0200n, DATA, most)]).toEqual([0x40_0000, undefined]);
  });
  test('is for one state, and for one translation unless it takes any', () => {
    expect(dsisr('ld', DATA, DATA, USER | ANY | READ)).toBeUndefined();
    expect(dsisr('ld', DATA, DATA, KERNEL | TRANSLATED | READ)).toBeUndefined();
    expect(dsisr('ld', DATA, DATA, KERNEL | READ)).toBe(0x40_0000);
  });
});

describe('H_SET_MODE', () => {
  const image = readFileSync(new URL('../../../guests/ppc64-suite/suite-be.elf', import.meta.url));
  const vcpuOf = (cpu: string) => {
    const [v] = new Ppc64Machine({ image, cpu }).guest.vm.vcpus;
    if (v === undefined) throw new Error('a machine has a CPU');
    return v;
  };
  test('sets it on a POWER8, but not for the hypervisor', () => {
    const v = vcpuOf('power8');
    expect(v.processorCall(H.setMode, [0n, 2n, 0x1_2345_6780n, 0x6bn])).toBe(status.success);
    expect([v.vcpu.big(slots.dawr), v.vcpu.num(slots.dawrx)]).toEqual([0x1_2345_6780n, 0x6b]);
    expect([v.processorCall(H.setMode, [0n, 2n, 0n, 4n]), v.processorCall(H.setMode, [1n, 2n, 0n, 0n])]).toEqual([
      status.p4,
      status.unsupportedFlag,
    ]);
    expect(v.vcpu.num(slots.dawrx)).toBe(0x6b);
  });
  test('leaves it, on a POWER7, and everything else to user space', () => {
    expect(vcpuOf('power7').processorCall(H.setMode, [0n, 2n, 0n, 0n])).toBeUndefined();
    expect(vcpuOf('power8').processorCall(H.setMode, [1n, 4n, 0n, 0n])).toBeUndefined();
  });
});
