import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach, Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';

const MIB = 1 << 20;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'guestscope-core-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** What gdb says of a core file, and what readelf has to complain about. */
async function open(core: string): Promise<readonly string[]> {
  const gdb = new Gdb(demoImage);
  const [said = ''] = await gdb.run(`core-file ${core}`);
  expect(said).toContain('handle_page_fault (task=');
  const asked = [
    'bt 3',
    'info registers r15 acr3 f1 fpc',
    'p/x $pswm',
    'p tasks[1].name',
    'x/2gx 0x1a0',
    'info threads',
  ];
  return gdb.run(...asked);
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'core files', () => {
  test('of all kinds show gdb the guest that it was attached to', async () => {
    const guest = await GuestProcess.start(demoImage, ['--smp', '2']);
    const gdb = await attach(guest.port, demoImage);
    const there = folder();
    const path = (name: string): string => join(there, name);
    const [, , , told] = await gdb.run('break handle_page_fault', 'continue', 'set $acr3 = 7', 'monitor dump a.core');
    expect(told).toMatch(/^fetch = remote get \/guestscope\/dumps\/a\.core a\.core$/m);
    await gdb.run('monitor dump v.core home', 'set $f1 = 1.5');
    // Contents are those of the time at which the file is fetched, registers of that at which it was asked for.
    await gdb.run(
      `remote get /guestscope/dumps/a.core ${path('a.core')}`,
      `remote get /guestscope/dumps/v.core ${path('v.core')}`,
      'set $f1 = 0',
      `generate-core-file ${path('g.core')}`,
    );
    const here = await gdb.run('bt 3', 'info registers r15 acr3 f1 fpc', 'p/x $pswm', 'p tasks[1].name');
    for (const core of ['a.core', 'v.core', 'g.core']) {
      const said = await open(path(core));
      const [storage, threads] = said.slice(here.length);
      expect(said.slice(0, here.length), core).toEqual(here);
      expect(storage, core).toMatch(/0x0400c00180000000/);
      expect(threads?.match(/LWP \d/g), core).toEqual(['LWP 1', 'LWP 2']);
    }
    expect(statSync(path('g.core')).size).toBeLessThan(64 * MIB);
    const readelf = execFileSync('s390x-linux-gnu-readelf', ['-hlnW', path('v.core')], { encoding: 'utf8' });
    expect(readelf).toContain('NT_AUXV');
    expect(readelf).toMatch(/LOAD +0x\w+ 0x0000000200000000 0x0000000003f00000/);
  });

  test('have names that lead nowhere else', async () => {
    const guest = await GuestProcess.start(demoImage);
    const gdb = await attach(guest.port, demoImage);
    for (const name of ['../x', '/etc/passwd', '..', 'a/b']) {
      expect((await gdb.run(`monitor dump ${name}`))[0]).toContain('is no file name');
    }
    expect((await gdb.run('remote get /guestscope/dumps/none none'))[0]).toContain('No such file');
  });
});
