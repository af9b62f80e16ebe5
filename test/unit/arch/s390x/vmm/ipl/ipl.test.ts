import { beforeEach, describe, expect, test } from 'vitest';
import { todOfInstructions } from '../../../../../../src/arch/s390x/cpu/clock.ts';
import { PGM } from '../../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { gpa } from '../../../../../../src/arch/s390x/dat/address.ts';
import { IPL_FUNCTIONS, Ipl } from '../../../../../../src/arch/s390x/vmm/ipl/ipl.ts';
import { ccwIplParameterBlock } from '../../../../../../src/arch/s390x/vmm/ipl/ipl-parameters.ts';
import type { BootPlan } from '../../../../../../src/arch/s390x/vmm/ipl/load.ts';
import type { VcpuExit } from '../../../../../../src/machine/exit.ts';
import { CODE, coded, KvmBench, MASK_64, SPIN } from '../../kvm/harness.ts';

const bench = new KvmBench();
const PAGE = 0x1_4000;
const plan: BootPlan = { psw: { mask: MASK_64, address: BigInt(CODE) }, description: 'test', linux: false };
let deviceResets = 0;
let loads = 0;
let ipl = new Ipl(bench.vm, () => undefined);

beforeEach(() => {
  const vm = bench.fresh();
  deviceResets = 0;
  loads = 0;
  ipl = new Ipl(vm, () => deviceResets++);
  vm.userSpace = {
    ...vm.userSpace,
    diagnose: (v, code, r1, r3) => (code === IPL_FUNCTIONS ? ipl.diagnose(v, r1, r3) : undefined),
  };
});

/** DIAGNOSE 308 by a CPU; R1 and R1 + 1 are GR2 and GR3. */
function diagnose(subcode: bigint, address = 0n, id = 0, r1 = 2): VcpuExit {
  const v = bench.program([coded('DIAG', r1, 4, IPL_FUNCTIONS), SPIN], { id });
  v.vcpu.setGr(2, address);
  v.vcpu.setGr(3, 0n);
  v.vcpu.setGr(4, subcode);
  v.sync();
  return bench.run(v);
}

function load(): { readonly ok: true; readonly value: BootPlan } {
  loads++;
  bench.put(CODE, SPIN);
  return { ok: true, value: plan };
}

describe('IPL', () => {
  test('the first one: CPU 0 at the plan’s PSW, the others stopped', () => {
    expect(ipl.boot(load)).toEqual({ ok: true, value: plan });
    expect(bench.vm.vcpus.map((v) => v.stopped)).toEqual([false, true]);
    expect([bench.vcpu().psw, deviceResets]).toEqual([plan.psw, 0]);
  });

  test.each([
    ['load clear', 3n, true],
    ['load normal', 4n, false],
  ])('%s, by any CPU: everything is reset, the image comes again', (_, subcode, cleared) => {
    const told: BootPlan[] = [];
    ipl.onReipl = (p) => told.push(p);
    ipl.boot(load);
    bench.put(0x3_0000, Uint8Array.of(7));
    bench.vcpu(0).vcpu.setGr(9, 9n);
    bench.vm.floating.raiseService(8);
    bench.vcpu(0).local.externalCall = 1;
    expect(diagnose(subcode, 0n, 1)).toEqual({ kind: 'machine' });
    expect(bench.vm.vcpus.map((v) => v.stopped)).toEqual([false, true]);
    expect([bench.vcpu(0).psw, bench.vcpu(0).vcpu.gr(9), bench.vcpu(0).local.externalCall]).toEqual([
      plan.psw,
      0n,
      undefined,
    ]);
    expect([bench.vm.floating.anyExternal, deviceResets, loads, told]).toEqual([false, 1, 2, [plan]]);
    expect(bench.hex(0x3_0000, 1)).toBe(cleared ? '00' : '07');
    bench.run(bench.vcpu(0), 10);
    expect(bench.vcpu(0).psw.address).toBe(BigInt(CODE));
  });

  test('with nothing to load, or nothing that can be loaded, the guest is over', () => {
    diagnose(3n);
    expect(ipl.failure).toBe('there is nothing to load');
    expect(bench.vm.vcpus.every((v) => v.stopped)).toBe(true);
    ipl.boot(load);
    ipl.failure = undefined;
    const failing = new Ipl(bench.vm, () => undefined);
    let first = true;
    failing.boot(() => {
      if (first) {
        first = false;
        return load();
      }
      return { ok: false, error: { code: 'image-empty', message: 'gone' } };
    });
    ipl = failing;
    diagnose(3n);
    expect(failing.failure).toBe('gone');
  });
});

