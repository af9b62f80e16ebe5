import { expect, test } from 'vitest';
import { attach, Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { RspClient } from '../support/rsp-client.ts';
import { describeWithTools } from '../support/tools.ts';

/** The number of seconds that the guest says it has been alive. */
async function heartbeat(guest: GuestProcess, beyond: number): Promise<number> {
  for (let from = 0; ; ) {
    const found = await guest.console.find(/heartbeat (\d+)/, from);
    if (Number(found[1]) > beyond) return Number(found[1]);
    from = found.index + found[0].length;
  }
}

describeWithTools(['gdb-multiarch'], 'a gdb session', () => {
  test('Ctrl-C stops a running guest, any number of times', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    let beats = 0;
    for (let i = 0; i < 3; i++) {
      const stopped = gdb.start('continue');
      beats = await heartbeat(guest, beats);
      gdb.interrupt();
      expect(await stopped).toContain('Program received signal SIGINT, Interrupt.');
      const [first, second] = await gdb.run('monitor clock --json', 'monitor clock --json');
      expect(first).toBe(second);
    }
  });

  test('detach lets the guest run without its breakpoints, and gdb can attach again', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    await gdb.run('break heartbeat', 'watch ticks', 'continue', 'detach');
    const beats = await heartbeat(guest, 3);
    await gdb.run('delete', `target remote 127.0.0.1:${guest.port}`);
    const [counted, stop, ticks] = await gdb.run(
      'tbreak heartbeat',
      'continue',
      `p heartbeats >= ${beats} && ticks >= 250 * heartbeats`,
    );
    expect(counted).toContain('Temporary breakpoint');
    expect(stop).toMatch(/^Temporary breakpoint \d, heartbeat/m);
    expect(ticks).toBe('$1 = 1');
  });

  test('a second gdb is told that the place is taken, and disturbs nothing', async () => {
    const guest = await GuestProcess.start(demoImage);
    const first = await attach(guest.port, demoImage);
    await first.run('break heartbeat', 'continue');
    const second = new Gdb(demoImage);
    const [refused] = await second.run(`target remote 127.0.0.1:${guest.port}`);
    expect(refused).toMatch(/another debugger is attached to this machine/);
    second.die();
    await second.exit;
    expect((await first.run('continue', 'p heartbeats'))[1]).toBe('$1 = 1');
  });

  test('a gdb that dies lets the guest run on, and another one can attach', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    await gdb.run('break heartbeat', 'watch ticks', 'continue');
    gdb.die();
    await gdb.exit;
    await heartbeat(guest, 2);
    const another = await attach(guest.port, demoImage);
    // Wherever it was, from a program the kernel's variables are not seen.
    const [, stop, beats] = await another.run('tbreak heartbeat', 'continue', 'p heartbeats > 2');
    expect(stop).toMatch(/^Temporary breakpoint 1, heartbeat/m);
    expect(beats).toBe('$1 = 1');
  });

  test('kill ends the guest and the program', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    await gdb.run('break heartbeat', 'continue', 'kill');
    expect(await guest.exit).toEqual({ status: 0, signal: null });
    expect(guest.words.text).toContain('killed by the debugger');
  });

  test('the guest prints while gdb holds it, and the console is shown in gdb when it has no other place', async () => {
    const guest = await GuestProcess.start(demoImage, ['--console', 'none']);
    const gdb = await attach(guest.port, demoImage);
    const [, said] = await gdb.run('break heartbeat', 'continue');
    expect(said).toMatch(/^demo: guestscope demo guest, 64 MiB/m);
    expect(guest.console.text).toBe('');
  });
});

test('an interrupt that comes with the packet that resumes the guest stops it', async () => {
  const guest = await GuestProcess.start(demoImage);
  const client = await RspClient.connect(guest.port);
  for (let i = 0; i < 20; i++) {
    client.sendRaw('$vCont;c#a8\x03');
    expect(await client.reply()).toMatch(/^T02/);
  }
  expect(await client.ask('?')).toMatch(/^T02/);
});

test('stops come one for one with resumes, and while the guest runs nothing is answered', async () => {
  const guest = await GuestProcess.start(demoImage);
  const client = await RspClient.connect(guest.port);
  client.send('vCont;c');
  client.send('m1a0,8');
  client.send('vCont;s:p1.1');
  client.send('m1a0,8');
  client.sendRaw('\x03');
  expect(await client.reply()).toMatch(/^T02/);
  expect(await client.reply()).toMatch(/^[0-9a-f]{16}$/);
  expect(await client.reply()).toMatch(/^T05/);
  expect(await client.reply()).toMatch(/^[0-9a-f]{16}$/);
});
