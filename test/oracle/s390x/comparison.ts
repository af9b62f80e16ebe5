/** Runs cases on both machines and sorts out what they disagree about. */

import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import { Chance, streamOf } from '../chance.ts';
import { type Disagreement, describeDisagreement, differingParts } from './compare.ts';
import { makeCase, type Subject, subjectsOf } from './generate.ts';
import { assembleRunner, buildImage, type OracleCase, type OracleImage } from './image.ts';
import { type KnownDifference, unexplained } from './known-difference.ts';
import { runHere } from './machine.ts';
import { type OracleResult, readResults } from './result.ts';
import { makePool } from './values.ts';

/** Another machine that does the cases, too. */
export interface Oracle {
  /** What the image leaves where its results are. Throws a `MachineEnded` when a case ends the machine itself. */
  run(image: OracleImage): Promise<Uint8Array>;
  /** Makes a case one that it can be put to: where it lacks what a state may hold. */
  adapt?(of: OracleCase): OracleCase;
  /** True when it has vector registers. */
  readonly vectors: boolean;
  readonly differences: readonly KnownDifference[];
  /** Rows that it does not have and that are operation exceptions there. */
  readonly missing: ReadonlySet<string>;
}

/** The other machine ended before the image did. */
export class MachineEnded extends Error {}

/** Cases of one image: more of them would need more storage. */
const IMAGE_CASES = 40_000;

/** What came out of a comparison. */
export interface Comparison {
  readonly cases: number;
  /** Rows that were compared, and those left out, by the reason. */
  readonly rows: ReadonlySet<string>;
  readonly leftOut: ReadonlyMap<string, readonly string[]>;
  /** Rows that were operation exceptions there in every case, and nothing of the kind here. */
  readonly missing: ReadonlySet<string>;
  /** Cases that were completed here, by row; those without a number are privileged ones in the problem state alone. */
  readonly completed: ReadonlyMap<string, number>;
  /** How cases ended here: program-interruption code, 0 for completion. */
  readonly ends: ReadonlyMap<number, number>;
  readonly explained: ReadonlyMap<KnownDifference, number>;
  /** Disagreements that nothing explains, in words. */
  readonly unexplained: readonly string[];
}

/** The cases of all rows of a table that an oracle has, `perRow` of each, or only the one named `MNEMONIC:number`, or all named `MNEMONIC`. */
export function casesOf(
  table: readonly Row[],
  perRow: number,
  missing: Oracle['missing'],
  only?: string,
): OracleCase[] {
  const subjects = subjectsOf(table).filter((s) => s.traits.leftOut === undefined);
  const targets = subjects.filter(
    ({ row, traits }) => !traits.executes && !traits.branches && !missing.has(row.mnemonic),
  );
  const allOf = (s: Subject): OracleCase[] => Array.from({ length: perRow }, (_, i) => makeCase(s, i, targets));
  if (only === undefined) return subjects.flatMap(allOf);
  const [mnemonic, number] = only.split(':');
  const subject = subjects.find((s) => s.row.mnemonic === mnemonic);
  if (subject === undefined) throw new Error(`no row ${mnemonic} to compare`);
  return number === undefined ? allOf(subject) : [makeCase(subject, Number(number), targets)];
}

/** Does the cases on both machines and compares. */
export async function compareWith(
  oracle: Oracle,
  table: readonly Row[],
  cases: readonly OracleCase[],
): Promise<Comparison> {
  const runner = assembleRunner(oracle.vectors);
  const pool = makePool(new Chance(streamOf('pool')));
  const results: { of: OracleCase; there: OracleResult; here: OracleResult }[] = [];
  for (let from = 0; from < cases.length; from += IMAGE_CASES) {
    const part = cases.slice(from, from + IMAGE_CASES).map((c) => oracle.adapt?.(c) ?? c);
    const there = await resultsOf(oracle, part, (c) => buildImage(runner, pool, c));
    const image = buildImage(runner, pool, part);
    const here = readResults(runHere(image, image.results, image.resultBytes), part.length);
    for (const [i, of] of part.entries()) {
      const [a, b] = [there[i], here[i]];
      if (a !== undefined && b !== undefined) results.push({ of, there: a, here: b });
    }
  }
  return sortOut(oracle, subjectsOf(table), results);
}

// When a case ends the machine itself, the halves are tried for it, so that it can be named.
async function resultsOf(
  oracle: Oracle,
  cases: readonly OracleCase[],
  build: (cases: readonly OracleCase[]) => OracleImage,
): Promise<OracleResult[]> {
  const image = build(cases);
  try {
    return readResults(await oracle.run(image), cases.length);
  } catch (error) {
    const [first] = cases;
    if (!(error instanceof MachineEnded) || first === undefined) throw error;
    if (cases.length === 1) throw new Error(`${first.mnemonic}:${first.number} (${first.text}): ${error.message}`);
    const half = cases.length >> 1;
    await resultsOf(oracle, cases.slice(0, half), build);
    return resultsOf(oracle, cases.slice(half), build);
  }
}

function sortOut(
  oracle: Oracle,
  subjects: readonly Subject[],
  results: readonly { readonly of: OracleCase; readonly there: OracleResult; readonly here: OracleResult }[],
): Comparison {
  const missing = new Set(results.map((r) => r.of.does));
  for (const { of, there, here } of results) if (there.pgm !== 1 || here.pgm === 1) missing.delete(of.does);
  const ends = new Map<number, number>();
  const completed = new Map<string, number>();
  const explained = new Map<KnownDifference, number>();
  const rest: string[] = [];
  for (const r of results) {
    ends.set(r.here.pgm, (ends.get(r.here.pgm) ?? 0) + 1);
    if (r.here.pgm === 0) completed.set(r.of.does, (completed.get(r.of.does) ?? 0) + 1);
    if (missing.has(r.of.does)) continue;
    const d: Disagreement = { ...r, parts: differingParts(r.there, r.here) };
    if (d.parts.size === 0) continue;
    const parts = unexplained(oracle.differences, d, (known) => explained.set(known, (explained.get(known) ?? 0) + 1));
    if (parts.size > 0) rest.push(describeDisagreement({ ...d, parts }));
  }
  const leftOut = new Map<string, string[]>();
  for (const { row, traits } of subjects) {
    if (traits.leftOut !== undefined)
      leftOut.set(traits.leftOut, [...(leftOut.get(traits.leftOut) ?? []), row.mnemonic]);
  }
  return {
    cases: results.length,
    rows: new Set(results.map((r) => r.of.mnemonic)),
    leftOut,
    missing,
    completed,
    ends,
    explained,
    unexplained: rest,
  };
}