describe('resets that go on', () => {
  beforeEach(() => {
    // A short PSW at absolute 0: 31-bit mode, to where the processor spins.
    bench.put(0, Uint8Array.of(0, 8, 0, 0, 0x80, 1, 0x50, 0));
    bench.put(0x1_5000, SPIN);
  });
  test.each([
    ['modified clear', 0n, 0n, 0n],
    ['load normal', 1n, 9n, 9n],
  ])('%s: the CPU goes on at the PSW of address 0, the others are reset', (_, subcode, own, others) => {
    for (const id of [0, 1]) {
      const v = bench.vcpu(id);
      v.vcpu.setGr(9, 9n);
      v.vcpu.setCr(5, 5n);
      v.vcpu.setPrefix(gpa(0x6000));
      v.sync();
    }
    bench.put(0x61d0, bench.bytes(0x1d0, 16));
    expect(diagnose(subcode, 0n, 1)).toEqual({ kind: 'machine' });
    const [other, v] = [bench.vcpu(0), bench.vcpu(1)];
    expect([v.stopped, v.psw, v.vcpu.prefix, v.vcpu.cr(5)]).toEqual([
      false,
      { mask: 0x8000_0000n, address: 0x1_5000n },
      0,
      0n,
    ]);
    expect([v.vcpu.gr(9), other.stopped, other.vcpu.gr(9), other.vcpu.cr(5)]).toEqual([
      own,
      true,
      others,
      own === 0n ? 0n : 5n,
    ]);
    expect([deviceResets, bench.run(v, 3).kind, v.psw.address]).toEqual([1, 'quantum', 0x1_5000n]);
  });
  test('load normal: the timer of a CPU that waits has run on until then', () => {
    const { clock } = bench.core;
    const other = bench.program([SPIN], { id: 1, at: 0x1_5000 });
    clock.pass(other.vcpu, 5000n + clock.count(bench.vcpu().vcpu) - clock.count(other.vcpu));
    clock.setCpuTimer(other.vcpu, 1_000_000n);
    other.enterWait();
    clock.pass(bench.vcpu().vcpu, 6000n);
    diagnose(1n);
    expect(clock.count(other.vcpu)).toBe(clock.count(bench.vcpu().vcpu));
    expect(clock.cpuTimer(other.vcpu)).toBeLessThanOrEqual(1_000_000n - todOfInstructions(1000n));
  });
  test('a PSW there that is none of the short format makes a specification exception', () => {
    bench.put(0, new Uint8Array(8));
    diagnose(1n);
    bench.run(bench.vcpu());
    expect([bench.low('programCode'), bench.taken(bench.vcpu())]).toEqual([BigInt(PGM.specification), 'program']);
  });
});

describe('IPL parameters', () => {
  const RC = { ok: 1n, none: 0x102n, invalid: 0x402n };
  const rc = (): bigint => bench.vcpu().vcpu.gr(3);
  const block = ccwIplParameterBlock({ subchannelSet: 0, device: 0x1234, loadParameter: 'TEST' });
  test('none before they are set; then those that were set', () => {
    diagnose(6n, BigInt(PAGE));
    expect(rc()).toBe(RC.none);
    bench.put(PAGE, block);
    diagnose(5n, BigInt(PAGE));
    expect(rc()).toBe(RC.ok);
    bench.put(PAGE, new Uint8Array(4096));
    diagnose(6n, BigInt(PAGE));
    expect([rc(), bench.bytes(PAGE, block.length)]).toEqual([RC.ok, block]);
  });
  test('a block that says nothing of use', () => {
    bench.put(PAGE, new Uint8Array(4096));
    diagnose(5n, BigInt(PAGE));
    expect(rc()).toBe(RC.invalid);
  });
  test.each([
    ['a subcode that is none', 0x1_0003n, 0n, 2, PGM.specification],
    ['an address that is not a page', 6n, 0x1_4008n, 2, PGM.specification],
    ['an odd register', 6n, 0x1_4000n, 3, PGM.specification],
    ['a page that is not there', 5n, 0x4000_0000n, 2, PGM.addressing],
  ])('%s', (_, subcode, address, r1, code) => {
    const v = bench.program([coded('DIAG', r1, 4, IPL_FUNCTIONS), SPIN]);
    v.vcpu.setGr(r1, address);
    v.vcpu.setGr(4, subcode);
    v.sync();
    bench.run(v);
    expect(bench.low('programCode')).toBe(BigInt(code));
  });
});
