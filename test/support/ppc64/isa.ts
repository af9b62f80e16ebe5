/** Runs single ppc64 instructions for vectors: sets registers and storage, executes on an engine, and tells what came out. */

import { CpuComplex } from '../../../src/arch/ppc64/cpu/complex.ts';
import { Ppc64Core } from '../../../src/arch/ppc64/cpu/core.ts';
import { type CpuModel, cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { slots } from '../../../src/arch/ppc64/cpu/state-layout.ts';
import type { LeaveCause, Vcpu } from '../../../src/arch/ppc64/cpu/vcpu.ts';
import type { Row } from '../../../src/arch/ppc64/isa/row.ts';
import { hasInstruction, instructionTable } from '../../../src/arch/ppc64/isa/table.ts';
import { Hpt } from '../../../src/arch/ppc64/mmu/hpt.ts';
import { Translator } from '../../../src/arch/ppc64/mmu/translate.ts';
import type { ByteOrder } from '../../../src/bits/byte-order.ts';
import { hexToBytes } from '../../../src/bits/hex.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { EngineMode } from '../../../src/engine/modes.ts';
import { buildTestEngine } from '../engine.ts';

/** 64-bit mode, supervisor state, big endian, real addresses. */
export const MSR_64 = 0x8000_0000_0000_0000n;
/** FP, VEC and VSX available, too. */
export const MSR_ALL = MSR_64 | 0x0280_2000n;
/** Where a vector's instruction stands. */
export const CODE = 0x10000n;
const STORAGE = 4 << 20;

/** In which orders storage may have its numbers. */
export const storageOrders: readonly ByteOrder[] = ['big', 'little'];

/** The row of a mnemonic. */
export function rowOf(mnemonic: string): Row {
  const row = instructionTable.find((r) => r.mnemonic === mnemonic);
  if (row === undefined) throw new Error(`no row for ${mnemonic}`);
  return row;
}

/** An instruction with its operands by name; those of rotates are `mb`, `me` and `sh`, as the manual has them. */
export function encode(mnemonic: string, operands: Readonly<Record<string, number>> = {}): number {
  const row = rowOf(mnemonic);
  let word = row.op.value;
  for (const [name, value] of Object.entries(operands)) {
    const field = row.fields[name];
    if (name === 'mb' && row.mnemonic.startsWith('rlw')) word |= value << 6;
    else if (name === 'me' && row.mnemonic.startsWith('rlw')) word |= value << 1;
    else if (name === 'mb' || name === 'me') word |= ((value & 31) << 6) | (value & 32);
    else if (field === undefined) throw new Error(`${mnemonic} has no operand ${name}`);
    else word |= field.write(value);
  }
  return word >>> 0;
}

/** What a vector starts from. Registers that are not named hold zero. */
export interface Setup {
  /** Instructions, one behind the other. */
  readonly code: readonly number[];
  readonly steps?: number;
  readonly msr?: bigint;
  readonly gpr?: Readonly<Record<number, bigint>>;
  /** Vector-scalar registers by number. */
  readonly vsr?: Readonly<Record<number, readonly [left: bigint, right: bigint]>>;
  readonly cr?: number;
  readonly xer?: number;
  readonly lr?: bigint;
  readonly ctr?: bigint;
  readonly fpscr?: bigint;
  /** Bytes as hex text by address. */
  readonly storage?: Readonly<Record<number, string | Uint8Array>>;
}

/** What came out. */
export interface Outcome {
  readonly vcpu: Vcpu;
  readonly gpr: readonly bigint[];
  readonly cr: number;
  readonly xer: number;
  readonly lr: bigint;
  readonly ctr: bigint;
  readonly pc: bigint;
  readonly msr: bigint;
  readonly fpscr: bigint;
  /** Left and right doublewords of the vector-scalar registers. */
  readonly vsr: readonly (readonly [bigint, bigint])[];
  readonly cause: LeaveCause | undefined;
  storage(address: number, length: number): string;
}

/** A machine of one vCPU with 4 MiB, real addresses as they are, no hypervisor. */
export class Bench {
  readonly complex: CpuComplex;
  readonly translator: Translator;
  readonly core: Ppc64Core;
  readonly #run: Engine;

  /** `order` is that of storage, which nobody can tell. */
  constructor(
    mode?: EngineMode,
    model: CpuModel = cpuModels.power7,
    order: ByteOrder = 'big',
    table: readonly Row[] = instructionTable,
  ) {
    this.complex = new CpuComplex({ vcpus: 1, storage: STORAGE, hptOrder: 18, decodePages: 64, order });
    this.translator = new Translator({
      hpt: new Hpt(this.complex.hptStorage, 18),
      hostBase: 0,
      bytes: STORAGE,
      vrma: undefined,
    });
    this.core = new Ppc64Core(this.complex, table, {
      ...{ translator: this.translator, model },
      has: (row) => hasInstruction(model, row),
    });
    this.#run = buildTestEngine(this.core, this.complex.memory, this.complex.filterAddress, mode);
  }

  get vcpu(): Vcpu {
    const [vcpu] = this.complex.vcpus;
    if (vcpu === undefined) throw new Error('no vCPU');
    return vcpu;
  }

  /** Executes so many more instructions, or until the hypervisor is wanted. */
  goOn(steps: number): void {
    const { vcpu } = this;
    const end = vcpu.executed + BigInt(steps);
    this.core.useOrder(vcpu);
    while (vcpu.executed < end && causeOf(vcpu) === undefined) {
      vcpu.runFor(vcpu.instructions.until(end));
      this.#run.run(vcpu.base);
    }
  }

  /** Executes. Storage is cleared first. */
  run(setup: Setup): Outcome {
    const { complex, vcpu } = this;
    complex.storage.fill(0, STORAGE, 0);
    complex.storageReplaced();
    this.#load(vcpu, setup);
    this.goOn(setup.steps ?? setup.code.length);
    return {
      vcpu,
      gpr: Array.from({ length: 32 }, (_, i) => vcpu.gpr(i)),
      ...{ cr: vcpu.cr, xer: vcpu.xer, lr: vcpu.lr, ctr: vcpu.ctr, pc: vcpu.pc, msr: vcpu.msr },
      fpscr: vcpu.big(slots.fpscr),
      vsr: Array.from({ length: 64 }, (_, i) => [vcpu.vsr(i, 0), vcpu.vsr(i, 1)] as const),
      cause: vcpu.takeCause(),
      storage: (address, length) => Buffer.from(complex.storage.read(address, length)).toString('hex'),
    };
  }

  #load(vcpu: Vcpu, setup: Setup): void {
    for (let i = 0; i < 32; i++) vcpu.setGpr(i, setup.gpr?.[i] ?? 0n);
    for (let i = 0; i < 64; i++) {
      const [left, right] = setup.vsr?.[i] ?? [0n, 0n];
      vcpu.setVsr(i, 0, left);
      vcpu.setVsr(i, 1, right);
    }
    vcpu.cr = setup.cr ?? 0;
    vcpu.xer = setup.xer ?? 0;
    vcpu.lr = setup.lr ?? 0n;
    vcpu.ctr = setup.ctr ?? 0n;
    vcpu.setBig(slots.fpscr, setup.fpscr ?? 0n);
    vcpu.setBig(slots.reservation, 1n);
    vcpu.cause = undefined;
    vcpu.setMsr(setup.msr ?? MSR_64);
    const little = (vcpu.msrLow & 1) !== 0;
    // Code that is aside is not translated.
    this.complex.codeOrder.decodeIn(little ? 'little' : 'big');
    for (const [address, bytes] of Object.entries(setup.storage ?? {})) {
      const data = typeof bytes === 'string' ? hexToBytes(bytes.replaceAll(' ', '')) : bytes;
      if (data === undefined) throw new Error(`storage at ${address} is not hex text`);
      this.complex.storage.write(Number(address), data);
    }
    const view = new DataView(new ArrayBuffer(4));
    for (const [i, word] of setup.code.entries()) {
      view.setUint32(0, word, little);
      this.complex.storage.write(Number(CODE) + 4 * i, new Uint8Array(view.buffer));
    }
    vcpu.pc = CODE;
  }
}

// A read of its own: the compiler believes that what was cleared before the run is still so.
function causeOf(vcpu: Vcpu): LeaveCause | undefined {
  return vcpu.cause;
}
