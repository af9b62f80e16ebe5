import { hex } from '../../../bits/hex.ts';
import { either, oneOf, type Parser, value64 } from '../../../monitor/command.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { ASCE } from '../dat/translate.ts';
import { debugAsce } from '../gdb/memory.ts';

/** An address space by name, or by its address-space-control element. */
export type Space = 'primary' | 'secondary' | 'home' | 'real' | bigint;

/** Reads an address space. */
export const space: Parser<Space> = either(oneOf('primary', 'secondary', 'home', 'real'), {
  ...value64,
  form: 'ASCE',
  parse: (word, scope) => {
    const found = value64.parse(word, scope);
    if (found.ok) return found;
    return { ok: false, error: `${word} is no address space: primary, secondary, home, real or the value of an ASCE` };
  },
});

/** ASCE of a space as a vCPU has it now, undefined for real addresses. Without a space: the one that operands are in. */
export function asceOf(vcpu: Vcpu, of: Space | undefined): bigint | undefined {
  if (of === undefined) return debugAsce(vcpu);
  if (typeof of === 'bigint') return of;
  return of === 'real' ? undefined : vcpu.cr(asceRegister[of]);
}

const asceRegister = { primary: 1, secondary: 7, home: 13 } as const;

const tables = ['segment', 'region-third', 'region-second', 'region-first'] as const;

/** An ASCE in words. */
export function describeAsce(asce: bigint): string {
  const low = Number(asce & 0xffff_ffffn);
  const flags = [
    (low & ASCE.private) !== 0 ? ', private' : '',
    (low & ASCE.spaceSwitchEvent) !== 0 ? ', space-switch event' : '',
  ].join('');
  if ((low & ASCE.realSpace) !== 0) return `real space${flags}`;
  const table = tables[(low & ASCE.type) >> 2] ?? '';
  const entries = ((low & ASCE.length) + 1) * 512;
  return `${table} table at ${hex(asce & ~0xfffn)}, ${entries} entries${flags}`;
}
