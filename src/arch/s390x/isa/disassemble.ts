/** Instructions in the assembler's words, from the row table alone. */

import { bytesToHex } from '../../../bits/hex.ts';
import { fieldBits, instructionLength, OpcodeMap } from './decoder.ts';
import type { FormatName } from './formats.ts';
import type { Row } from './row.ts';
import { masksOf, vectorName } from './vector/mnemonics.ts';

/** An instruction in words. */
export interface Disassembled {
  /** Mnemonic and operands, a tab between them. */
  readonly text: string;
  readonly length: 2 | 4 | 6;
  /** The row, undefined for a text that no row has the opcode of. */
  readonly row: Row | undefined;
}

type Syntax = readonly string[];

/** Operands of each format in the assembler's order; `d2(x2,b2)` is a storage operand. A leading `?` goes when it is zero. */
const syntax: Readonly<Record<FormatName, Syntax>> = {
  E: [],
  I: ['i'],
  IE: ['i1', 'i2'],
  MII: ['m1', 'i2', 'i3'],
  RI_a: ['r1', 'i2'],
  RI_b: ['r1', 'ri2'],
  RI_c: ['m1', 'ri2'],
  RIE_a: ['r1', 'i2', 'm3'],
  RIE_b: ['r1', 'r2', 'm3', 'ri4'],
  RIE_c: ['r1', 'i2', 'm3', 'ri4'],
  RIE_d: ['r1', 'r3', 'i2'],
  RIE_e: ['r1', 'r3', 'ri2'],
  RIE_f: ['r1', 'r2', 'i3', 'i4', 'i5'],
  RIE_g: ['r1', 'i2', 'm3'],
  RIL_a: ['r1', 'i2'],
  RIL_b: ['r1', 'ri2'],
  RIL_c: ['m1', 'ri2'],
  RIS: ['r1', 'i2', 'm3', 'd4(b4)'],
  RR: ['r1', 'r2'],
  RR_m: ['m1', 'r2'],
  RRD: ['r1', 'r3', 'r2'],
  RRE: ['r1', 'r2'],
  RRF_a: ['r1', 'r2', 'r3', '?m4'],
  RRF_b: ['r1', 'r3', 'r2', '?m4'],
  RRF_c: ['r1', 'r2', '?m3'],
  RRF_d: ['r1', 'r2', 'm4'],
  RRF_e: ['r1', 'm3', 'r2', 'm4'],
  RRS: ['r1', 'r2', 'm3', 'd4(b4)'],
  RS_a: ['r1', 'r3', 'd2(b2)'],
  RS_b: ['r1', 'm3', 'd2(b2)'],
  RSI: ['r1', 'r3', 'ri2'],
  RSL_a: ['d1(l1,b1)'],
  RSL_b: ['r1', 'd2(l2,b2)', 'm3'],
  RSY_a: ['r1', 'r3', 'd2(b2)'],
  RSY_b: ['r1', 'm3', 'd2(b2)'],
  RX_a: ['r1', 'd2(x2,b2)'],
  RX_b: ['m1', 'd2(x2,b2)'],
  RXE: ['r1', 'd2(x2,b2)'],
  RXF: ['r1', 'r3', 'd2(x2,b2)'],
  RXY_a: ['r1', 'd2(x2,b2)'],
  RXY_b: ['m1', 'd2(x2,b2)'],
  S: ['d2(b2)'],
  S_8: ['d2(b2)'],
  SI: ['d1(b1)', 'i2'],
  SIL: ['d1(b1)', 'i2'],
  SIY: ['d1(b1)', 'i2'],
  SMI: ['m1', 'i2', 'd3(b3)'],
  SS_a: ['d1(l,b1)', 'd2(b2)'],
  SS_b: ['d1(l1,b1)', 'd2(l2,b2)'],
  SS_c: ['d1(l1,b1)', 'd2(b2)', 'i3'],
  SS_d: ['d1(r1,b1)', 'd2(b2)', 'r3'],
  SS_e: ['r1', 'd2(b2)', 'r3', 'd4(b4)'],
  SS_f: ['d1(b1)', 'd2(l2,b2)'],
  SSE: ['d1(b1)', 'd2(b2)'],
  SSF: ['d1(b1)', 'd2(b2)', 'r3'],
  VRI_a: ['v1', 'i2', 'm3'],
  VRI_b: ['v1', 'i2', 'i3', 'm4'],
  VRI_c: ['v1', 'v3', 'i2', 'm4'],
  VRI_d: ['v1', 'v2', 'v3', 'i4', 'm5'],
  VRI_e: ['v1', 'v2', 'i3', 'm4', 'm5'],
  VRI_f: ['v1', 'v2', 'v3', 'i4', 'm5'],
  VRI_g: ['v1', 'v2', 'i3', 'i4', 'm5'],
  VRI_h: ['v1', 'i2', 'i3'],
  VRI_i: ['v1', 'r2', 'i3', 'm4'],
  VRI_k: ['v1', 'v2', 'v3', 'v4', 'i5'],
  VRR_a: ['v1', 'v2', 'm3', 'm4', 'm5'],
  VRR_b: ['v1', 'v2', 'v3', 'm4', 'm5'],
  VRR_c: ['v1', 'v2', 'v3', 'm4', 'm5', 'm6'],
  VRR_d: ['v1', 'v2', 'v3', 'v4', 'm5', 'm6'],
  VRR_e: ['v1', 'v2', 'v3', 'v4', 'm5', 'm6'],
  VRR_f: ['v1', 'r2', 'r3'],
  VRR_g: ['v1'],
  VRR_h: ['v1', 'v2', 'm3'],
  VRR_i: ['r1', 'v2', 'm3', '?m4'],
  VRR_j: ['v1', 'v2', 'v3', 'm4'],
  VRR_k: ['v1', 'v2', 'm3'],
  VRS_a: ['v1', 'v3', 'd2(b2)', 'm4'],
  VRS_b: ['v1', 'r3', 'd2(b2)', 'm4'],
  VRS_c: ['r1', 'v3', 'd2(b2)', 'm4'],
  VRS_d: ['v1', 'r3', 'd2(b2)'],
  VRV: ['v1', 'd2(v2,b2)', 'm3'],
  VRX: ['v1', 'd2(x2,b2)', 'm3'],
  VSI: ['v1', 'd2(b2)', 'i3'],
};

