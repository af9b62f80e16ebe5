import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { debianKernel } from '../../src/cli/linux/debian.ts';
import { attach, Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeUnless } from '../support/tools.ts';

const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
const known = existsSync(join(cache, 'debug', 'usr', 'lib', 'debug', 'boot'));
const vmlinux =
  known || process.env.GUESTSCOPE_DEBUGINFO === '1'
    ? (
        await debianKernel({
          cache,
          debuginfo: true,
          port: s390xWing.debian,
          teller: { say: (line) => console.log(line), done: () => undefined },
        })
      ).vmlinux
    : undefined;
const lacks =
  vmlinux === undefined ? ['needs vmlinux with debug information: GUESTSCOPE_DEBUGINFO=1 fetches 400 MB'] : [];

const boot = (...options: readonly string[]): Promise<GuestProcess> =>
  GuestProcess.startWith([
    ...['linux', '--debuginfo', '--cache', cache, '--gdb', '0', '--wait', '--clock', 'virtual', '--memory', '256M'],
    ...options,
  ]);

describeUnless(
  lacks,
  "Debian's Linux with its debug information",
  () => {
    test('stops in start_kernel, system calls, a timer interruption and a module, wherever KASLR put them', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'guestscope-disk-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      writeFileSync(join(directory, 'disk'), new Uint8Array(1 << 20));
      const guest = await boot('--smp', '2', '--disk', join(directory, 'disk'));
      const gdb = new Gdb();
      await gdb.run('set sysroot target:', 'set breakpoint pending on', `target remote 127.0.0.1:${guest.port}`);
      await gdb.run(`source ${root}gdb-scripts/guestscope.py`);
      const early = await gdb.run('tbreak start_kernel', 'tbreak virtblk_probe');
      expect(early[0]).toContain('pending');
      expect((await gdb.run('continue'))[0]).toMatch(/hit Temporary breakpoint 1, start_kernel \(\)/);
      // In a module that is not there yet, and there before its first instruction.
      const probe = (await gdb.run('continue', 'bt'))[1];
      expect(probe).toMatch(/^#0 +virtblk_probe \(.*\n[\s\S]* in do_init_module /);

      // While there is something to do still: the next tick may come when a shell waits for words that nobody says.
      const said = await gdb.run('watch jiffies_64', 'continue', 'bt', 'delete', 'info threads');
      expect(said[1]).toMatch(/Old value = (\d+)\nNew value = (\d+)/);
      expect(said[2]).toMatch(/in do_irq_async .*\n(.*\n)*.*in ext_int_handler .*\n#\d+/);
      expect(said[4]).toMatch(/"CPU 0" \((running|wait), .*pid \d+\)[\s\S]*"CPU 1" \((running|wait), .*pid \d+\)/);
      const [, entry] = await gdb.run('frame function do_ext_irq', 'finish');
      expect(entry).toMatch(/^Run till exit from #\d+ [\s\S]*do_ext_irq [\s\S]*\n0x\w+ in ext_int_handler \(\)/);
      expect((await gdb.run('gs-ps'))[0]).toMatch(/^ +1 +1 . .* init$/m);
      expect((await gdb.run('gs-dmesg'))[0]).toContain('Linux version');

      const [, stop, trace, finish] = await gdb.run('tbreak ksys_write', 'continue', 'bt', 'finish');
      expect(stop).toMatch(/hit Temporary breakpoint \d, /);
      // Through the system call to the program, of which nothing is known, and no error at the end.
      expect(trace).toMatch(/in system_call \(\).*\n#\d+ +0x\w+ in \?\? \(\)(\nBacktrace stopped: .*)?$/);
      expect(trace).not.toContain('PC not saved');
      expect(finish).toMatch(/^Run till exit from #0 [\s\S]*do_syscall[\s\S]*Value returned is \$\d+ = \d+/);

      const program = await gdb.run('tbreak ksys_write', 'continue', 'frame function __do_syscall', 'gs-current');
      // Back in the program, and in that process alone: others execute at the same address.
      const back = await gdb.run(
        'set $at = regs->psw.addr',
        'break *$at',
        'eval "monitor break-asce %#lx secondary", $at',
        'continue',
        'gs-current',
      );
      expect(back[3]).toContain('hit Breakpoint 6, 0x');
      expect(back.at(-1)).toMatch(/^CPU \d: \w+, pid [1-9]\d*, /);
      expect(back.at(-1)).toBe(program.at(-1));
    });

    test('is placed by qOffsets for a gdb that has vmlinux already', async () => {
      const guest = await boot();
      const first = await attach(guest.port);
      await first.run('set breakpoint pending on', 'set sysroot target:', 'tbreak start_kernel');
      await first.run('detach');
      await guest.console.find(/Type 'poweroff/);
      const gdb = await attach(guest.port, vmlinux ?? '');
      const said = await gdb.run('p init_task.comm', 'info symbol $pc', 'info sharedlibrary');
      expect(said[0]).toMatch(/^\$1 = "swapper\/0/);
      expect(said[1]).toMatch(/ in section \.text/);
      expect(said[2]).toContain('virtio_blk.ko');
    });
  },
  { required: false },
);
