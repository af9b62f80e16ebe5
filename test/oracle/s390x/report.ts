import { programInterruptionName } from '../../../src/arch/s390x/cpu/interruption-codes.ts';
import { oracleSeed } from '../chance.ts';
import type { Comparison } from './comparison.ts';

/** A comparison in words. */
export function report(name: string, c: Comparison): string {
  const ends = [...c.ends].sort(([a], [b]) => a - b);
  return [
    `${c.cases} cases of ${c.rows.size} rows compared with ${name}, ORACLE_SEED=${oracleSeed}`,
    `ended: ${ends.map(([code, n]) => `${code === 0 ? 'completed' : programInterruptionName(code)} ${n}`).join(', ')}`,
    `not there: ${c.missing.size} rows`,
    ...[...c.leftOut].map(([why, rows]) => `left out, ${why}: ${rows.length} rows`),
    ...[...c.explained].map(([known, n]) => `${n} times: ${known.why} ("${known.heading}")`),
  ].join('\n');
}

/** The first disagreements that nothing explains, each with the words that repeat it; empty when there are none. */
export function named({ unexplained }: Comparison): string {
  return unexplained
    .slice(0, Number(process.env.ORACLE_SHOW ?? 20))
    .map((words) => `${words}\n  again: ORACLE_SEED=${oracleSeed} ORACLE_CASE=${words.split(' ')[0]}`)
    .join('\n');
}
