import { operand } from '../cpu/access-path.ts';
import type { S390xCore } from '../cpu/core.ts';
import { isNullifying } from '../cpu/interruption-codes.ts';
import type { ProgramInterruption } from '../cpu/program-interruption.ts';
import { instructionTrace, placeTraceEntry, type TraceEntry } from '../cpu/trace-table.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { isExecute, isExecuteRelative } from '../isa/opcodes.ts';

/** The trace entry of an instruction, or what keeps it from being made and the instruction from being carried out. */
export type Traced =
  | { readonly kind: 'entry'; readonly entry: TraceEntry }
  | { readonly kind: 'refused'; readonly entry?: undefined; readonly interruption: ProgramInterruption };

/** What can be traced here: the first halfword of an instruction, be it executed by another one, and the bytes of what stands in line. */
interface Next {
  readonly half: number;
  readonly length: number;
}

// The halfword where instructions are fetched from; undefined for one that cannot be.
function fetchHalf({ access, complex }: S390xCore, vcpu: Vcpu, address: bigint): number | undefined {
  const a = address & vcpu.amask;
  const [high, low] = [Number(a >> 32n), Number(a & 0xffff_ffffn)];
  const at = (low & 1) !== 0 ? -1 : access.places.examine(vcpu, high, low, 'ifetch', operand);
  return at < 0 ? undefined : complex.storage.half(at);
}

/** What EXECUTE at an address executes, its second byte as the instruction makes it. */
function executed(core: S390xCore, vcpu: Vcpu, address: bigint, first: number): Next | undefined {
  const relative = isExecuteRelative(first);
  const halves = [2n, relative ? 4n : 2n].map((offset) => fetchHalf(core, vcpu, address + offset));
  const [second, third] = halves;
  if (second === undefined || third === undefined) return undefined;
  const register = (n: number): bigint => (n === 0 ? 0n : vcpu.gr(n));
  const there = relative
    ? address + 2n * BigInt((second << 16) | third)
    : register(first & 15) + register(second >>> 12) + BigInt(second & 0xfff);
  const half = fetchHalf(core, vcpu, there);
  if (half === undefined) return undefined;
  const r1 = (first >>> 4) & 15;
  return { half: half | (r1 === 0 ? 0 : vcpu.grLow(r1) & 0xff), length: relative ? 6 : 4 };
}

function nextOf(core: S390xCore, vcpu: Vcpu, address: bigint): Next | undefined {
  const half = fetchHalf(core, vcpu, address);
  if (half === undefined) return undefined;
  return isExecute(half) ? executed(core, vcpu, address, half) : { half, length: 2 };
}

/** What is traced of the vCPU's next instruction; nothing of one that cannot be fetched. */
export function traceOfNext(core: S390xCore, vcpu: Vcpu): Traced | undefined {
  const { mask, address } = vcpu.psw;
  const next = nextOf(core, vcpu, address);
  const bytes = next === undefined ? undefined : instructionTrace(vcpu, next.half, next.length);
  if (next === undefined || bytes === undefined) return undefined;
  const entry = placeTraceEntry(vcpu, bytes);
  if ('at' in entry) return { kind: 'entry', entry };
  const nullified = isNullifying(entry.code);
  if (!nullified) vcpu.setPsw({ mask, address: (address + BigInt(next.length)) & vcpu.amask });
  return { kind: 'refused', interruption: { ...entry.details, code: entry.code, ilc: next.length, nullified } };
}