const onlyR1: Syntax = ['r1'];
const shift: Syntax = ['r1', 'd2(b2)'];
const onCondition: Syntax = ['r1', 'd2(b2)', 'm3'];
const disjoint: Syntax = ['r3', 'd1(b1)', 'd2(b2)'];

/** Rows whose operands are not those of their format: the assembler has another order, or leaves some out. */
const special: readonly (readonly [rows: RegExp, operands: Syntax])[] = [
  [/^(IPK|PTLB|PALB|PCC|PCKMO|CSCH|HSCH|RSCH|XSCH|RCHP|SAL|SCHM|TEND)$/, []],
  [/^(IPM|SPM|IAC|EPAR|ESAR|EPAIR|ESAIR|ESEA|SSAR|SSAIR|MSTA|PTF|EFPC|SFPC|SFASR|LZ[EDX]R|ETND)$/, onlyR1],
  [/^S[LR]D?[LA]$/, shift],
  [/^(LOC|STOC)(G|FH)?$/, onCondition],
  [/^LO(C|CG|CFH)R$/, ['r1', 'r2', 'm3']],
  [/^PPA$/, ['r1', 'r2', 'm3']],
  [/^(CRT|CGRT|CLRT|CLGRT)$/, ['r1', 'r2', 'm3']],
  [/^IPTE$/, ['r1', 'r2', '?r3', '?m4']],
  [/^LCBB$/, ['r1', 'd2(x2,b2)', 'm3']],
  [/^LPSWEY$/, ['d1(b1)']],
  [/^LMD$/, ['r1', 'r3', 'd2(b2)', 'd4(b4)']],
  [/^LPDG?$/, disjoint],
  [/^(KMA|KMCTR|CPSDR|IE[DX]TR)$/, ['r1', 'r3', 'r2']],
  [/^((QA|RR)[DX]TR|DI[ED]BR)$/, ['r1', 'r3', 'r2', 'm4']],
  [/^(TBE?DR|C[FG][EDX]R)$/, ['r1', 'm3', 'r2']],
  [/^SEL(G|FH)?R$/, ['r1', 'r2', 'r3', 'm4']],
  [/(RKC?|HH[HL]R)$|^B(DEP|EXT)G$/, ['r1', 'r2', 'r3']],
];

const isVector = ({ title }: Row): boolean => /^(VECTOR|DECIMAL SCALE) /.test(title);

function wordsOf(row: Row): Syntax {
  if (isVector(row))
    return [...syntax[row.formatName].filter((word) => !/^\??m\d$/.test(word)), ...masksOf(row.mnemonic)];
  return special.find(([rows]) => rows.test(row.mnemonic))?.[1] ?? syntax[row.formatName];
}

/** True when the assembler has the operand field: it must be zero otherwise, or does not matter. */
export function isShown(row: Row, field: string): boolean {
  return wordsOf(row).some((word) => word.split(/[?(),]/).includes(field));
}

