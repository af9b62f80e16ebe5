/** gdb in front of real kernels for ppc64: by their names alone, and with what they know of their types. */

import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { lack } from '../support/installed.ts';
import { buildInitrd, builtKernel, debianKernel, type Made, unlessLong } from '../support/ppc64/linux.ts';
import { placeOf } from '../support/recorded.ts';
import { root } from '../support/sources.ts';
import { describeUnless } from '../support/tools.ts';

interface Kernel {
  readonly name: string;
  readonly made: () => Promise<Made>;
  readonly compiler: 'powerpc64-linux-gnu-gcc' | 'powerpc64le-linux-gnu-gcc';
  readonly order: 'big' | 'little';
  readonly memory: string;
  /** Where its types are, beside the kernel, when not in itself. */
  readonly types?: string;
}

const kernels: readonly Kernel[] = [
  {
    ...{ name: 'a big-endian Linux', made: builtKernel, compiler: 'powerpc64-linux-gnu-gcc' },
    ...{ order: 'big', memory: '256M' },
  },
  {
    ...{ name: "Debian's little-endian Linux", made: unlessLong(debianKernel), compiler: 'powerpc64le-linux-gnu-gcc' },
    ...{ order: 'little', memory: '512M', types: 'vmlinux-ppc64el.debug' },
  },
];

for (const kernel of kernels) {
  const made = await kernel.made();
  const missing = [...made.lacks, lack(kernel.compiler), lack('gdb-multiarch')].filter((words) => words !== undefined);
  const initrd = missing.length > 0 ? new Uint8Array() : await buildInitrd(kernel.compiler.replace(/gcc$/, ''));
  describeUnless(missing, `${kernel.name} in gdb`, () => byNames(kernel, made.path, initrd), made);

  const types = kernel.types === undefined ? made.path : join(dirname(made.path), kernel.types);
  const lacks = existsSync(types) || missing.length > 0 ? missing : [`needs ${types}: DEBUGINFO=1 get-debian.sh`];
  const required = made.required && kernel.types === undefined;
  const body = (): void => byTypes(kernel, made.path, types, initrd);
  describeUnless(lacks, `${kernel.name} in gdb with its types`, body, { required });
}

const scripts = `source ${root}gdb-scripts/guestscope.py`;

/** The program's words for such a guest. */
function machineOf({ memory }: Kernel, image: string, initrd: Uint8Array, vcpus = 2): string[] {
  const file = placeOf('initrd');
  writeFileSync(file, initrd);
  const boot = ['--initrd', file, '--append', 'console=hvc0', '--memory', memory, '--smp', String(vcpus)];
  return ['run', image, ...boot, '--wait', '--gdb', '0', '--clock', 'virtual', '--console', 'none'];
}

async function debugged(machine: readonly string[], symbols: string): Promise<Gdb> {
  const guest = await GuestProcess.startWith(machine);
  const gdb = await attach(guest.port, symbols);
  await gdb.run(scripts);
  return gdb;
}

/** Of every CPU: which one executes what is the kernel's own matter. */
const REGISTERS = 'thread apply all -ascending -q info registers';

