/**
 * Runs single instructions for vectors: encodes from the table's own formats, sets registers and storage, executes on
 * every engine, and tells what came out.
 */

import { CpuComplex } from '../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../src/arch/s390x/cpu/core.ts';
import { type InterceptionControls, VECTORS } from '../../../src/arch/s390x/cpu/interception-controls.ts';
import type { ProgramInterruption } from '../../../src/arch/s390x/cpu/program-interruption.ts';
import { slots } from '../../../src/arch/s390x/cpu/state-layout.ts';
import type { UnwindCause } from '../../../src/arch/s390x/cpu/unwind-cause.ts';
import type { Vcpu } from '../../../src/arch/s390x/cpu/vcpu.ts';
import { gpa } from '../../../src/arch/s390x/dat/address.ts';
import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { hexToBytes } from '../../../src/bits/hex.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { EngineMode } from '../../../src/engine/modes.ts';
import { PAGE_BYTES } from '../../../src/machine/layout.ts';
import { buildTestEngine } from '../engine.ts';
import { everyFacility } from './facilities.ts';

/** 64-bit addressing, DAT off, supervisor state. */
export const MASK_64 = 0x0000_0001_8000_0000n;
/** Where a vector's instruction stands. */
export const CODE = 0x10000n;
const STORAGE = 4 << 20;
const noControls: Omit<InterceptionControls, never> = {
  ictl: 0,
  lctl: 0,
  eca: VECTORS,
  ecb: 0,
  ecb2: 0,
  ecb3: 0,
  multipleEpoch: true,
  svcc: 0,
  facilityList: 0,
  cpuflags: 0,
};

/** The row of a mnemonic. */
export function rowOf(mnemonic: string): Row {
  const row = instructionTable.find((r) => r.mnemonic === mnemonic);
  if (row === undefined) throw new Error(`no row for ${mnemonic}`);
  return row;
}

/** Instruction text from the operand fields by name; relative operands are byte distances; fields left out are zero. */
export function encode(mnemonic: string, operands: Readonly<Record<string, number>> = {}): Uint8Array {
  const row = rowOf(mnemonic);
  const { length, opcode, fields } = row.format;
  let text = 0n;
  const put = (value: bigint, start: number, bits: number): void => {
    text |= BigInt.asUintN(bits, value) << BigInt(length * 8 - start - bits);
  };
  const op = BigInt(row.op);
  if (opcode === 'op8') put(op, 0, 8);
  else if (opcode === 'op16') put(op, 0, 16);
  else if (opcode === 'op12') {
    put(op >> 4n, 0, 8);
    put(op & 15n, 12, 4);
  } else {
    put(op >> 8n, 0, 8);
    put(op & 255n, 40, 8);
  }
  for (const [name, value] of Object.entries(operands)) {
    const field = fields[name];
    if (field === undefined) throw new Error(`${mnemonic} (${row.formatName}) has no field ${name}`);
    if (field.kind === 'disp' && field.length === 20) {
      put(BigInt(value), field.start, 12);
      put(BigInt(value) >> 12n, field.start + 12, 8);
    } else if (field.kind === 'vr') {
      put(BigInt(value), field.start, 4);
      const place = { 8: 0, 12: 1, 16: 2, 32: 3 }[field.start] ?? 3;
      put(BigInt(value) >> 4n, 36 + place, 1);
    } else {
      put(field.kind === 'rel' ? BigInt(value) >> 1n : BigInt(value), field.start, field.length);
    }
  }
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = Number((text >> BigInt((length - 1 - i) * 8)) & 255n);
  return out;
}

/** What a vector starts from. Registers that are not named hold zero. */
export interface Setup {
  /** Instruction texts, one behind the other from `at` on. */
  readonly code: readonly Uint8Array[];
  readonly at?: bigint;
  /** How many instructions to do; as many as texts when left out. */
  readonly steps?: number;
  /** In how many pieces; between two of them code may be translated. */
  readonly pieces?: number;
  readonly mask?: bigint;
  readonly gr?: Readonly<Record<number, bigint>>;
  readonly fpr?: Readonly<Record<number, bigint>>;
  /** Vector registers whole; `fpr` goes over them. */
  readonly vr?: Readonly<Record<number, bigint>>;
  readonly ar?: Readonly<Record<number, number>>;
  readonly cr?: Readonly<Record<number, bigint>>;
  readonly cc?: number;
  readonly programMask?: number;
  readonly fpc?: number;
  /** Bytes as hex text, or as they are, by absolute address. */
  readonly storage?: Readonly<Record<number, string | Uint8Array>>;
  /** Storage keys by absolute address. */
  readonly keys?: Readonly<Record<number, number>>;
  readonly prefix?: number;
  /** Interception controls; those left out intercept nothing, and vectors are there. */
  readonly controls?: Partial<InterceptionControls>;
  /** Something waits for the PSW's masks to open. */
  readonly interruptionPending?: boolean;
}

