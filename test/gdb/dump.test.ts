import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { describeWithTools, tool } from '../support/tools.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'guestscope-dump-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

const open = (dump: string): Promise<GuestProcess> => GuestProcess.startWith(['core', dump, '--gdb', '0']);

describeWithTools(['gdb-multiarch'], 'guestscope core', () => {
  test.each([
    'absolute',
    'home',
  ])('opens its own dump of %s addresses: registers, storage, walks, prefix area', async (space) => {
    const guest = await GuestProcess.start(demoImage, ['--smp', '2']);
    const live = await attach(guest.port, demoImage);
    await live.run('break handle_page_fault', 'continue');
    const path = join(folder(), 'core');
    await live.run(
      `monitor dump core ${space === 'absolute' ? '' : space}`,
      `remote get /guestscope/dumps/core ${path}`,
    );
    const asked = [
      ...['bt 3', 'info registers general float control access psw ckc prefix', 'x/8gx $r15', 'p tasks'],
      ...['monitor lowcore', 'monitor psw', 'monitor walk $r3 primary', 'info threads'],
    ];
    const said = await live.run(...asked);
    const opened = await open(path);
    const gdb = await attach(opened.port, demoImage);
    const again = await gdb.run(...asked);
    // Storage keys are in no dump, and the last breaking event is read-only.
    const known = (answers: readonly string[]): string[] =>
      answers.map((a) => a.replace(/^(key|fetch|store|host|execute) = .*\n?|^last_break .*\n/gm, ''));
    expect(known(again)).toEqual(known(said));
    expect((await gdb.run('monitor skeys 0+0x1000'))[0]).toContain('dumps have no storage keys');
  });

  test('does not run: a resume says so, and nothing has changed; who leaves can come again', async () => {
    const guest = await GuestProcess.start(demoImage);
    const live = await attach(guest.port, demoImage);
    const path = join(folder(), 'core');
    await live.run('tbreak start_kernel', 'monitor dump core', `remote get /guestscope/dumps/core ${path}`);
    const opened = await open(path);
    const gdb = await attach(opened.port, demoImage);
    const [before, cont, step, after] = await gdb.run('p/x $pc', 'continue', 'stepi', 'p/x $pc');
    expect(cont).toContain('a dump does not run');
    expect(step).toContain('a dump does not run');
    expect(after?.split(' = ')[1]).toBe(before?.split(' = ')[1]);
    await gdb.run('detach');
    const next = await attach(opened.port, demoImage);
    expect((await next.run('p/x $pc'))[0]).toBe(before);
    await next.run('kill');
    expect((await opened.exit).status).toBe(0);
  });
});

describeWithTools(['gdb-multiarch', 'qemu-system-s390x'], "guestscope core on QEMU's dump-guest-memory", () => {
  test('has the registers and the storage of its guest', async () => {
    const path = join(folder(), 'qemu.dump');
    const machine = ['-M', 's390-ccw-virtio', '-m', '64', '-smp', '2', '-display', 'none', '-nodefaults', '-S'];
    const qemu = spawn(tool('qemu-system-s390x'), [...machine, '-kernel', demoImage, '-monitor', 'stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      qemu.kill('SIGKILL');
    });
    const done = new Promise((resolve) => qemu.once('close', resolve));
    qemu.stdin.write(`dump-guest-memory ${path}\nquit\n`);
    qemu.stdout.resume();
    await done;
    const opened = await open(path);
    const gdb = await attach(opened.port, demoImage);
    expect(opened.words.text).toContain('core file, 64 MiB; 2 CPUs, at rest');
    const [pc, code, threads] = await gdb.run('p/x $pc', 'x/2i 0x20000', 'info threads');
    expect(pc).toBe('$1 = 0x20000');
    expect(code).toContain('<_start>');
    expect(threads?.match(/"CPU \d"/g)).toEqual(['"CPU 0"', '"CPU 1"']);
  });
});
