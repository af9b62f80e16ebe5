/** The table of instructions for docs/instructions.md, and what is promised of them. */

import { announcedOf, type Facility, facilityBits, installed } from '../src/arch/s390x/cpu/facilities.ts';
import type { Row } from '../src/arch/s390x/isa/row.ts';
import { instructionTable } from '../src/arch/s390x/isa/table.ts';
import { ppc64Sections } from './ppc64-instructions.ts';

/** True for a facility whose instructions a guest may use, which it is told of as a rule. */
export function isInstalled(facility: Facility): boolean {
  return installed.includes(facilityBits[facility]);
}

const announced = announcedOf(installed);

/** What the guest may use: rows of installed facilities. */
export function promised(): readonly Row[] {
  return instructionTable.filter((row) => isInstalled(row.facility));
}

function status(row: Row): string {
  if (row.body === undefined) return 'by name';
  return isInstalled(row.facility) ? 'implemented' : 'implemented, hidden';
}

/** Facilities of a z17 and its predecessors that no guest is told of, though a program might ask for them. */
const withheld: readonly (readonly [bits: string, name: string, why: string])[] = [
  ['85', 'sequential instruction fetching', 'what it promises is not published'],
  ['86, 87', 'more functions of KIMD, KLMD and PLO', 'programs ask their queries, which tell that they are not there'],
  ['139', 'of it, extended queries of PTFF', 'what they store is not published; PTFF tells that it does not have them'],
  ['144', 'TEST PENDING EXTERNAL INTERRUPTION', 'no compiler emits it and Linux does without'],
  [
    '145',
    'insert reference bits multiple',
    'its instruction is there, hidden; the CPU models that hypervisors give by default lack it',
  ],
  [
    '149',
    'move page and set key',
    'which part of the key each of the two key-function controls of MVPG sets, and from where, is not published',
  ],
  [
    '150, 151',
    'sort, DEFLATE conversion',
    'no compiler emits them; libraries do the same without when the bit is zero',
  ],
  ['165', 'neural-network processing', 'stays off'],
  ['169', 'storage-key removal', 'it takes storage keys away from a guest that has them; `skr=on` asks for it'],
  ['170', 'ineffective unconstrained transactions', 'they have their effect'],
  ['194', 'reset DAT protection', 'a kernel invalidates the page-table entry when the bit is zero'],
  ['196, 197', 'processor activity instrumentation', 'it counts what a real processor does'],
  [
    '199',
    'more of packed decimals in vectors',
    'what the immediate operands of VTZ and VTP ask for is not published; no compiler emits them',
  ],
  ['201', 'concurrent functions', 'no compiler emits them, and what PFCR does is not published'],
];
for (const [bits] of withheld) {
  const told = bits
    .split(', ')
    .map(Number)
    .filter((bit) => announced.has(bit) && bit !== facilityBits['multiple-epoch']);
  if (told.length > 0) throw new Error(`a guest is told of facility ${told.join()}, which the page says is not there`);
}

/** The page: every opcode by facility. */
export function instructionsPage(note: string): string {
  const all = promised();
  const done = all.filter((row) => row.body !== undefined).length;
  const facilities = (Object.keys(facilityBits) as Facility[]).filter((f) =>
    instructionTable.some((row) => row.facility === f),
  );
  const section = (facility: Facility): string => {
    const rows = instructionTable.filter((row) => row.facility === facility).toSorted((a, b) => compare(a, b));
    const listed = announced.has(facilityBits[facility]);
    const told = listed ? 'announced' : isInstalled(facility) ? 'installed, not announced' : 'not announced';
    const lines = rows.map(
      (row) =>
        `| ${row.mnemonic} | ${row.op.toString(16).toUpperCase()} | ${row.formatName.replace('_', '-')} | ${row.title} | ${status(row)} |\n`,
    );
    return `\n## ${facility} (facility ${facilityBits[facility]}, ${told})\n\n| Mnemonic | Opcode | Format | Title | Status |\n| --- | --- | --- | --- | --- |\n${lines.join('')}`;
  };
  return `# Instructions

${note}

Of the ${instructionTable.length} instructions in the table of s390x a guest is promised ${all.length}; ${done} of those are implemented. *By name* means that
the instruction is known and stops the machine by its name where the guest may use it, and is an operation exception where
its facility is hidden. Those of ppc64 stand at the end.
${facilities.map(section).join('')}
## What a guest is not told of

| Facility | What it is | Why it is not there |
| --- | --- | --- |
${withheld.map((row) => `| ${row.join(' | ')} |\n`).join('')}${ppc64Sections()}`;
}

function compare(a: Row, b: Row): number {
  return a.mnemonic < b.mnemonic ? -1 : a.mnemonic > b.mnemonic ? 1 : 0;
}
