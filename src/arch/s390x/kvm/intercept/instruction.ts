import { PGM } from '../../cpu/interruption-codes.ts';
import { crashed, type Outcome, program } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import type { BoundInstruction } from './bound.ts';
import { controlRegisterRows } from './control-registers.ts';
import { diagnoseRows } from './diagnose.ts';
import { guardedStorageRows } from './guarded-storage.ts';
import { hypervisorInformationRows } from './hypervisor-information.ts';
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
  ...guardedStorageRows,
  ...ioRows,
  ...loadPswRows,
  ...privilegedRows,
  ...hypervisorInformationRows,
  ...serviceCallRows,
  ...sigpRows,
  ...keyRows,
  ...unwantedRows,
];

const byMnemonic: ReadonlyMap<string, InterceptRow> = new Map(interceptRows.map((row) => [row.mnemonic, row]));

/** Interception code 04: an instruction that SIE handed over. */
export function handleInstruction(v: KvmVcpu): Outcome {
  const { ipa, ipb } = v.block;
  const known = v.vm.intercepted.find(ipa, ipb);
  const bound = known ?? bind(v, ipa, ipb);
  if (bound === undefined) return crashed(`intercepted instruction 0x${ipa.toString(16)} has no handler`);
  if (known === undefined) v.vm.intercepted.keep(bound);
  v.intercepts.countInstruction(bound.mnemonic);
  if (v.vcpu.problemState && !bound.unprivileged) return program(PGM.privilegedOperation);
  return bound.run(v);
}

// The text has six bytes, whatever the length.
function bind(v: KvmVcpu, ipa: number, ipb: number): BoundInstruction | undefined {
  const text = Uint8Array.of(ipa >>> 8, ipa, ipb >>> 24, ipb >>> 16, ipb >>> 8, ipb);
  const row = byMnemonic.get(v.vm.core.rowOf(text)?.mnemonic ?? '');
  return (
    row && { ipa, ipb, mnemonic: row.mnemonic, unprivileged: row.unprivileged, atOnce: row.atOnce, run: row.bind(text) }
  );
}
