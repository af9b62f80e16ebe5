import { PGM } from '../../cpu/interruption-codes.ts';
import { crashed, type Outcome, program } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { controlRegisterRows } from './control-registers.ts';
import { diagnoseRows } from './diagnose.ts';
import { ioRows } from './io.ts';
import { loadPswRows } from './load-psw.ts';
import { privilegedRows } from './privileged.ts';
import type { InterceptRow } from './row.ts';
import { serviceCallRows } from './service-call.ts';
import { sigpRows } from './sigp.ts';
import { keyRows } from './storage-keys.ts';
import { unwantedRows } from './unwanted.ts';

/** Every instruction that SIE may hand over. */
export const interceptRows: readonly InterceptRow[] = [
  ...controlRegisterRows,
  ...diagnoseRows,
  ...ioRows,
  ...loadPswRows,
  ...privilegedRows,
  ...serviceCallRows,
  ...sigpRows,
  ...keyRows,
  ...unwantedRows,
];

const byMnemonic: ReadonlyMap<string, InterceptRow> = new Map(interceptRows.map((row) => [row.mnemonic, row]));

/** Interception code 04: an instruction that SIE handed over. */
export function handleInstruction(v: KvmVcpu): Outcome {
  const text = textOf(v);
  const row = byMnemonic.get(v.vm.core.rowOf(text)?.mnemonic ?? '');
  if (row === undefined) {
    return crashed(`intercepted instruction 0x${v.block.get('ipa').toString(16)} has no handler`);
  }
  if (v.vcpu.problemState && !row.unprivileged) return program(PGM.privilegedOperation);
  return row.run(v, text);
}

// Six bytes, whatever the length.
function textOf({ block }: KvmVcpu): Uint8Array {
  const [ipa, ipb] = [block.get('ipa'), block.get('ipb')];
  return Uint8Array.of(ipa >>> 8, ipa, ipb >>> 24, ipb >>> 16, ipb >>> 8, ipb);
}
