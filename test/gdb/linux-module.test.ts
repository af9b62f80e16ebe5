import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findModules } from '../../src/cli/linux/modules.ts';
import { Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { findLinux } from '../support/linux.ts';
import { buildModule } from '../support/module.ts';
import { printedBelow, session, shape } from '../support/readme.ts';
import { root } from '../support/sources.ts';
import { describeUnless, describeWithTools } from '../support/tools.ts';

const { kernel, lacks } = await findLinux();
const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');

/** What gdb says of the files that it reads, and the scripts of themselves. */
const aside = /^(Reading |warning: File transfers|Source directories|\(No debugging|guestscope: gs-|gs-picture)/;

/** What is the module's, or says where a backtrace goes and ends; which functions the kernel has in between depends on its release. */
function ours(text: string): string[] {
  const lines = shape(text).filter((line) => !aside.test(line));
  return lines.filter((line) => !/ from target:/.test(line) || /in (stop_run|ksys_write|__do_syscall) /.test(line));
}

describeUnless(lacks, "the README's session with a Linux that a module of ours makes crash", () => {
  describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'with stock gdb', () => {
    test('is led back to the store, named in one command, with the way there from the system call', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'guestscope-module-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      // Debug information may be in the cache, where it would be found.
      symlinkSync(join(cache, 'tree'), join(folder, 'tree'));
      const debian = findModules(kernel?.modules ?? '', ['dummy']).at(-1)?.data ?? new Uint8Array(0);
      const module = buildModule('stray', `${root}test/gdb/stray`, folder, debian);
      const script = join(folder, 'crash.sh');
      writeFileSync(script, printedBelow('cat crash.sh'));
      const command = 'linux --module stray.ko --script crash.sh --append oops=panic --wait'
        .replace('stray.ko', module)
        .replace('crash.sh', script);
      expect(printedBelow('cat crash.sh')).toMatch(/^insmod \/root\/stray.ko\n/);
      const still = ['--cache', folder, '--gdb', '0', '--clock', 'virtual', '--memory', '128M'];
      const guest = await GuestProcess.startWith([...command.split(' '), ...still]);
      const { start, talk } = session('## Find a stray store in Linux', 'gdb-multiarch -q ');
      const words = start.split(' ').filter((word) => word !== 'gdb-multiarch' && word !== '-q');
      const gdb = new Gdb(
        '-iex',
        'set sysroot target:',
        ...words.map((word) => word.replace('gdb-scripts', `${root}gdb-scripts`)),
      );
      expect(talk.length).toBeGreaterThan(8);
      for (const { command, answer } of talk) {
        const here = (text: string): string => text.replace(':1234', `127.0.0.1:${guest.port}`);
        const [said = ''] = await gdb.run(here(command));
        expect(ours(said), command).toEqual(ours(here(answer)));
      }
    });
  });
});
