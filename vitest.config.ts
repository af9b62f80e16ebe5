import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LateSequencer } from './test/support/late-sequencer.ts';
import { SummaryReporter } from './test/support/summary-reporter.ts';

/** The same in each run, so that a run that fails is a change's doing; `npm run fuzz` takes others. */
const seed = process.env.SEED ?? '1';

/** What takes an hour is asked for: a session of ten minutes, a thousand moves through a guest's past. */
const long = process.env.GUESTSCOPE_LONG === '1';
const HOUR = 3_600_000;

/** A folder of test/ as a project of its name. */
function folder(name: string, testTimeout: number, isolate: boolean) {
  return {
    extends: true as const,
    test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, isolate },
  };
}

/**
 * Tests of parts: each is done within seconds, or it hangs. Files share their worker's modules, so that the table of
 * instructions is recorded once in a worker. Nothing in src/ has state at module level (test/rules/house.test.ts), and a test
 * gives back what it changes of the process.
 */
const parts = (name: string) => folder(name, 20_000, false);
/**
 * Tests that boot guests and drive other programs. A slow machine may take its time; a test that hangs fails in the end. A file
 * has a process of its own, whose storage for guests goes with it.
 */
const whole = (name: string) => folder(name, long ? 12 * HOUR : 600_000, true);

export default defineConfig({
  test: {
    projects: [...['unit', 'rules', 'fuzz', 'isa'].map(parts), ...['guest', 'gdb', 'oracle'].map(whole)],
    setupFiles: ['test/support/set-up.ts'],
    env: { SEED: seed },
    reporters: ['default', new SummaryReporter(seed)],
    sequence: { sequencer: LateSequencer },
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
