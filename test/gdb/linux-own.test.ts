import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { findLinux } from '../support/linux.ts';
import { describeUnless } from '../support/tools.ts';

const { lacks } = await findLinux();
const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');

describeUnless(lacks, "Debian's Linux without its vmlinux", () => {
  test('is debugged by the names that it keeps of itself', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'guestscope-own-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    // Debug information may be in the cache, where it would be found.
    symlinkSync(join(cache, 'tree'), join(directory, 'tree'));
    writeFileSync(join(directory, 'disk'), new Uint8Array(1 << 20));
    const still = ['--cache', directory, '--gdb', '0', '--wait', '--clock', 'virtual', '--memory', '128M'];
    const guest = await GuestProcess.startWith(['linux', ...still, '--disk', join(directory, 'disk')]);
    const gdb = new Gdb();
    await gdb.run('set sysroot target:', 'set breakpoint pending on', `target remote 127.0.0.1:${guest.port}`);

    // Set before the decompressor has decided where the kernel will be.
    const [pending, stop, trace] = await gdb.run('tbreak start_kernel', 'continue', 'bt');
    expect(pending).toContain('pending');
    expect(stop).toMatch(/^Temporary breakpoint 1, 0x\w+ in start_kernel \(\)/m);
    expect(trace).toMatch(/^#0 .* in start_kernel \(\).*\n#1 .* in startup_continue \(\).*$/);

    // In a module that is not there yet.
    const [, , probe] = await gdb.run('tbreak virtblk_probe', 'continue', 'bt');
    expect(probe).toMatch(/^#0 .* in virtblk_probe \(\).*virtio_blk\.ko\n[\s\S]* in driver_register \(\)/);
    expect(probe).not.toContain('PC not saved');

    const call = await gdb.run('tbreak ksys_write', 'continue', 'bt', 'finish', 'stepi', 'stepi', 'bt');
    const whole =
      /^#0 .* in \w+ \(\).*\n(#\d .* in \w+ \(\).*\n)*.* in __do_syscall \(\).*\n.*<signal handler called>\n.* in \?\? \(\)$/;
    expect(call[2]).toMatch(whole);
    expect(call[3]).toMatch(/^Run till exit from #0 /);
    expect(call[5]).toMatch(/^0x\w+ in \w+ \(\)/);
    expect(call.join()).not.toContain('PC not saved');

    // A step by names and lines that are not there, a symbol for monitor, and storage that the kernel lies in.
    const [walk, symbol, code] = await gdb.run(
      'monitor walk start_kernel',
      'info symbol system_call',
      'x/i system_call',
    );
    expect(walk).toMatch(/^absolute = 0x\w+$/m);
    expect(symbol).toContain('system_call in section .text');
    expect(code).toMatch(/<system_call>:\tstpt/);

    // From user space, of which nothing is known.
    const [, user, above, step] = await gdb.run('tbreak __do_syscall', 'continue', 'up', 'frame 0');
    expect(user).toContain('in __do_syscall ()');
    expect(above).toContain('<signal handler called>');
    expect(step).toContain('__do_syscall');
    await gdb.run('kill');
    expect((await guest.exit).status).toBe(0);
  });
});
