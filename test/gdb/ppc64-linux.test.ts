import { describe, expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { fakePpc64Linux } from './fake-linux.ts';

type Compiler = Parameters<typeof fakePpc64Linux>[0];

/** A gdb with the scripts, in a system call of a kernel that is like Linux in what debuggers look at. */
async function inSyscall(compiler: Compiler): Promise<Gdb> {
  const image = fakePpc64Linux(compiler);
  const guest = await GuestProcess.start(image);
  const gdb = await attach(guest.port, image);
  await gdb.run(`source ${root}gdb-scripts/guestscope.py`, 'break tick', 'continue');
  return gdb;
}

async function say(gdb: Gdb, command: string): Promise<string> {
  return (await gdb.run(command))[0] ?? '';
}

const orders = [
  ['big', 'powerpc64-linux-gnu-gcc'],
  ['little', 'powerpc64le-linux-gnu-gcc'],
] as const;
const compilers = orders.map(([, compiler]) => compiler);

describeWithTools(['gdb-multiarch', ...compilers], 'the scripts for Linux on ppc64', () => {
  describe.each(orders)('%s endian', (order, compiler) => {
    test('bt goes from a handler to what it interrupted', async () => {
      const gdb = await inSyscall(compiler);
      const trace = (await say(gdb, 'bt')).split('\n').map((line) => /(\w+) \(/.exec(line)?.[1]);
      expect(trace.slice(0, 5)).toEqual(['tick', '__do_syscall', 'system_call', 'user_like', 'start_kernel']);
      expect(gdb.transcript).not.toContain('Python Exception');
      expect(await say(gdb, 'show endian')).toContain(`${order} endian`);
    });

    test('bt says the same from an old frame that was selected when threads were listed', async () => {
      const gdb = await inSyscall(compiler);
      const [trace, , , again] = await gdb.run('bt', 'frame 3', 'info threads', 'bt');
      expect(again).toBe(trace);
      expect((await gdb.run('info threads', 'gs-current', 'frame'))[2]).toMatch(/^#3 .*user_like/);
    });

    test('finish goes to the caller, whose frame is what it was, and up and down show variables', async () => {
      const gdb = await inSyscall(compiler);
      const before = await gdb.run('up', 'p/x $sp', 'p/x $pc', 'down');
      expect(await say(gdb, 'finish')).toMatch(/^Run till exit from #0 .*tick.*\n.*__do_syscall/s);
      expect((await gdb.run('p/x $sp', 'p/x $pc')).map((t) => t.split(' = ')[1])).toEqual(
        before.slice(1, 3).map((t) => t.split(' = ')[1]),
      );
    });

    test('show tasks, log, modules and walks', async () => {
      const gdb = await inSyscall(compiler);
      const lines = (await say(gdb, 'gs-ps')).split('\n');
      expect(lines.map((line) => line.replace(/0x\w+/, '@').trim().split(/\s+/))).toEqual([
        ['PID', 'TID', 'S', 'CPU', 'TASK', 'COMMAND'],
        ['0', '0', 'R', '@', '[swapper/0]'],
        ['42', '42', 'S', '0', '@', 'worker'],
        ['42', '43', 'I', '@', 'second'],
      ]);
      const current = await gdb.run('up 2', 'gs-current all', 'p $gs_current->pid', 'frame');
      expect(current[1]).toMatch(/^CPU 0: worker, pid 42, tgid 42, state S, task_struct at 0x/);
      expect(current[2]).toBe('$1 = 42');
      expect(current[3]).toContain('system_call');
      const log = ['[    1.500000] first line', '[    1.500000] and next', '[   12.345678] wrapped!'];
      expect((await say(gdb, 'gs-dmesg')).split('\n')).toEqual(log);
      expect((await say(gdb, 'gs-modules')).split('\n')[1]).toMatch(/^only_one +0x3ff80000000 +8192 live +0x\w+$/);
      expect(await say(gdb, 'gs-walk jiffies_64')).toMatch(/^0x\w+ <jiffies_64>\n/);
      await gdb.run('continue');
      expect(await say(gdb, 'gs-writers jiffies_64')).toMatch(/^time \d+: CPU 0, 0x\w+ <tick\+\d+>/);
    });

    test('say what is about s390x alone', async () => {
      const gdb = await inSyscall(compiler);
      for (const command of ['gs-lowcore', 'gs-psw', 'gs-walk 0 real'])
        expect(await say(gdb, command), command).toContain("is about s390x: 'monitor help' lists what there is");
    });
  });
});
