import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { main } from '../../src/cli/cli.ts';
import { ended, Output } from '../support/guest-process.ts';
import { findLinux } from '../support/linux.ts';
import { root } from '../support/sources.ts';
import { describeUnless } from '../support/tools.ts';
import { fakeHost } from '../unit/cli/fake-host.ts';

const script = `
for d in /sys/block/vd*; do echo "disk $(cat $d/size) $(cat $d/ro)"; done | sort
echo "cards" $(ls /sys/class/net)
echo "words $(cat /proc/cmdline)"
echo "date $(date -u +%Y-%m-%d)"
`;

const linux = await findLinux();

describeUnless(linux.lacks, 'a guest of guestscope linux', () => {
  test('has every disk and every card that was asked for, words that begin with dashes, and the date', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guestscope-command-line-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = (name: string, contents: string | Uint8Array): string => {
      writeFileSync(join(folder, name), contents);
      return join(folder, name);
    };
    const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
    const [one, other] = [file('one', Buffer.alloc(1 << 20)), file('other', Buffer.alloc(2 << 20))];
    const args = [
      ...['linux', '--cache', cache, '--gdb', 'none', '--clock', 'virtual', '--memory', '256M'],
      ...['--disk', one, '--disk', `${other},ro`, '--net', 'listen=0', '--net', 'listen=0'],
      ...['--append', '--sequential', '--date', '2026-01-31', '--script', file('script', script)],
    ];
    const child = spawn(process.execPath, [`${root}dist/cli/main.js`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const console = new Output();
    child.stdout.on('data', (chunk: Buffer) => console.add(chunk));
    expect(await ended(child)).toEqual({ status: 0, signal: null });
    const said = console.text.split(/\r*\n/).filter((line) => /^(disk|cards|words|date) /.test(line));
    expect(said).toEqual([
      'disk 2048 0',
      'disk 4096 1',
      'cards eth0 eth1 lo',
      'words console=ttyS1 --sequential',
      'date 2026-01-31',
    ]);
  });
});

const power = join(homedir(), '.cache', 'guestscope', 'debian-ppc64el');
const lacksPower = existsSync(power) ? [] : ["needs Debian's ppc64el kernel: guestscope linux --arch ppc64 fetches it"];

describeUnless(
  lacksPower,
  'a ppc64 guest of guestscope linux',
  () => {
    test('runs a script on its busybox, is called what it is called, and powers off', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'guestscope-command-line-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      writeFileSync(
        join(folder, 'script'),
        'echo "name $(cat /proc/device-tree/ibm,partition-name | tr -d "\\0")"\necho "machine $(uname -m)"\n',
      );
      const args = ['linux', '--arch', 'ppc64', '--gdb', 'none', '--name', 'first', '--script', join(folder, 'script')];
      const child = spawn(process.execPath, [`${root}dist/cli/main.js`, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const console = new Output();
      child.stdout.on('data', (chunk: Buffer) => console.add(chunk));
      expect(await ended(child)).toEqual({ status: 0, signal: null });
      const said = console.text.split(/\r*\n/).filter((line) => /^(name|machine) /.test(line));
      expect(said).toEqual(['name first', 'machine ppc64le']);
    });
  },
  { required: false },
);

test.each([
  '--help',
  'run --help',
  'linux --help',
  '--version',
])('the built program says as its sources do: %s', async (line) => {
  const [host, args] = [fakeHost(), line.split(' ')];
  await main(args, host);
  const said = execFileSync(process.execPath, [`${root}dist/cli/main.js`, ...args], { encoding: 'utf8' });
  expect(said).toBe(host.stdout.text);
});
