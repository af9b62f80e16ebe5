import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/support/summary-reporter.ts';

const seed = process.env.SEED ?? String(Math.floor(Math.random() * 0x7fffffff));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/set-up.ts'],
    env: { SEED: seed },
    reporters: ['default', new SummaryReporter(seed)],
    pool: 'forks',
    maxWorkers: 2,
    // Long enough for a slow machine to boot a guest: a test that hangs fails, a test that is slow does not.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
