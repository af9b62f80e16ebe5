import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Counts of one run; errors outside a test (a file that does not load, a rejected promise) count as failed. */
export interface TestSummary {
  passed: number;
  failed: number;
  skipped: number;
}

/** Prints the run's seed first and leaves the counts in the file that `TEST_SUMMARY` names, for the test command. */
export class SummaryReporter implements Reporter {
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  onInit(): void {
    console.log(`SEED=${this.#seed}`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const summary: TestSummary = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let failures = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') summary.passed++;
        else if (state === 'skipped') summary.skipped++;
        else failures++;
      }
      if (failures === 0 && !module.ok()) failures = 1;
      summary.failed += failures;
    }
    const file = process.env.TEST_SUMMARY;
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary));
  }
}
