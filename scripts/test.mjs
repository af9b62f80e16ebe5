// The test command: programs, build, types, lint, tests; every stage runs, so that one run shows all that is wrong.
// Arguments go to vitest. The last line is the count: `N passed, N failed`, with `, N skipped` when some were.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beginGuests } from './test-guests.mjs';
import { setUpTools } from './test-setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'guestscope-test-'));
const summaryFile = join(scratch, 'summary.json');
const vitestArguments = process.argv.slice(2);
const failedStages = [];

function stage(name, command, args) {
  console.log(`\n== ${name}`);
  const env = { ...process.env, TEST_SUMMARY: summaryFile };
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (error !== undefined) console.log(`${name}: ${error.message}`);
  if (status !== 0) failedStages.push(name);
  return status === 0;
}

const bin = (name) => join(root, 'node_modules', '.bin', name);

setUpTools();
// Of a part of the tests, those that want it begin it themselves.
const endGuests = vitestArguments.length === 0 ? beginGuests() : () => undefined;
if (!existsSync(bin('vitest'))) stage('install', 'npm', ['ci']);
stage('build', process.execPath, ['scripts/build.mjs']);
stage('types', bin('tsc'), ['--noEmit']);
stage('lint', bin('biome'), ['check', '.']);

const testsPassed = stage('tests', bin('vitest'), ['run', ...vitestArguments]);
const summary = existsSync(summaryFile)
  ? JSON.parse(readFileSync(summaryFile, 'utf8'))
  : { passed: 0, failed: 0, skipped: 0 };
rmSync(scratch, { recursive: true });
endGuests();

// A failure of the test stage is one of its tests or unhandled errors, counted already, unless it never got that far.
const uncounted = failedStages.filter((name) => name !== 'tests').length + (testsPassed || summary.failed > 0 ? 0 : 1);
const failed = summary.failed + uncounted;
console.log();
if (failedStages.length > 0) console.log(`failed stages: ${failedStages.join(', ')}`);
console.log(`${summary.passed} passed, ${failed} failed${summary.skipped > 0 ? `, ${summary.skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
