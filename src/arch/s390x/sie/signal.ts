/**
 * SIGNAL PROCESSOR by the machine: what a guest's guest asks of another CPU that its system control area knows, without its
 * hypervisor. Everything else of the instruction is intercepted.
 */

import { CR0 } from '../cpu/control-register-bits.ts';
import type { S390xCore } from '../cpu/core.ts';
import type { ExternalInterruption } from '../cpu/interruption.ts';
import { EXT } from '../cpu/interruption-codes.ts';
import { PSW_HIGH } from '../cpu/psw.ts';
import type { UnwindCause } from '../cpu/unwind-cause.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { gpa, type HostAddress } from '../dat/address.ts';
import { cpuflags, eca, ecb, ecb2, icpt, type SieBlock, sieFields } from './state-description.ts';
import { systemControlArea } from './validity.ts';

const SIGNAL_PROCESSOR = 0xae;
const order = { externalCall: 0x02, senseRunning: 0x15 } as const;
/** Status that the instruction stores. */
const status = { externalCallPending: 0x80, notRunning: 0x400 } as const;

/** Where things are in a system control area, of either format. */
const formats = {
  basic: { mask: 0x30, entries: 0x40, entryBytes: 0x20, cpus: 64, controlBytes: 1, pending: 0x80, source: 0x3f },
  extended: { mask: 0x40, entries: 0x100, entryBytes: 0x40, cpus: 248, controlBytes: 2, pending: 0x8000, source: 0xff },
} as const;
type Format = (typeof formats)[keyof typeof formats];
const STATE_DESCRIPTION_AT = 8;

const partially: UnwindCause = { kind: 'intercept', code: icpt.partialExecution };

/** A CPU's place in a system control area. */
interface Entry {
  readonly format: Format;
  /** Storage offset of its signal control, and absolute address of its state description, 0 when it has none. */
  readonly at: HostAddress;
  readonly description: number;
}

// Undefined when the area, or the machine's use of it, does not know the CPU.
function entryOf(core: S390xCore, block: SieBlock, cpu: number): Entry | undefined {
  const format = block.has('ecb2', ecb2.esca) ? formats.extended : formats.basic;
  const area = systemControlArea(block);
  if (area === 0 || cpu >= format.cpus) return undefined;
  const { complex } = core;
  const found = (offset: number): HostAddress => complex.hostAddress(gpa(area + offset), true);
  const mask = found(format.mask + (cpu >>> 3));
  if (mask < 0 || (complex.storage.byte(mask) & (0x80 >> (cpu & 7))) === 0) return undefined;
  const at = found(format.entries + cpu * format.entryBytes);
  const pointer = found(format.entries + cpu * format.entryBytes + STATE_DESCRIPTION_AT);
  if (at < 0 || pointer < 0) return undefined;
  return { format, at, description: Number(complex.storage.doubleword(pointer)) };
}

function control({ complex }: S390xCore, { at, format }: Entry): number {
  return format.controlBytes === 1 ? complex.storage.byte(at) : complex.storage.half(at);
}
function setControl({ complex }: S390xCore, { at, format }: Entry, value: number): void {
  complex.frames.storing(at);
  if (format.controlBytes === 1) complex.storage.setByte(at, value);
  else complex.storage.setHalf(at, value);
  complex.stored(at, format.controlBytes);
}

/** How an intercepted instruction ends: undefined when it was a SIGNAL PROCESSOR that the machine has carried out. */
export function interpretSignal(
  core: S390xCore,
  vcpu: Vcpu,
  block: SieBlock,
  cause: UnwindCause,
): UnwindCause | undefined {
  if (cause.kind !== 'intercept' || cause.code !== icpt.instruction) return cause;
  const [first] = vcpu.interceptedText();
  if (first >>> 24 !== SIGNAL_PROCESSOR) return cause;
  const base = (first >>> 12) & 15;
  const code = ((base === 0 ? 0 : vcpu.grLow(base)) + (first & 0xfff)) & 0xff;
  const running = code === order.senseRunning && block.has('ecb', ecb.srsi);
  if (code !== order.externalCall && !running) return cause;
  const target = entryOf(core, block, vcpu.grLow((first >>> 16) & 15) & 0xffff);
  if (target === undefined || target.description === 0) return cause;
  const flagsAt = core.complex.hostAddress(gpa(target.description), true);
  if (flagsAt < 0) return cause;
  const flags = core.complex.storage.word(flagsAt);
  const isRunning = (flags & cpuflags.running) !== 0;
  const answer = (bits: number): undefined => {
    vcpu.cc = bits === 0 ? 0 : 1;
    if (bits !== 0) vcpu.setGrLow((first >>> 20) & 15, bits);
    return undefined;
  };
  if (running) return answer(isRunning ? 0 : status.notRunning);
  const before = control(core, target);
  if ((before & target.format.pending) !== 0) return answer(status.externalCallPending);
  const source = block.controlBytes.getUint16(sieFields.icpua[0]) & target.format.source;
  setControl(core, target, target.format.pending | source);
  setFlags(core, flagsAt, (flags | cpuflags.externalCallPending) >>> 0);
  return isRunning && (flags & cpuflags.wait) === 0 ? answer(0) : partially;
}

function setFlags({ complex }: S390xCore, at: HostAddress, flags: number): void {
  complex.frames.storing(at);
  complex.storage.setWord(at, flags);
  complex.stored(at, 4);
}

/** True when the guest of a guest is interpreted by such signals. */
export function hasSignals(vcpu: Vcpu): boolean {
  return vcpu.outer !== undefined && (vcpu.controls.eca & eca.sigpi) !== 0;
}

/** The external call that waits for a CPU and may be taken; `take` says that it is taken. */
export function externalCallFor(
  core: S390xCore,
  vcpu: Vcpu,
  block: SieBlock,
  take: boolean,
): ExternalInterruption | undefined {
  const flags = block.cpuflags;
  if ((flags & cpuflags.externalCallPending) === 0 || !hasSignals(vcpu)) return undefined;
  if ((vcpu.pswHigh & PSW_HIGH.external) === 0 || (vcpu.crLow(0) & CR0.externalCall) === 0) return undefined;
  const entry = entryOf(core, block, block.controlBytes.getUint16(sieFields.icpua[0]));
  const held = entry === undefined ? 0 : control(core, entry);
  if (entry === undefined || (held & entry.format.pending) === 0) return undefined;
  if (take) {
    setControl(core, entry, 0);
    block.cpuflags = flags & ~cpuflags.externalCallPending;
  }
  return { code: EXT.externalCall, cpuAddress: held & entry.format.source };
}
