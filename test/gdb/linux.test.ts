import { expect, test } from 'vitest';
import { attach, Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { fakeLinux } from './fake-linux.ts';

const scripts = `source ${root}gdb-scripts/guestscope.py`;

/** A gdb with the scripts, in a supervisor call of the fake kernel. */
async function inSyscall(): Promise<Gdb> {
  const image = fakeLinux();
  const guest = await GuestProcess.start(image, ['--symbols', image]);
  const gdb = await attach(guest.port, image);
  await gdb.run(scripts, 'break tick', 'continue');
  return gdb;
}

async function say(gdb: Gdb, command: string): Promise<string> {
  return (await gdb.run(command))[0] ?? '';
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a kernel whose symbols guestscope has', () => {
  test('is found by a gdb that was given none, also by a breakpoint that was set before it was there', async () => {
    const image = fakeLinux();
    const guest = await GuestProcess.start(image, ['--symbols', image]);
    const gdb = new Gdb();
    await gdb.run('set sysroot target:', 'set breakpoint pending on', `target remote 127.0.0.1:${guest.port}`);
    expect(await say(gdb, 'break tick')).toContain('pending');
    const stop = await say(gdb, 'continue');
    expect(stop).toContain(`Reading ${image} from remote target`);
    expect(stop).toMatch(/^Breakpoint 1, tick \(\)/m);
    expect(await say(gdb, 'info sharedlibrary')).toContain(image);
  });

  test('is the program of a gdb that comes later', async () => {
    const image = fakeLinux();
    const guest = await GuestProcess.start(image, ['--symbols', image]);
    const first = await attach(guest.port, image);
    await first.run('break tick', 'continue', 'detach');
    first.die();
    await first.exit;
    const gdb = new Gdb();
    await gdb.run('set sysroot target:', `target remote 127.0.0.1:${guest.port}`);
    expect(await say(gdb, 'info files')).toContain(`Symbols from "target:${image}"`);
    expect(await say(gdb, 'info sharedlibrary')).toContain('No shared libraries loaded');
    expect(await say(gdb, 'break start_kernel')).toMatch(/Breakpoint 1 at .*main\.c/);
  });

  test('is not read again by a gdb that was given it', async () => {
    const gdb = await inSyscall();
    expect(gdb.transcript).not.toContain('Reading /');
    expect(await say(gdb, 'info sharedlibrary')).toContain('No shared libraries loaded');
  });

  test('says which task a CPU executes', async () => {
    const gdb = await inSyscall();
    expect(await say(gdb, 'info threads')).toContain('"CPU 0" (running, kernel, 64-bit, DAT off, worker pid 42)');
  });
});

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'the scripts for Linux', () => {
  test('bt goes from a handler to what it interrupted', async () => {
    const gdb = await inSyscall();
    const trace = await say(gdb, 'bt');
    expect(
      trace
        .split('\n')
        .slice(0, 6)
        .map((line) => /(\w+) \(/.exec(line)?.[1]),
    ).toEqual([...['tick', '__do_syscall', 'system_call', 'user_like', 'start_kernel', 'startup_continue']]);
  });

  test('bt says the same from an old frame that was selected when threads were listed', async () => {
    const gdb = await inSyscall();
    const [trace, , , again] = await gdb.run('bt', 'frame 3', 'info threads', 'bt');
    expect(again).toBe(trace);
    expect((await gdb.run('info threads', 'gs-current', 'frame'))[2]).toMatch(/^#3 .*user_like/);
  });

  test('show tasks, log, modules, prefix area, PSWs and walks', async () => {
    const gdb = await inSyscall();
    // gs-ps
    const lines = (await say(gdb, 'gs-ps')).split('\n');
    expect(lines.map((line) => line.replace(/0x\w+/, '@').trim().split(/\s+/))).toEqual([
      ['PID', 'TID', 'S', 'CPU', 'TASK', 'COMMAND'],
      ['0', '0', 'R', '@', '[swapper/0]'],
      ['42', '42', 'S', '0', '@', 'worker'],
      ['42', '43', 'I', '@', 'second'],
    ]);
    expect((await say(gdb, 'gs-ps sec')).split('\n')).toHaveLength(2);

    // gs-current, and the selected frame stays
    const current = await gdb.run('up 2', 'gs-current all', 'p $gs_current->pid', 'p $gs_current == &worker', 'frame');
    expect(current[1]).toMatch(/^CPU 0: worker, pid 42, tgid 42, state S, task_struct at 0x/);
    expect(current.slice(2, 4)).toEqual(['$1 = 42', '$2 = 1']);
    expect(current[4]).toContain('system_call');
    await gdb.run('frame 0');

    // gs-dmesg: text of several lines, a record that is not finished, one without text, one round the end
    const log = ['[    1.500000] first line', '[    1.500000] and next', '[   12.345678] wrapped!'];
    expect((await say(gdb, 'gs-dmesg')).split('\n')).toEqual(log);
    expect(await say(gdb, 'gs-dmesg 1')).toBe(log[2]);

    // gs-modules
    expect((await say(gdb, 'gs-modules')).split('\n')[1]).toMatch(/^only_one +0x3ff80000000 +8192 live +0x\w+$/);

    // gs-lowcore: the architecture and Linux
    const lowcore = await say(gdb, 'gs-lowcore');
    expect(lowcore).toMatch(/^svcNewPsw +0x0000000180000000 0x\w+ <system_call>$/m);
    expect(lowcore).toMatch(/^svcOldPsw .* <user_like\+\d+>$/m);
    const worker = /0x\w+/.exec(await say(gdb, 'p &worker'))?.[0] ?? 'none';
    expect(lowcore).toMatch(new RegExp(`^current_task +${worker}$`, 'm'));

    // gs-psw: the current one, a stored one, one that is given
    expect(await say(gdb, 'gs-psw')).toMatch(/^0x\w+ 0x\w+ <tick.*>\npsw = .*64-bit, DAT off, supervisor/);
    expect(await say(gdb, 'gs-psw 0x1c0')).toContain('<system_call>');
    expect(await say(gdb, 'gs-psw 0x0705000180000000 &tick')).toMatch(/<tick>\n.*DAT primary, problem io ext mchk/);

    // gs-walk: a variable for its place, a register for its value, a space by name
    const place = /0x\w+/.exec(await say(gdb, 'p &jiffies_64'))?.[0] ?? 'none';
    expect(await say(gdb, 'gs-walk jiffies_64')).toMatch(new RegExp(`^${place} <jiffies_64>\naddress = ${place}\n`));
    expect(await say(gdb, 'gs-walk $r15+8 real')).toContain('none: a real address');
    expect(await say(gdb, 'gs-walk &jiffies_64 home')).toMatch(/^asce = 0x0000000000000020 \(real space\)$/m);
  });

  test('say what is wrong', async () => {
    const image = fakeLinux();
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    await gdb.run(scripts);
    const mistakes: readonly (readonly [string, string])[] = [
      ['gs-walk', 'usage: gs-walk ADDRESS'],
      ['gs-walk nowhere_at_all', 'No symbol "nowhere_at_all"'],
      ['gs-ps a b', 'usage: gs-ps [NAME]'],
      ['gs-current 3', 'usage: gs-current [all]'],
      ['gs-dmesg x', 'usage: gs-dmesg [COUNT]'],
      ['gs-psw 1 2 3', 'usage: gs-psw [ADDRESS | MASK ADDRESS]'],
      ['gs-modules x', 'usage: gs-modules'],
    ];
    for (const [command, words] of mistakes) expect(await say(gdb, command), command).toContain(words);
  });

  test('say what they need: a guest, and its symbols', async () => {
    const commands = ['gs-ps', 'gs-current', 'gs-dmesg', 'gs-modules'];
    const gdb = new Gdb();
    await gdb.run(scripts);
    for (const command of commands) expect(await say(gdb, command)).toContain('no guest is attached');
    const guest = await GuestProcess.start(fakeLinux());
    await gdb.run(`target remote 127.0.0.1:${guest.port}`);
    for (const command of commands) {
      expect(await say(gdb, command)).toContain("needs the kernel's symbols with debug information: start 'guestscope");
      expect(await say(gdb, `help ${command}`)).toContain(`Usage: ${command}`);
    }
  });
});
