/** Where Hercules 3.13 differs in instructions that go to other address spaces, and in tracing. */

import type { Disagreement } from './compare.ts';
import { everything, isAccess, type KnownDifference } from './known-difference.ts';

const MODE_64 = 1n << 32n;
const ADDRESSING = 0x05;
const TRACE_TABLE = 0x16;

const is64 = ({ of }: Disagreement): boolean => (of.pswMask & MODE_64) !== 0n;
const traces = ({ of }: Disagreement): boolean => ((of.cr?.[12] ?? 0n) & ((3n << 62n) | 2n)) !== 0n;
const endsAlike = ({ there, here }: Disagreement): boolean => there.pgm === here.pgm;
const completes = (d: Disagreement): boolean => endsAlike(d) && d.here.pgm === 0;

/** The table of known differences for these cases. */
export const spaceDifferences: readonly KnownDifference[] = [
  {
    rows: /^(PC|PT|PR|SSAR|BSG|BAKR|BSA|BALR|BASR|BASSM|BSM|RP|TRAP[24])$/,
    when: (d) => endsAlike(d) && d.here.pgm !== 0 && traces(d),
    parts: ['storage'],
    why: 'Hercules stores the trace entry of an instruction that is not completed, too; control register 12 does not pass it',
    heading: 'Tracing',
  },
  {
    rows: /^BS[AG]$/,
    when: (d) => is64(d) && completes(d) && traces(d),
    parts: ['storage'],
    why: 'Hercules takes bit 32 of the branch address for the mode that is traced, in 64-bit mode, too',
    heading: 'Trace Entries',
  },
  {
    rows: /^RP$/,
    when: (d) => is64(d) && completes(d) && traces(d),
    parts: ['storage'],
    why: 'Hercules does not trace that a mode that is left for is the 31-bit one, though it does in BRANCH AND SAVE AND SET MODE',
    heading: 'Trace Entries',
  },
  {
    rows: /^RP$/,
    when: (d) => !is64(d) && completes(d) && traces(d),
    parts: ['storage', 'cr'],
    why: 'Hercules takes bit 32 of a short PSW, which is the mode, for one of the address that is traced',
    heading: 'RESUME PROGRAM',
  },
  {
    rows: /^RP$/,
    when: (d) => !is64(d) && d.there.pgm === TRACE_TABLE && d.here.pgm === 0,
    parts: everything,
    why: 'and so its entry does not fit into the page',
    heading: 'RESUME PROGRAM',
  },
  {
    rows: /^BSG$/,
    when: (d) => is64(d) && d.there.pgm === 0,
    parts: ['psw'],
    why: 'Hercules sets the 31-bit mode from bit 32 of the branch address beside the 64-bit mode',
    heading: 'BRANCH IN SUBSPACE GROUP',
  },
  {
    rows: /^BSG$/,
    when: (d) => endsAlike(d) && d.here.pgm >= 0x28 && d.here.pgm <= 0x2d,
    parts: ['accessIds'],
    why: 'Hercules does not tell which access register the exception is about',
    heading: 'Exception Access Identification',
  },
  {
    rows: /^BSA$/,
    when: (d) => endsAlike(d) && isAccess(d.here),
    parts: ['ilc'],
    why: 'the length of an instruction that cannot be fetched is open',
    heading: 'Instruction-Length Code',
  },
  {
    rows: /^LASP$/,
    when: (d) => endsAlike(d) && d.here.pgm === ADDRESSING && d.there.ilc === 6 && d.here.ilc === 2,
    parts: ['ilc', 'address'],
    why: 'the length of an instruction that cannot be fetched is open',
    heading: 'Instruction-Length Code',
  },
  {
    rows: /^(B(AL|AS)R|BASSM|BSM)$/,
    when: (d) => endsAlike(d) && d.here.pgm === TRACE_TABLE && d.of.text.startsWith('EXRL'),
    parts: ['address'],
    why: 'Hercules nullifies the executed instruction by its own length, not by that of the EXECUTE',
    heading: 'Types of Instruction Ending',
  },
  {
    rows: /^TRAP[24]$/,
    when: (d) => is64(d) && completes(d),
    parts: ['psw'],
    why: 'Hercules stays in the 64-bit mode',
    heading: 'TRAP',
  },
  {
    rows: /^TRAP4$/,
    when: (d) => is64(d) && completes(d),
    parts: ['storage'],
    why: 'Hercules saves 32 bits of the operand address, of which 31 count',
    heading: 'TRAP',
  },
];
