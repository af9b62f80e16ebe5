/**
 * One machine on which an instruction is done twice from the same state: once by the generated interpreter, once by the
 * evaluator of the IR; everything that the guest or the host could see is kept for a comparison.
 */

import { inspect } from 'node:util';
import { type AccessPath, operand, relativeOperand } from '../../../src/arch/s390x/cpu/access-path.ts';
import { CpuComplex } from '../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../src/arch/s390x/cpu/core.ts';
import type { UnwindCause } from '../../../src/arch/s390x/cpu/unwind-cause.ts';
import { isUnwind, type Vcpu } from '../../../src/arch/s390x/cpu/vcpu.ts';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { evaluate, type Machine } from '../../../src/ir/evaluate.ts';
import type { Field } from '../../../src/ir/field.ts';
import type { RegisterPart, Slot, Space } from '../../../src/ir/node.ts';
import {
  ARCH_STATE_OFFSET,
  decodeEntry,
  engineState,
  handlers,
  LEFT,
  PAGE_BYTES,
} from '../../../src/machine/layout.ts';
import { buildTestEngine } from '../engine.ts';
import { randomWords } from '../seed.ts';
import { everyFacility } from './facilities.ts';

const STORAGE = 1 << 20;
/** Where the instruction stands, by virtual and by real address. */
export const TWIN_CODE = 0x20100;
/** The pages that operands are aimed at: two plain ones, one that DAT does not map, one that it protects, a plain one. */
export const TWIN_WINDOW = { start: 0x10000, invalid: 0x12000, protected: 0x13000, end: 0x15000 } as const;
const SEGMENT_TABLE = 0x30000;
const PAGE_TABLE = 0x34000;
const ASCE = BigInt(SEGMENT_TABLE) | 3n;
const STATE_END = 0x800;

