import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { debianKernel } from '../../src/cli/linux/debian.ts';
import { attach, Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeUnless } from '../support/tools.ts';

const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
const known = existsSync(join(cache, 'debug', 'usr', 'lib', 'debug', 'boot'));
const vmlinux =
  known || process.env.GUESTSCOPE_DEBUGINFO === '1'
    ? (await debianKernel({ cache, debuginfo: true, say: (line) => console.log(line) })).vmlinux
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
      const guest = await boot('--smp', '2');
      const gdb = new Gdb();
      await gdb.run('set sysroot target:', 'set breakpoint pending on', `target remote 127.0.0.1:${guest.port}`);
      await gdb.run(`source ${root}gdb-scripts/guestscope.py`);
      const early = await gdb.run('tbreak start_kernel', 'tbreak virtblk_probe', 'tbreak virtio_rng_init');
      expect(early[0]).toContain('pending');
      expect((await gdb.run('continue'))[0]).toMatch(/hit Temporary breakpoint 1, start_kernel \(\)/);

      const [, stop, trace, finish] = await gdb.run('tbreak ksys_write', 'continue', 'bt', 'finish');
      expect(stop).toMatch(/hit Temporary breakpoint \d, /);
      expect(trace).toContain('in ');
      expect(finish).not.toContain('Cannot');

      const said = await gdb.run('watch jiffies_64', 'continue', 'bt', 'delete', 'info threads');
      expect(said[1]).toMatch(/Old value = (\d+)\nNew value = (\d+)/);
      expect(said[2]).toMatch(/in do_irq_async .*\n(.*\n)*.*in ext_int_handler .*\n#\d+/);
      expect(said[4]).toMatch(/"CPU 0" \((running|wait), .*pid \d+\)[\s\S]*"CPU 1" \((running|wait), .*pid \d+\)/);
      expect((await gdb.run('gs-ps'))[0]).toMatch(/^ +1 +1 . .* init$/m);
      expect((await gdb.run('gs-dmesg'))[0]).toContain('Linux version');
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