/** Names of the functions in a backtrace. */
const namesIn = (trace: string | undefined): string[] =>
  (trace ?? '').split('\n').flatMap((line) => /^#\d+ +(?:0x\w+ in )?(\S+) \(/.exec(line)?.[1] ?? []);

/** The first program's calls are mount, write and read, each of them once, until something is typed. */
const toCall = ['tbreak start_kernel', 'continue', 'break system_call_exception', 'continue'] as const;
const syscall = ['ksys_write', 'system_call_exception', 'system_call_common', '??'];
const idle = ['decrementer_common_virt', 'plpar_hcall_norets_notrace', 'pseries_lpar_idle', 'arch_cpu_idle', 'do_idle'];

function byNames(kernel: Kernel, image: string, initrd: Uint8Array): void {
  const begin = (vcpus?: number): Promise<Gdb> => debugged(machineOf(kernel, image, initrd, vcpus), image);

  test('stops in start_kernel, a system call and a timer interruption, each with all of its callers', async () => {
    const gdb = await begin();
    const [, early, first] = await gdb.run('tbreak start_kernel', 'continue', 'bt');
    expect(early).toMatch(/Temporary breakpoint 1, .*start_kernel \(/);
    expect(namesIn(first)).toEqual(['start_kernel', 'start_here_common']);
    expect((await gdb.run('show endian'))[0]).toContain(`${kernel.order} endian`);
    const [, , call] = await gdb.run('tbreak ksys_write', 'continue', 'bt');
    expect(namesIn(call)).toEqual(syscall);
    const [, up, pc, code] = await gdb.run('finish', 'up 2', 'p/x $pc', 'x/i $pc - 4');
    expect(up).toMatch(/^#2 +0x0*1\w{7} in \?\? \(\)/);
    expect(pc).toMatch(/ = 0x1\w{7}$/);
    expect(code).toMatch(/:\tsc$/);
    const [, , tick, threads] = await gdb.run('break timer_interrupt', 'continue', 'bt', 'info threads');
    expect(namesIn(tick).slice(1)).toEqual(expect.arrayContaining(idle.slice(0, 1)));
    const [, entry] = await gdb.run('finish', 'bt 1');
    expect(namesIn(entry)).toEqual(namesIn(tick).slice(1, 2));
    expect(threads).toMatch(/"CPU 0" \((running|wait)[\s\S]*"CPU 1" \(/);
    expect(gdb.transcript).not.toMatch(/PC not saved|Python Exception/);
  });

  test('is gone back through: to the system call before, on again, and to its beginning', async () => {
    const gdb = await begin();
    await gdb.run(...toCall);
    const [mount] = await gdb.run(REGISTERS);
    await gdb.run('continue');
    const [write] = await gdb.run(REGISTERS);
    const back = await gdb.run('reverse-continue', REGISTERS, 'continue', REGISTERS);
    expect([back[1], back[3]]).toEqual([mount, write]);
    expect(mount).not.toBe(write);
    expect((await gdb.run('delete', 'reverse-continue'))[1]).toMatch(/No more reverse-execution history/);
  });

  test('goes on from a file in another program, with its past', async () => {
    const file = placeOf('guest');
    // Of several, a gdb that comes later does not know which one has just stopped at a breakpoint, and stops it there again.
    const gdb = await begin(1);
    await gdb.run(...toCall);
    const [saved, when, pc] = await gdb.run(`monitor snapshot save ${file}`, 'monitor when', REGISTERS);
    expect(saved).toMatch(/^saved = .*guest\nbytes = \d+\ntime = \d+/);
    const after = await gdb.run('continue', REGISTERS);
    const other = await debugged(['run', '--snapshot', file, '--wait', '--gdb', '0', '--console', 'none'], image);
    expect(await other.run('monitor when', REGISTERS)).toEqual([when, pc]);
    const again = await other.run('break system_call_exception', 'continue', REGISTERS);
    expect(again[2]).toBe(after[1]);
    expect((await other.run('reverse-continue', REGISTERS))[1]).toBe(pc);
    expect((await other.run('delete', 'reverse-continue'))[1]).toMatch(/No more reverse-execution history/);
  });

  test('is recorded with what gdb does, and replayed', async () => {
    const file = placeOf('recording');
    const first = await GuestProcess.startWith(['record', file, '--', ...machineOf(kernel, image, initrd)]);
    const gdb = await attach(first.port, image);
    await gdb.run(...toCall, 'stepi 3', 'set $r20 = 0x1234', 'stepi', 'continue');
    const [registers] = await gdb.run(REGISTERS);
    await gdb.run('kill');
    expect(await first.exit).toEqual({ status: 0, signal: null });
    const second = await GuestProcess.startWith(['replay', file, '--wait', '--gdb', '0', '--console', 'none']);
    const other = await attach(second.port, image);
    expect((await other.run('continue'))[0]).toMatch(/No more reverse-execution history/);
    expect((await other.run(REGISTERS))[0]).toBe(registers);
    await other.run('detach');
    expect(await second.exit).toEqual({ status: 0, signal: null });
    expect(second.words.text).toMatch(/replayed to the end: \d+ inputs, \d+ intervals, all as they were/);
  });
}

function byTypes(kernel: Kernel, image: string, symbols: string, initrd: Uint8Array): void {
  test('shows its tasks, its log, who executes what, and who has written a variable', async () => {
    const gdb = await debugged(machineOf(kernel, image, initrd), symbols);
    await gdb.run('tbreak cpu_startup_entry', 'continue', 'tbreak ksys_write', 'continue');
    const [tasks, log, current] = await gdb.run('gs-ps', 'gs-dmesg', 'gs-current');
    const rows = (tasks ?? '').split('\n').map((line) => line.replace(/0x\w+/, '@').trim().split(/\s+/));
    expect(rows[0]).toEqual(['PID', 'TID', 'S', 'CPU', 'TASK', 'COMMAND']);
    expect(rows.map((row) => row.at(-1)).slice(0, 4)).toEqual(['COMMAND', '[swapper/0]', 'init', '[kthreadd]']);
    expect(rows[2]).toEqual(['1', '1', 'R', expect.stringMatching(/^[01]$/), '@', 'init']);
    expect(rows).toContainEqual(['2', '2', 'S', '@', '[kthreadd]']);
    expect(log).toMatch(/^\[ {4}0\.000000\] .*/);
    expect(log).toMatch(/\] Linux version 6\..*\n/);
    expect(log).toMatch(/\] Run \/init as init process\n/);
    expect(current).toMatch(/^CPU [01]: init, pid 1, tgid 1, state R, task_struct at 0xc\w+$/);
    expect((await gdb.run('frame 2', 'info threads', 'bt'))[2]).toBe((await gdb.run('bt'))[0]);
    const stored = await gdb.run('gs-writers *(unsigned long *)&jiffies_64 2');
    expect(stored[0]?.split('\n')).toHaveLength(2);
    expect(stored[0]).toMatch(/^time \d+: CPU [01], 0xc\w+ <(tick_do_update_jiffies64|do_timer)\+\d+>.*: \d+ -> \d+$/m);
    const gone = await gdb.run('watch *(unsigned long *)&jiffies_64', 'reverse-continue', 'bt');
    expect(gone[1]).toMatch(/Old value = (\d+)\nNew value = (\d+)/);
    expect(namesIn(gone[2])[0]).toMatch(/^(tick_do_update_jiffies64|do_timer)$/);
    expect((await gdb.run('gs-walk start_kernel'))[0]).toMatch(/^0x\w+ <start_kernel>\nmode = virtual\n/);
    expect(gdb.transcript).not.toMatch(/PC not saved|Python Exception/);
  });
}