/** Turns instruction texts into the assembler's words. */
export class Disassembler {
  readonly #rows: readonly Row[];
  readonly #opcodes: OpcodeMap;
  readonly #letters: ReadonlyMap<Row, Letters>;

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
    this.#opcodes = new OpcodeMap(rows);
    this.#letters = new Map(rows.map((row) => [row, lettersOf(row)]));
  }

  /** The instruction that `text` begins with, at `address`. Bytes that are missing count as zeros. */
  disassemble(text: Uint8Array, address: bigint): Disassembled {
    const length = instructionLength(text[0] ?? 0);
    const whole = new Uint8Array(length);
    whole.set(text.subarray(0, length));
    const row = this.#rows[this.#opcodes.find(whole)];
    if (row === undefined) return { text: `.insn\t0x${bytesToHex(whole)}`, length, row };
    const values = new Map(Object.values(row.format.fields).map((f) => [f.name, fieldBits(f, whole)]));
    const context = { row, values, address, letters: this.#letters.get(row) ?? {} };
    if (isVector(row)) return { text: vectorText(context), length, row };
    const { mnemonic, omit } = extended(row, values);
    const words = wordsOf(row).filter((w) => !omit.includes(w));
    // Optional operands go from the end on, as long as they are zero.
    const kept = words.findLastIndex((w) => !w.startsWith('?') || values.get(w.slice(1)) !== 0) + 1;
    const operands = words.slice(0, kept).map((w) => operand(context, w));
    return { text: operands.length === 0 ? mnemonic : `${mnemonic}\t${operands.join(',')}`, length, row };
  }
}

type Letters = Readonly<Record<string, string>>;

interface Context {
  readonly row: Row;
  readonly values: Map<string, number>;
  readonly address: bigint;
  readonly letters: Letters;
}

/** Masks stand behind the other operands, as far as the mnemonic does not have them. */
function vectorText(context: Context): string {
  const { row, values } = context;
  const all = row.mnemonic === 'VGBM' ? ({ 0: 'vzero', [-1]: 'vone' } as const)[values.get('i2') ?? 1] : undefined;
  if (all !== undefined) return `${all}\t${operand(context, 'v1')}`;
  const masks = masksOf(row.mnemonic);
  const { mnemonic, operands } = vectorName(row.mnemonic, values);
  const others = wordsOf(row).filter((word) => !masks.includes(word));
  return `${mnemonic}\t${[...others.map((word) => operand(context, word)), ...operands].join(',')}`;
}

/** The operand that a word of the syntax stands for. */
function operand({ row, values, address, letters }: Context, word: string): string {
  const value = (name: string): number => values.get(name) ?? 0;
  const register = (name: string): string => `%${letters[name] ?? 'r'}${value(name)}`;
  const [, displacement, inner] = /^(d\d)\((.*)\)$/.exec(word) ?? [];
  if (displacement !== undefined && inner !== undefined) {
    return `${value(displacement)}${inParentheses(inner.split(','), value, register)}`;
  }
  const name = word.replace('?', '');
  const field = row.format.fields[name];
  const isTarget = field?.kind === 'rel' || (field?.kind === 'imm' && /^(MII|SMI)$/.test(row.formatName));
  if (isTarget) return `0x${BigInt.asUintN(64, address + BigInt(value(name)) * 2n).toString(16)}`;
  if (field?.kind === 'gr' || field?.kind === 'vr') return register(name);
  return String(immediate(row, value(name), field?.length ?? 32));
}

/** Index or length, and base; what is zero is left out unless something stands behind it. */
function inParentheses(
  names: readonly string[],
  value: (n: string) => number,
  register: (n: string) => string,
): string {
  const [first = '', second] = names;
  if (second === undefined) return value(first) === 0 ? '' : `(${register(first)})`;
  if (first.startsWith('l')) return `(${value(first) + 1},${register(second)})`;
  if (first.startsWith('x') && value(first) === 0) return value(second) === 0 ? '' : `(${register(second)})`;
  return `(${register(first)},${register(second)})`;
}

/** An immediate with the sign that the instruction gives it, which need not be that of the format's field. */
function immediate({ title, formatName }: Row, value: number, length: number): number {
  const logical =
    /LOGICAL|^AND|^OR|^EXCLUSIVE|^INSERT|UNDER MASK|BYTE MASK|^TRANSACTION/.test(title) && !title.includes('SIGNED');
  if (value < 0 && logical) return value + 2 ** length;
  return formatName === 'SIY' && title.startsWith('ADD') && value >= 0x80 ? value - 0x100 : value;
}

const conditions = ['', 'o', 'h', 'nle', 'l', 'nhe', 'lh', 'ne', 'e', 'nlh', 'he', 'nl', 'le', 'nh', 'no', ''] as const;
const comparisons = ['', '', 'h', '', 'l', '', 'ne', '', 'e', '', 'nl', '', 'nh', '', '', ''] as const;
const jumps: Readonly<Record<string, readonly [stem: string, tail: string, never: string]>> = {
  BCR: ['b', 'r', 'nopr'],
  BC: ['b', '', 'nop'],
  BRC: ['j', '', 'jnop'],
  BRCL: ['jg', '', 'jgnop'],
  BIC: ['bi', '', 'bic'],
};
const onComparison = /^C(L?)(G?)(R|I)[JB]$|^C(L?)(G?|F?)(R|I)?T$|^CLG?T$/;
const onConditionCode = /^(LOC|STOC)/;

