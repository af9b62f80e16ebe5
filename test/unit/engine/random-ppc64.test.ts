import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/arch/ppc64/isa/row.ts';
import { power7Instructions } from '../../../src/arch/ppc64/isa/table.ts';
import type { EngineMode } from '../../../src/engine/modes.ts';
import { Bench } from '../../support/ppc64/isa.ts';
import { randomLoop, seen } from '../../support/ppc64/random-programs.ts';
import { randomWords, seed, timesAsked } from '../../support/seed.ts';

/** Programs of each kind; more by `RANDOM_TIMES`. */
const runs = timesAsked(60);

/** Those that lead out of the loop, or stop the machine. */
const left =
  /^(b|sc|h?rfid|mtmsr|nap|doze|sleep|rvwinkle|attn|slb|tlb|dcbz|t[dw]|m[ft](?!cr|ocrf|xer|lr|ctr|fs|vscr|fprd|vsr)|.*cix)/;
/** Of the MSR, what a kernel does all the time. */
const stays = /^(mtmsrd? 1|mfmsr)$/;
const rows = power7Instructions.filter((row) => row.implemented && (!left.test(row.base) || stays.test(row.mnemonic)));

const families: Readonly<Record<string, (row: Row) => boolean>> = {
  'of all kinds': () => true,
  'with EE and RI of the MSR': (row) =>
    stays.test(row.mnemonic) || /^(add|xor|cmp|rlwinm|lwz|std|lfd)/.test(row.mnemonic),
  'of fixed point and storage': (row) =>
    Object.values(row.fields).some((f) => f.kind === 'gr') && !Object.values(row.fields).some((f) => f.kind === 'vr'),
};

describe.each(Object.entries(families))('random ppc64 loops %s', (_, of) => {
  const from = rows.filter(of);

  test.each([
    'first',
    'blocks',
    'forgetful',
  ] as const)('are the same when interpreted and in the mode %s', (mode: EngineMode) => {
    const plain = new Bench('interpreter');
    const other = new Bench(mode);
    const random = randomWords(0x99c0);
    for (let i = 0; i < runs; i++) {
      const setup = randomLoop(random, from);
      expect(seen(other, setup), `program ${i} of SEED=${seed}`).toEqual(seen(plain, setup));
    }
  });
});
