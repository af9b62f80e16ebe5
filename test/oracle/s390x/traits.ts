/** What the generator must know of a row besides its format. */

import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import type { Stmt } from '../../../src/ir/node.ts';
import type { Section } from './values.ts';

/** Rows that a comparison with another machine says nothing about, by reason. */
const incomparable: Readonly<Record<string, readonly string[]>> = {
  'reads a clock': ['STCK', 'STCKF', 'STCKE', 'ECTG', 'PTFF'],
  'tells which machine it is': ['STFLE', 'ECAG'],
  'goes by tables of address spaces, which other cases have': 'PC PT PTI LASP BSA BSG RP TRAP2 TRAP4'.split(' '),
  'QEMU 7.2 ends itself: on lengths that it takes for more than a page, on flags that signal': [
    'MVCRL',
    'SFASR',
    'LFAS',
  ],
};

/** Rows that are compared in the supervisor state, too, though they are privileged: they change nothing that must stay. */
const harmless: ReadonlySet<string> = new Set([
  'EPSW',
  'STCTL',
  'STCTG',
  'IPK',
  'SPKA',
  'IAC',
  'EPAR',
  'ESAR',
  'EPAIR',
  'ESAIR',
  'LRA',
  'LRAY',
  'LRAG',
  'LURA',
  'LURAG',
  'SAC',
  'SACF',
]);

/** Rows that set the condition code 3 when they want to be done again. */
const repeated =
  /^(CMPSC|CUSE|SRSTU?|CLST|MVST|CKSM|TRE|MVCLE|MVCLU|CLCLE|CLCLU|TR[OT][OT]|TRTR?E|CU(12|21|14|24|41|42))$/;

/** Rows whose registers hold an address in the even one of a pair and a length in the odd one. */
const pairs = /^(CMPSC|MVCL|CLCL|MVCLE|MVCLU|CLCLE|CLCLU|CUSE|CKSM|TRE|TR[OT][OT]|TRTR?E|CU(12|21|14|24|41|42))$/;
/** Rows whose registers hold addresses and nothing else. */
const addresses = /^(SRSTU?|CLST|MVST|MVPG|LURA|LURAG|STURA|STURG|TPROT)$/;

export interface Traits {
  /** Why the row is left out. */
  readonly leftOut: string | undefined;
  /** Tried in the problem state alone, where it has to be a privileged operation. */
  readonly problemStateOnly: boolean;
  readonly branches: boolean;
  readonly executes: boolean;
  readonly repeats: boolean;
  readonly registers: 'any' | 'addresses' | 'pairs';
  /** Which sections of the pool its storage operands come from. */
  readonly sections: readonly [Section, ...Section[]];
  /** Floating-point rows get lively FPCs. */
  readonly floating: boolean;
  readonly decimal: boolean;
  /** It needs the vector control, and its operands are vectors. */
  readonly vector: boolean;
}

/** The traits of a row. */
export function traitsOf(row: Row): Traits {
  const { mnemonic, title } = row;
  const decimal = /^(AP|SP|ZAP|CP|MP|DP|SRP|TP|ED|EDMK|CVB.?|CVD.?|MVO|PACK|UNPK)$/.test(mnemonic);
  const floating = /short|long|extended|FPC|DFP|HFP|BFP|FPR|ROUNDING/.test(title);
  return {
    leftOut: leftOut(row),
    problemStateOnly: isPrivileged(row) && !harmless.has(mnemonic),
    branches: /^BRANCH (?!PRED)|AND BRANCH/.test(title),
    executes: mnemonic === 'EX' || mnemonic === 'EXRL',
    repeats: repeated.test(mnemonic),
    registers: pairs.test(mnemonic) ? 'pairs' : addresses.test(mnemonic) ? 'addresses' : 'any',
    sections: sectionsOf(row, decimal, floating),
    floating,
    decimal,
    vector: row.title.startsWith('VECTOR '),
  };
}

function leftOut(row: Row): string | undefined {
  if (row.body === undefined) return 'known by name only';
  if (row.facility.startsWith('message-security-assist')) return 'cryptography, of which QEMU has next to nothing';
  if (/^guarded-storage$|transactional-execution$/.test(row.facility))
    return 'neither QEMU nor Hercules has the facility here';
  if (/HYPERVISOR INFORMATION|PCI |CALL LOGICAL PROCESSOR|INTERRUPTION CONTROLS$|STORAGE ATTRIBUTES/.test(row.title))
    return 'is intercepted before anything else is looked at';
  return Object.entries(incomparable).find(([, names]) => names.includes(row.mnemonic))?.[0];
}

function sectionsOf({ mnemonic, title }: Row, decimal: boolean, floating: boolean): Traits['sections'] {
  if (/^C[DX]PT$/.test(mnemonic)) return ['packed', 'packed', 'packed', 'zoned', 'random'];
  if (/^(PACK|PKA|PKU|ED|EDMK|CDZT|CXZT)$/.test(mnemonic)) return ['zoned', 'packed', 'zoned', 'random'];
  if (decimal) return ['packed', 'packed', 'packed', 'zoned', 'random'];
  if (/^CU\d\d$/.test(mnemonic)) return ['unicode', 'unicode', 'text'];
  if (mnemonic === 'CMPSC') return ['text', 'text', 'text', 'random'];
  if (/^(CLC|CLCL.*|CLST|CUSE|SRSTU?|TRT.*|MVST)$/.test(mnemonic)) return ['runs', 'text', 'runs', 'sparse', 'random'];
  if (/HFP/.test(title)) return ['random', 'floating', 'sparse', 'random'];
  if (floating) return ['floating', 'floating', 'floating', 'random'];
  return ['random', 'random', 'sparse', 'floating', 'runs', 'text'];
}

/** True when the body has a privileged-operation exception. */
function isPrivileged(row: Row): boolean {
  const traps = (statements: readonly Stmt[]): boolean =>
    statements.some((s) => {
      if (s.s === 'trap') return s.code.k === 'const' && s.code.value === 2n;
      if (s.s === 'if') return traps(s.whenTrue) || traps(s.whenFalse);
      return s.s === 'loop' && traps(s.body);
    });
  return row.body !== undefined && traps(row.body.statements);
}