interface Extended {
  readonly mnemonic: string;
  /** Words of the syntax that the mnemonic makes superfluous. */
  readonly omit: readonly string[];
}

/** The mnemonic with the condition in it, where the mask has a name; then the mask is no operand. */
function extended(row: Row, values: Map<string, number>): Extended {
  const plain = row.mnemonic.toLowerCase();
  const jump = jumps[row.mnemonic];
  if (jump !== undefined && (row.mnemonic !== 'BIC' || values.get('m1') !== 0)) {
    const mask = values.get('m1') ?? 0;
    const [stem, tail, never] = jump;
    if (mask === 0) return { mnemonic: never, omit: values.get('r2') === 0 ? ['m1', 'r2'] : ['m1'] };
    return { mnemonic: `${stem}${conditions[mask] ?? ''}${tail}`, omit: ['m1'] };
  }
  if (row.mnemonic.startsWith('SEL')) {
    const condition = conditions[values.get('m4') ?? 0] ?? '';
    return { mnemonic: `${plain}${condition}`, omit: condition === '' ? [] : ['m4'] };
  }
  const names = onComparison.test(row.mnemonic)
    ? comparisons
    : onConditionCode.test(row.mnemonic)
      ? conditions
      : undefined;
  const suffix = names?.[values.get('m3') ?? 0] ?? '';
  if (suffix !== '') return { mnemonic: `${plain}${suffix}`, omit: ['m3'] };
  // The zero-remaining bit, when the bits beside it leave no doubt.
  const i4 = values.get('i4') ?? 0;
  if (/^RISBGN?$/.test(row.mnemonic) && (i4 & 0xc0) === 0x80) {
    values.set('i4', i4 & 0x7f);
    return { mnemonic: `${plain}z`, omit: [] };
  }
  return withoutModifiers(row, values) ?? { mnemonic: plain, omit: [] };
}

/** The older name of a floating-point instruction whose later modifiers are zero. */
function withoutModifiers({ mnemonic, title }: Row, values: ReadonlyMap<string, number>): Extended | undefined {
  if (!/[BT]RA$/.test(mnemonic) || values.get('m4') !== 0) return undefined;
  const older = mnemonic.slice(0, -1).toLowerCase();
  const modifiers = ['m4', '?m4'];
  if (values.get('m3') === undefined || /TO FIXED|FP INTEGER/.test(title)) return { mnemonic: older, omit: modifiers };
  return values.get('m3') === 0 ? { mnemonic: older, omit: [...modifiers, 'm3'] } : undefined;
}

/**
 * Which kind of register each field names, by the manual's heading: formats do not tell, and helpers hide it in bodies.
 */
function lettersOf(row: Row): Letters {
  const letters: Record<string, string> = {};
  const general = generalOperands.find(([titles]) => titles.test(row.title))?.[1] ?? '';
  for (const { name, kind } of Object.values(row.format.fields)) {
    if (kind !== 'gr') letters[name] = kind === 'vr' ? 'v' : 'r';
    else if (accessOperands.find(([titles]) => titles.test(row.title))?.[1].includes(name)) letters[name] = 'a';
    else if (controlRegisters.test(row.title)) letters[name] = 'c';
    else letters[name] = floating.test(row.title) && !general.includes(name) ? 'f' : 'r';
  }
  return letters;
}

const floating = /\b(short|long|extended)\b|[BHD]FP/;
const controlRegisters = /^(LOAD|STORE) CONTROL/;
/** Operands that are access registers. */
const accessOperands: readonly (readonly [titles: RegExp, names: string])[] = [
  [/ACCESS MULTIPLE/, 'r1,r3'],
  [/^COPY ACCESS/, 'r1,r2'],
  [/^EXTRACT ACCESS/, 'r2'],
  [/^SET ACCESS|^TEST ACCESS/, 'r1'],
];
/** Operands of floating-point instructions that are general registers. */
const generalOperands: readonly (readonly [titles: RegExp, names: string])[] = [
  [/^CONVERT (TO FIXED|TO LOGICAL|TO SIGNED|TO UNSIGNED)|^EXTRACT|^LOAD GR/, 'r1'],
  [/^CONVERT (FROM FIXED|FROM LOGICAL|FROM SIGNED|FROM UNSIGNED)|^LOAD FPR|^INSERT BIASED|^REROUND/, 'r2'],
  [/FPC/, 'r1,r2'],
];
