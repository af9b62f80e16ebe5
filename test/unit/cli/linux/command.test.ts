import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../../../src/cli/cli.ts';
import { fakeHost } from '../fake-host.ts';
import { type FakeApt, fakeApt, release } from './fake-apt.ts';

const ENTRY = 0x1_0000;
/** A kernel that stops its CPU: sigp %r0,%r1,5. */
const stops = Buffer.alloc(ENTRY + 0x100);
stops.write('ae010005', ENTRY, 'hex');

let apt: FakeApt;
beforeEach(() => {
  apt = fakeApt({ kernel: stops });
});
afterEach(() => apt.dispose());

async function run(...args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost();
  const { status } = await main(['linux', '--cache', apt.cache, ...args], host);
  return { status, out: host.stdout.text, err: host.stderr.text };
}

describe('a mistake ends with status 2 and a code before anything is fetched:', () => {
  test.each([
    ['a module that is not there', ['--module', '/nonexistent/x.ko'], 'symbols-unreadable', '/nonexistent/x.ko'],
    ['a module that is none', ['--module', '/etc/passwd'], 'symbols-unreadable', 'is no module for s390x'],
    ['a script that is not there', ['--script', '/nonexistent/x'], 'script-unreadable', '/nonexistent/x'],
    ['a script without a name', ['--script'], 'usage', 'script'],
    ['an option of run alone', ['--initrd', 'x'], 'usage', 'initrd'],
    ['a word too many', ['vmlinuz'], 'usage', 'vmlinuz'],
    ['a misspelt option', ['--debuginf'], 'usage', 'did you mean --debuginfo?'],
    ['a bad memory size', ['--memory', '1.5G'], 'memory-size', '512M'],
    ['a bad number of vCPUs', ['--smp', '0'], 'smp-count', '1 to 248'],
    ['a CPU model that is none', ['--cpu', 'z99'], 'cpu-model', 'give zEC12, z13, z14, z15, z16, z17, max'],
    ['a CPU without what it needs', ['--cpu', 'zEC12,vxeh=on'], 'cpu-model', 'needs another facility'],
    ['no such port', ['--arch', 'mips'], 'usage', 'give s390x or ppc64'],
    ['a CPU model of the other port', ['--arch', 'ppc64', '--cpu', 'z13'], 'cpu-model', 'power7 or power8'],
    ['a disk for who has none', ['--arch', 'ppc64', '--disk', '/etc/passwd'], 'no-such-device', 'console and no other'],
    ['waiting for nobody', ['--wait', '--gdb', 'none'], 'wait-without-gdb', 'leave one'],
  ])('%s', async (_, args, code, words) => {
    const { status, out, err } = await run(...args);
    expect({ status, out, commands: apt.commands() }).toEqual({ status: 2, out: '', commands: [] });
    expect(err).toMatch(new RegExp(`^guestscope: [^\\n]* \\[${code}\\]\\n$`));
    expect(err).toContain(words);
  });
});

test('a kernel that cannot be fetched is said in one line, with status 2', async () => {
  apt.set('fail-download', 'E: Failed to fetch\nE: Unable to fetch some archives\n');
  const { status, err } = await run('--gdb', 'none');
  expect(status).toBe(2);
  expect(err.trim().split('\n').at(-1)).toMatch(
    /^guestscope: apt-get failed \(E: Failed to fetch\).* \[linux-unavailable\]$/,
  );
});

test('the kernel is fetched, and runs to its end', async () => {
  const script = join(apt.directory, 'script');
  writeFileSync(script, 'true\n');
  const { status, err } = await run('--gdb', 'none', '--memory', '64M', '--script', script);
  expect(err).toContain(`guestscope: fetching linux-image-${release}`);
  expect(err).toContain(`guestscope: Linux ${release}: `);
  expect(err).toContain('1 CPU, 64 MiB, virtual clock');
  expect(status).toBe(0);
});