/** What both runs start from. */
export interface TwinCase {
  readonly text: Uint8Array;
  readonly gr: readonly bigint[];
  readonly fpr: readonly bigint[];
  /** Vector registers whole, all 32; `fpr` goes over them. */
  readonly vr: readonly bigint[];
  readonly ar: readonly number[];
  readonly fpc: number;
  readonly mask: bigint;
  /** Bytes over the random contents of the window, by their offset in it. */
  readonly patches: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** What one run left, copied out of the machine. */
export interface TwinOutcome {
  readonly state: Uint8Array;
  readonly cause: UnwindCause | undefined;
  readonly recheck: boolean;
  /** Contents of the frames that differ from what the machine started with. */
  readonly storage: ReadonlyMap<number, Uint8Array>;
  /** Frames with the change bit. */
  readonly changed: readonly number[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The machine of both runs. DAT, when the PSW has it on, maps addresses as they are. */
export class Twin {
  readonly #complex = new CpuComplex({ vcpus: 1, storage: STORAGE, decodePages: 8 });
  readonly core = new S390xCore(this.#complex, instructionTable, { facilities: everyFacility });
  readonly #interpreter = buildTestEngine(this.core, this.#complex.memory, this.#complex.filterAddress);
  readonly #vcpu: Vcpu;
  readonly #pristine: Uint8Array;
  readonly #pristineState: Uint8Array;

  constructor(stream: number) {
    const { storage, vcpus } = this.#complex;
    const [vcpu] = vcpus;
    if (vcpu === undefined) throw new Error('no vCPU');
    this.#vcpu = vcpu;
    const next = randomWords(stream);
    for (let at = 0; at < STORAGE; at += 4) storage.setWord(at, next());
    this.#mapStorage();
    this.#pristine = this.#storageBytes().slice();
    this.#pristineState = this.#stateBytes(0, STATE_END).slice();
  }

  /** Does the instruction in the interpreter. */
  interpret(c: TwinCase): TwinOutcome {
    this.#load(c);
    return this.#outcome(() => this.#interpreter.run(this.#vcpu.base));
  }

  /** Does the instruction in the evaluator. */
  evaluate(c: TwinCase): TwinOutcome {
    this.#load(c);
    const vcpu = this.#vcpu;
    const { view } = this.#complex;
    return this.#outcome(() => {
      this.core.hooks.ifetchMiss(vcpu.base);
      requireInside(vcpu);
      vcpu.setNum(engineState.remaining, 0);
      const ia = vcpu.big(engineState.pc);
      vcpu.setBig(engineState.ia, ia);
      const entry = vcpu.num(engineState.ifetchBase) + (Number(ia & 0xffen) << (decodeEntry.shift - 1));
      if (view.getUint16(entry, true) === handlers.decode) this.core.hooks.decode(vcpu.base, entry);
      requireInside(vcpu);
      vcpu.setBig(engineState.pc, this.#dispatch(entry, ia));
    });
  }

  #dispatch(entry: number, ia: bigint): bigint {
    const { view } = this.#complex;
    const row = this.core.rows[view.getUint16(entry, true) - handlers.firstRow];
    if (row === undefined) throw new Error('the instruction was not decoded');
    return evaluate(row.body, this.#machine(entry, ia), ia, view.getUint8(entry + decodeEntry.ilc));
  }

  #machine(entry: number, ia: bigint): Machine {
    const { core } = this;
    const vcpu = this.#vcpu;
    const { view } = vcpu;
    const field = (f: Field): bigint => {
      if (f.bytes === 8) return view.getBigInt64(entry + f.slot, true);
      if (f.bytes === 4) return BigInt(view.getInt32(entry + f.slot, true));
      return BigInt(f.signed ? view.getInt8(entry + f.slot) : view.getUint8(entry + f.slot));
    };
    const path = (space: Space): AccessPath => {
      if (typeof space !== 'string') return { space: 'current', ar: Number(field(space)) };
      return space === 'data' ? operand : relativeOperand;
    };
    return {
      field,
      readRegister: (part, number) => this.#get(vcpu.base + registerOffset(part, number), part.bytes),
      writeRegister: (part, number, value) => {
        if (number > 15 && part.file.width === 8) throw new Error(`${part.file.name} ${number} was set`);
        this.#set(vcpu.base + registerOffset(part, number), part.bytes, value);
      },
      readState: (slot) => this.#get(vcpu.base + slot.offset, slotBytes(slot)),
      writeState: (slot, value) => this.#set(vcpu.base + slot.offset, slotBytes(slot), value),
      fetch: (address, width, space) =>
        core.access.read(vcpu, address, width / 8, path(space)).reduce((all, byte) => (all << 8n) | BigInt(byte), 0n),
      store: (address, width, space, value) => {
        const digits = value.toString(16).padStart(width / 4, '0');
        core.access.write(vcpu, address, new Uint8Array(Buffer.from(digits, 'hex')), path(space));
      },
      call: (helper, args, next) => {
        const ends = helper.effects.ends === true;
        if (ends) vcpu.setBig(engineState.pc, next);
        const result: number | bigint | undefined = Reflect.apply(
          core.implementation(() => helper),
          undefined,
          [vcpu.base, ...args],
        );
        requireInside(vcpu);
        return { result, next: ends ? vcpu.big(engineState.pc) : next };
      },
      trap: (code) => vcpu.raise(code),
      dispatch: (target) => this.#dispatch(target, ia),
    };
  }

  #get(at: number, bytes: number): bigint {
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#complex.view.getUint8(at + i));
    return value;
  }
  #set(at: number, bytes: number, value: bigint): void {
    for (let i = 0; i < bytes; i++) this.#complex.view.setUint8(at + i, Number((value >> BigInt(i * 8)) & 255n));
  }

