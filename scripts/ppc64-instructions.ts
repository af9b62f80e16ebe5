/** The tables of ppc64's instructions for docs/instructions.md. */

import type { Row } from '../src/arch/ppc64/isa/row.ts';
import { power7Instructions, power8Instructions } from '../src/arch/ppc64/isa/table.ts';

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** One line for an instruction with all its forms, which have suffixes. */
function line(forms: readonly Row[]): string {
  const [first] = forms;
  if (first === undefined) return '';
  const { base, op, title, implemented } = first;
  const suffixes = forms.map((row) => row.mnemonic.slice(base.length)).filter((text) => text !== '');
  const also = suffixes.map((text) => `\`${text}\``).join(' ');
  return `| ${base} | ${hex(op.value)} | ${hex(op.mask)} | ${also} | ${title} | ${implemented ? 'implemented' : 'by name'} |\n`;
}

function section(heading: string, rows: readonly Row[]): string {
  const byBase = grouped(rows);
  const lines = [...byBase].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, forms]) => line(forms));
  return `\n## ${heading}\n\n| Mnemonic | Opcode | Mask | Forms besides | Title | Status |\n| --- | --- | --- | --- | --- | --- |\n${lines.join('')}`;
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const all = new Map<string, Row[]>();
  for (const row of rows) all.set(row.base, [...(all.get(row.base) ?? []), row]);
  return all;
}

/** Both CPUs' instructions. An access to a special-purpose register is an instruction of its own here. */
export function ppc64Sections(): string {
  return `${section('ppc64: POWER7', power7Instructions)}${section('ppc64: POWER8 besides', power8Instructions)}`;
}
