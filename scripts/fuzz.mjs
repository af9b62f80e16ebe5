// Random tests with other seeds, round after round, until one fails or the rounds are done: `npm run fuzz -- 20 [FILE...]`.
// A failure prints the command that repeats it. Without files all those run that take their randomness from the seed.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [text = '10', ...named] = process.argv.slice(2);
const rounds = Number(text);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`fuzz: ${text} is not a number of rounds`);
  process.exit(2);
}

/** Tests of parts whose randomness comes from the seed. */
function randomTests() {
  return ['test/unit', 'test/isa']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))))
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => /support\/seed\.ts|fast-check|model\.ts/.test(readFileSync(join(root, file), 'utf8')));
}

const files = named.length > 0 ? named : randomTests();
for (let round = 1; round <= rounds; round++) {
  const seed = randomInt(2 ** 31);
  const env = {
    ...process.env,
    SEED: String(seed),
    RANDOM_TIMES: process.env.RANDOM_TIMES ?? '5',
    TEST_PATIENCE: '3600',
  };
  const args = ['run', '--testTimeout=3600000', ...files];
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), args, {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  if (status === 0) continue;
  console.log(
    `round ${round} failed; again: RANDOM_TIMES=${env.RANDOM_TIMES} SEED=${seed} npm run test:only -- ${files.join(' ')}`,
  );
  process.exit(1);
}
console.log(`${rounds} rounds passed`);
