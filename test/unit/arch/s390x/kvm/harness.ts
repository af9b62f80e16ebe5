/** A small machine of two vCPUs with the real interpreter: programs of a few instructions, interruptions, interceptions. */

import { CpuComplex } from '../../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../../src/arch/s390x/cpu/core.ts';
import { facilityBits } from '../../../../../src/arch/s390x/cpu/facilities.ts';
import { type LowcoreField, lowcore } from '../../../../../src/arch/s390x/cpu/lowcore.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa, hostAddress } from '../../../../../src/arch/s390x/dat/address.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { KvmVm, type VcpuCreation } from '../../../../../src/arch/s390x/kvm/vm.ts';
import { bigEndian, toBigEndian } from '../../../../../src/bits/hex.ts';
import type { VcpuExit } from '../../../../../src/machine/exit.ts';
import { buildTestEngine } from '../../../../support/engine.ts';
import { everyFacility } from '../../../../support/s390x/facilities.ts';
import { encode, MASK_64 } from '../../../../support/s390x/isa.ts';

export { encode, MASK_64 };

export const STORAGE = 4 << 20;
/** Where programs stand. */
export const CODE = 0x10000;
/** Where new PSWs of the classes lead: a place each, with a branch to itself. */
export const HANDLERS = {
  restart: 0x20000,
  external: 0x21000,
  svc: 0x22000,
  program: 0x23000,
  machineCheck: 0x24000,
  io: 0x25000,
} as const;
export type InterruptionClass = keyof typeof HANDLERS;

/** PSW masks with everything of a class let in. */
export const OPEN = {
  external: MASK_64 | PSW.external,
  io: MASK_64 | PSW.io,
  machineCheck: MASK_64 | PSW.machineCheck,
  all: MASK_64 | PSW.external | PSW.io | PSW.machineCheck,
} as const;

/** An instruction that does nothing, and one that goes nowhere. */
export const NOP = encode('BCR', { m1: 0, r2: 0 });
export const SPIN = encode('BRC', { m1: 15, ri2: 0 });

/** A machine whose VM is made afresh for each test; its interpreter is built once. */
export class KvmBench {
  readonly complex: CpuComplex;
  readonly core: S390xCore;
  readonly #interpreter: ReturnType<typeof buildTestEngine>;
  readonly #storage: number;
  vm: KvmVm;

  /** `without` are facilities that the guest is not told of. */
  constructor(
    options: {
      readonly vcpus?: number;
      readonly storage?: number;
      readonly without?: readonly (keyof typeof facilityBits)[];
    } = {},
  ) {
    this.#storage = options.storage ?? STORAGE;
    this.complex = new CpuComplex({ vcpus: options.vcpus ?? 2, storage: this.#storage, decodePages: 64 });
    const hidden = new Set<number>((options.without ?? []).map((name) => facilityBits[name]));
    this.core = new S390xCore(this.complex, instructionTable, {
      facilities: new Set([...everyFacility].filter((n) => !hidden.has(n))),
    });
    this.#interpreter = buildTestEngine(this.core, this.complex.memory, this.complex.filterAddress);
    this.vm = this.fresh();
  }

  /** A VM with empty storage, vCPUs stopped, and new PSWs that lead to `HANDLERS`. With `later`, `createVcpus` makes the vCPUs. */
  fresh(vcpus: VcpuCreation = 'all'): KvmVm {
    const { complex } = this;
    complex.storage.fill(0, this.#storage, 0);
    complex.keys.fill(0);
    complex.frames.decodePages.flush();
    this.vm = new KvmVm(this.core, this.#interpreter, vcpus);
    this.vm.addSlot({ slot: 0, guest: gpa(0), bytes: this.#storage, host: hostAddress(0) });
    for (const [name, at] of Object.entries(HANDLERS)) {
      this.put(lowcore[`${name as InterruptionClass}NewPsw`][0], psw(MASK_64, at));
      this.put(at, SPIN);
    }
    for (const v of this.complex.vcpus) for (let i = 0; i < 16; i++) v.setGr(i, 0n);
    return this.vm;
  }
  createVcpus(): void {
    for (const { id } of this.complex.vcpus) this.vm.createVcpu(id);
  }

  vcpu(id = 0): KvmVcpu {
    const v = this.vm.vcpus[id];
    if (v === undefined) throw new Error(`no vCPU ${id}`);
    return v;
  }

  put(address: number, bytes: Uint8Array): void {
    if (!this.vm.writeAbsolute(gpa(address), bytes)) throw new Error(`nothing at ${address.toString(16)}`);
  }
  bytes(address: number, length: number): Uint8Array {
    const found = this.vm.readAbsolute(gpa(address), length);
    if (found === undefined) throw new Error(`nothing at ${address.toString(16)}`);
    return found;
  }
  hex(address: number, length: number): string {
    return Buffer.from(this.bytes(address, length)).toString('hex');
  }
  /** A field of the prefix area at absolute 0, or at `prefix`. */
  low(field: LowcoreField, prefix = 0): bigint {
    const [offset, length] = lowcore[field];
    return bigEndian(this.bytes(prefix + offset, length));
  }

  /** Puts texts at `CODE`, and a vCPU that is let run there. */
  program(
    texts: readonly Uint8Array[],
    setup: { readonly mask?: bigint; readonly id?: number; readonly at?: number } = {},
  ): KvmVcpu {
    const v = this.vcpu(setup.id);
    let at = setup.at ?? CODE;
    v.setPsw({ mask: setup.mask ?? MASK_64, address: BigInt(at) });
    for (const text of texts) {
      this.put(at, text);
      at += text.length;
    }
    v.leaveWait();
    v.start();
    v.sync();
    return v;
  }

  /** Runs a vCPU for as many instructions. */
  run(v: KvmVcpu, count = 1, holdTimers = false): VcpuExit {
    return v.run({ until: v.vcpu.icount + BigInt(count), checked: false, holdTimers });
  }

  /** Runs one program and tells where it has come to. */
  one(texts: readonly Uint8Array[], gr: Readonly<Record<number, bigint>> = {}, mask = MASK_64): KvmVcpu {
    const v = this.program(texts, { mask });
    for (const [n, value] of Object.entries(gr)) v.vcpu.setGr(Number(n), BigInt.asUintN(64, value));
    v.sync();
    this.run(v, texts.length);
    return v;
  }

  /** The class whose handler a vCPU is at, with its old PSW's address. */
  taken(v: KvmVcpu): InterruptionClass | undefined {
    const found = Object.entries(HANDLERS).find(([, at]) => BigInt(at) === v.psw.address);
    return found?.[0] as InterruptionClass | undefined;
  }
}

/** The 16 bytes of a PSW. */
export function psw(mask: bigint, address: number): Uint8Array {
  return Uint8Array.of(...toBigEndian(mask, 8), ...toBigEndian(BigInt(address), 8));
}

/** S-format instruction with its operand at a base register's address. */
export function withBase(mnemonic: string, base: number, displacement = 0): Uint8Array {
  return encode(mnemonic, { b2: base, d2: displacement });
}

/** DIAGNOSE and SIGNAL PROCESSOR: two registers, and a number as the second operand's address. */
export function coded(mnemonic: 'DIAG' | 'SIGP', r1: number, r3: number, code: number): Uint8Array {
  return encode(mnemonic, { r1, r3, b2: 0, d2: code });
}