/** What came out. */
export interface Outcome {
  readonly vcpu: Vcpu;
  readonly gr: readonly bigint[];
  readonly fpr: readonly bigint[];
  readonly vr: readonly bigint[];
  readonly ar: readonly number[];
  readonly cc: number;
  readonly fpc: number;
  readonly address: bigint;
  /** The program interruption that ended it. */
  readonly pgm: ProgramInterruption | undefined;
  /** What else left generated code. */
  readonly cause: UnwindCause | undefined;
  /** The run loop was told to look for interruptions. */
  readonly looked: boolean;
  /** Storage as hex text. */
  storage(address: number, length: number): string;
}

/** A machine of one vCPU with 4 MiB, every facility on if nothing else is said, to run vectors on. */
export class Bench {
  readonly complex = new CpuComplex({ vcpus: 1, storage: STORAGE, decodePages: 64 });
  readonly core: S390xCore;
  readonly #run: Engine;
  /** What of the code is translated. */
  readonly translated: Engine['translated'];

  /** `mode` is how code is executed; as the environment says when it is left out. */
  constructor(mode?: EngineMode, facilities: ReadonlySet<number> = everyFacility) {
    this.core = new S390xCore(this.complex, instructionTable, { facilities });
    this.#run = buildTestEngine(this.core, this.complex.memory, this.complex.filterAddress, mode);
    this.translated = this.#run.translated;
  }

  /** Executes so many more instructions, or until something happens. */
  goOn(steps: number): void {
    const vcpu = this.complex.vcpus[0];
    if (vcpu === undefined) throw new Error('no vCPU');
    const end = vcpu.icount + BigInt(steps);
    while (vcpu.icount < end && causeOf(vcpu) === undefined) {
      vcpu.runUntil(end);
      this.#run.run(vcpu.base);
    }
  }

  /** Executes. Storage is cleared first. */
  run(setup: Setup): Outcome {
    const { complex } = this;
    const vcpu = complex.vcpus[0];
    if (vcpu === undefined) throw new Error('no vCPU');
    complex.storage.fill(0, STORAGE, 0);
    complex.keys.fill(0);
    complex.frames.decodePages.flush();
    complex.flushTlbs();
    this.#load(vcpu, setup);
    vcpu.unwindCause = undefined;
    const steps = setup.steps ?? setup.code.length;
    const piece = Math.ceil(steps / (setup.pieces ?? 1));
    for (let left = steps; left > 0 && causeOf(vcpu) === undefined; left -= piece) this.goOn(Math.min(piece, left));
    const cause = causeOf(vcpu);
    return {
      vcpu,
      gr: Array.from({ length: 16 }, (_, i) => vcpu.gr(i)),
      fpr: Array.from({ length: 16 }, (_, i) => vcpu.fpr(i)),
      vr: Array.from({ length: 32 }, (_, i) => vcpu.vr(i)),
      ar: Array.from({ length: 16 }, (_, i) => vcpu.ar(i)),
      cc: vcpu.cc,
      fpc: vcpu.fpc,
      address: vcpu.psw.address,
      pgm: cause?.kind === 'program' ? cause.interruption : undefined,
      cause,
      looked: vcpu.recheck,
      storage: (address, length) => Buffer.from(complex.storage.read(address, length)).toString('hex'),
    };
  }

  #load(vcpu: Vcpu, setup: Setup): void {
    for (let i = 0; i < 32; i++) vcpu.setVr(i, BigInt.asUintN(128, setup.vr?.[i] ?? 0n));
    for (let i = 0; i < 16; i++) {
      vcpu.setGr(i, BigInt.asUintN(64, setup.gr?.[i] ?? 0n));
      const fpr = setup.fpr?.[i];
      if (fpr !== undefined) vcpu.setFpr(i, BigInt.asUintN(64, fpr));
      vcpu.setAr(i, setup.ar?.[i] ?? 0);
      vcpu.setCr(i, BigInt.asUintN(64, setup.cr?.[i] ?? 0n));
    }
    vcpu.fpc = setup.fpc ?? 0;
    vcpu.setPrefix(gpa(setup.prefix ?? 0));
    Object.assign(vcpu.controls, noControls, setup.controls);
    vcpu.setNum(slots.interruptionPending, setup.interruptionPending === true ? 1 : 0);
    const at = setup.at ?? CODE;
    for (const [address, bytes] of Object.entries(setup.storage ?? {})) this.#put(Number(address), bytes);
    let next = Number(at);
    for (const text of setup.code) {
      this.#put(next, text);
      next += text.length;
    }
    for (const [address, key] of Object.entries(setup.keys ?? {}))
      this.complex.keys[Math.floor(Number(address) / PAGE_BYTES)] = key;
    const mask = (setup.mask ?? MASK_64) | (BigInt(setup.cc ?? 0) << 44n) | (BigInt(setup.programMask ?? 0) << 40n);
    vcpu.setPsw({ mask, address: at });
    vcpu.recheck = false;
  }

  #put(address: number, bytes: string | Uint8Array): void {
    const data = typeof bytes === 'string' ? hexToBytes(bytes.replaceAll(' ', '')) : bytes;
    if (data === undefined) throw new Error(`storage at ${address} is not hex text`);
    this.complex.storage.write(address, data);
  }
}

// A read of its own: the compiler believes that what was cleared before the run is still so.
function causeOf(vcpu: Vcpu): UnwindCause | undefined {
  return vcpu.unwindCause;
}
