// Installs the programs that the tests run against, from Debian's packages, where that is allowed. Never fails: what is
// missing afterwards is said here, and the tests that need it say so again.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const tools = JSON.parse(readFileSync(new URL('./tools.json', import.meta.url), 'utf8'));

function installed(command) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingTools() {
  return Object.keys(tools).filter((name) => !installed(name));
}

/** The words before an `apt-get` that may install, or undefined when nothing here may. */
function privilege() {
  if (process.getuid?.() === 0) return [];
  if (installed('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  return undefined;
}

function aptGet(prefix, args) {
  const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
  return spawnSync(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

function install(names) {
  if (!installed('apt-get')) return 'there is no apt-get here';
  const prefix = privilege();
  if (prefix === undefined) return 'installing takes root or sudo without a password';
  if (!aptGet(prefix, ['update']))
    console.log('test setup: apt-get update failed; trying with the package lists at hand');
  const add = (...packages) => aptGet(prefix, ['install', '-y', '--no-install-recommends', ...packages]);
  const packages = names.map((name) => tools[name].package);
  // One package that cannot be had must not keep the others out.
  if (!add(...packages) && packages.length > 1) for (const one of packages) add(one);
  return 'apt-get could not install it';
}

/** Installs what is missing if it may, and says what is missing still. */
export function setUpTools() {
  const wanted = missingTools();
  if (wanted.length === 0) return;
  console.log(`test setup: missing ${wanted.join(', ')}; installing from Debian's packages`);
  const reason = install(wanted);
  const consequence =
    process.env.CI === 'true' ? 'the tests that need it will fail' : 'the tests that need it are skipped';
  for (const name of missingTools()) {
    console.log(`test setup: no ${name} (package ${tools[name].package}): ${reason}; ${consequence}`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) setUpTools();