  // One segment, mapped as it is, but for the window's two pages.
  #mapStorage(): void {
    const { storage } = this.#complex;
    for (let i = 0; i < 2048; i++) storage.setDoubleword(SEGMENT_TABLE + i * 8, i === 0 ? BigInt(PAGE_TABLE) : 0x20n);
    for (let i = 0; i < 256; i++) {
      const page = i * PAGE_BYTES;
      const flags = page === TWIN_WINDOW.invalid ? 0x400n : page === TWIN_WINDOW.protected ? 0x200n : 0n;
      storage.setDoubleword(PAGE_TABLE + i * 8, BigInt(page) | flags);
    }
  }

  #storageBytes(): Uint8Array {
    const { bytes, top } = this.#complex.storage;
    return bytes.subarray(top - STORAGE, top);
  }
  #stateBytes(from: number, to: number): Uint8Array {
    return new Uint8Array(this.#complex.memory.buffer, this.#vcpu.base + from, to - from);
  }

  #load(c: TwinCase): void {
    const complex = this.#complex;
    const vcpu = this.#vcpu;
    this.#storageBytes().set(this.#pristine);
    complex.keys.fill(0);
    complex.frames.decodePages.flush();
    complex.flushTlbs();
    this.#stateBytes(0, STATE_END).set(this.#pristineState);
    for (const p of c.patches) complex.storage.write(TWIN_WINDOW.start + p.offset, p.bytes);
    complex.storage.write(TWIN_CODE, c.text);
    for (let i = 0; i < 32; i++) vcpu.setVr(i, c.vr[i] ?? 0n);
    for (let i = 0; i < 16; i++) {
      vcpu.setGr(i, c.gr[i] ?? 0n);
      vcpu.setFpr(i, c.fpr[i] ?? 0n);
      vcpu.setAr(i, c.ar[i] ?? 0);
      vcpu.setCr(i, i === 1 || i === 7 || i === 13 ? ASCE : 0n);
    }
    // AFP registers and vectors are allowed; monitor classes and the authority of the problem state are all on.
    vcpu.setCr(0, 0x0006_0000n);
    vcpu.setCr(3, 0xffff_0000n);
    vcpu.setCr(8, 0xffffn);
    vcpu.fpc = c.fpc;
    vcpu.setPsw({ mask: c.mask, address: BigInt(TWIN_CODE) });
    vcpu.recheck = false;
    vcpu.unwindCause = undefined;
    vcpu.runUntil(vcpu.icount + 1n);
  }

  #outcome(run: () => void): TwinOutcome {
    const complex = this.#complex;
    const vcpu = this.#vcpu;
    try {
      run();
    } catch (error) {
      if (!isUnwind(error) && !(error instanceof Left)) throw error;
    }
    const storage = new Map<number, Uint8Array>();
    const changed: number[] = [];
    const now = this.#storageBytes();
    const different = Buffer.compare(now, this.#pristine) !== 0;
    for (let frame = 0; frame < STORAGE / PAGE_BYTES; frame++) {
      if (((complex.keys[frame] ?? 0) & 2) !== 0) changed.push(frame);
      if (!different) continue;
      const [from, to] = [STORAGE - (frame + 1) * PAGE_BYTES, STORAGE - frame * PAGE_BYTES];
      const mirrored = now.subarray(from, to);
      if (Buffer.compare(mirrored, this.#pristine.subarray(from, to)) !== 0)
        storage.set(frame, mirrored.slice().reverse());
    }
    return {
      state: this.#stateBytes(0, STATE_END).slice(),
      cause: vcpu.unwindCause,
      recheck: vcpu.recheck,
      storage,
      changed,
    };
  }
}

/** Parts of the state that only say which way the engine took. */
const ofTheEngine: readonly (readonly [from: number, to: number])[] = [
  [engineState.ia.offset, engineState.end.offset],
  [engineState.ifetchTag.offset, engineState.amask.offset],
  [engineState.scratch.offset, ARCH_STATE_OFFSET],
];

/** In words, where two outcomes differ. A frame whose store was given up may or may not count as changed. */
export function differences(a: TwinOutcome, b: TwinOutcome): string[] {
  const found: string[] = [];
  for (let at = 0; at < STATE_END; at += 8) {
    if (ofTheEngine.some(([from, to]) => at >= from && at < to)) continue;
    const [x, y] = [hex(a.state.slice(at, at + 8).reverse()), hex(b.state.slice(at, at + 8).reverse())];
    if (x !== y) found.push(`state 0x${at.toString(16)}: ${x}, ${y}`);
  }
  const [x, y] = [a, b].map((o) => inspect(o.cause));
  if (x !== y) found.push(`ended by ${x}, ${y}`);
  if (a.recheck !== b.recheck) found.push(`recheck ${a.recheck}, ${b.recheck}`);
  if (a.cause?.kind !== 'program' && a.changed.join() !== b.changed.join()) {
    found.push(`changed frames ${a.changed.join()}, ${b.changed.join()}`);
  }
  for (const frame of new Set([...a.storage.keys(), ...b.storage.keys()])) {
    const [p, q] = [a.storage.get(frame), b.storage.get(frame)];
    if (p === undefined || q === undefined)
      found.push(`only ${p === undefined ? 'the second' : 'the first'} stored into frame ${frame}`);
    else if (Buffer.compare(p, q) !== 0) {
      const first = p.findIndex((byte, i) => byte !== q[i]);
      found.push(
        `frame ${frame} from ${first} on: ${hex(p.slice(first, first + 16))}, ${hex(q.slice(first, first + 16))}`,
      );
    }
  }
  return found;
}

function registerOffset(part: RegisterPart, number: number): number {
  return part.file.offset + number * part.file.width + part.offset;
}

function slotBytes(slot: Slot): number {
  return slot.ty === 'v128' ? 16 : slot.ty === 'i32' || slot.ty === 'f32' ? 4 : 8;
}

/** What the interpreter does behind each call: it goes no further when the instruction was ended there. */
function requireInside(vcpu: Vcpu): void {
  if ((vcpu.num(engineState.sliceEnded) & LEFT) !== 0) throw new Left('the instruction has ended');
}

class Left extends Error {}
