import { operand } from '../cpu/access-path.ts';
import type { S390xCore } from '../cpu/core.ts';
import { isNullifying } from '../cpu/interruption-codes.ts';
import type { ProgramInterruption } from '../cpu/program-interruption.ts';
import { instructionTrace, placeTraceEntry, type TraceEntry } from '../cpu/trace-table.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

/** Bytes of all instructions that are traced here. */
const LENGTH = 2;

/** The trace entry of an instruction, or what keeps it from being made and the instruction from being carried out. */
export type Traced =
  | { readonly kind: 'entry'; readonly entry: TraceEntry }
  | { readonly kind: 'refused'; readonly entry?: undefined; readonly interruption: ProgramInterruption };

/** What is traced of the vCPU's next instruction; nothing of one that cannot be fetched. */
export function traceOfNext({ access, complex }: S390xCore, vcpu: Vcpu): Traced | undefined {
  const { mask, address } = vcpu.psw;
  const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
  const at = (low & 1) !== 0 ? -1 : access.examine(vcpu, high, low, 'ifetch', operand);
  const bytes = at < 0 ? undefined : instructionTrace(vcpu, complex.storage.half(at));
  if (bytes === undefined) return undefined;
  const entry = placeTraceEntry(vcpu, bytes);
  if ('at' in entry) return { kind: 'entry', entry };
  const nullified = isNullifying(entry.code);
  if (!nullified) vcpu.setPsw({ mask, address: (address + BigInt(LENGTH)) & vcpu.amask });
  return { kind: 'refused', interruption: { ...entry.details, code: entry.code, ilc: LENGTH, nullified } };
}
