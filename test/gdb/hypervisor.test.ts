import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';

/** A gdb with the scripts, in the demo guest some way on, with the log of stores on. */
async function inDemo(): Promise<Gdb> {
  const guest = await GuestProcess.start(demoImage, ['--cpu', 'max,cmm=on']);
  const gdb = await attach(guest.port, demoImage);
  await gdb.run(
    `source ${root}gdb-scripts/guestscope.py`,
    'gs-dirty start',
    'gs-trace on',
    'tbreak heartbeat',
    'continue',
  );
  return gdb;
}

/** The texts of a picture's cells. */
function cellsOf(picture: string): string[] {
  return [...picture.matchAll(/<rect [^>]*><title>([^<]*)<\/title>/g)].map(([, text = '']) => text);
}

describeWithTools(['gdb-multiarch'], 'the scripts for the hypervisor', () => {
  test('show what the monitor shows, with expressions of gdb', async () => {
    const gdb = await inDemo();
    const monitor = [
      ['gs-sie', 'monitor sie'],
      ['gs-gmap', 'monitor gmap'],
      ['gs-irq', 'monitor irq'],
      ['gs-stats', 'monitor stats'],
      ['gs-per', 'monitor per'],
      ['gs-attr memory', 'monitor attr memory'],
      ['gs-skeys status', 'monitor skeys status'],
      ['gs-skeys 0x1000*2+0x1000', 'monitor skeys 0x2000+0x1000'],
      ['gs-cmma', 'monitor cmma'],
      ['gs-migration', 'monitor migration'],
      ['gs-trace 3', 'monitor trace 3'],
      ['gs-dirty map', 'monitor dirty map'],
      ['gs-translate $pc', 'monitor translate $pc'],
    ] as const;
    for (const [script, same] of monitor) {
      const [a, b] = await gdb.run(script, same);
      expect([script, a]).toEqual([script, b?.trimEnd()]);
      expect(a).toContain(' = ');
    }
    expect((await gdb.run('gs-sie 0 1'))[0]).toBe('usage: gs-sie [N]');
  });

  test('functions give numbers to expressions', async () => {
    const gdb = await inDemo();
    const said = await gdb.run(
      'p/x $gs_absolute($pc) == $pc',
      'p/x $gs_host(0x123)',
      'p/x $gs_key(0x1000)',
      'p $gs_exits("instruction") > 0',
      'p $gs_dirty(&ticks)',
    );
    expect(said.map((line) => line.replace(/^\$\d+ = /, ''))).toEqual([
      expect.stringMatching(/^0x[01]$/),
      expect.stringMatching(/^0x[0-9a-f]+$/),
      expect.stringMatching(/^0x[0-9a-f]{1,2}$/),
      '1',
      expect.stringMatching(/^[01]$/),
    ]);
  });

  test('pictures of stores, keys and usage states have a cell for each place, and say what it is', async () => {
    const gdb = await inDemo();
    const folder = mkdtempSync(join(tmpdir(), 'guestscope-pictures-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = (name: string): string => join(folder, `${name}.svg`);
    await gdb.run('monitor skeys status');
    for (const what of ['dirty', 'skeys', 'cmma']) {
      expect((await gdb.run(`gs-picture ${what} ${file(what)}`))[0]).toBe(`${file(what)}: written`);
      const picture = readFileSync(file(what), 'utf8');
      expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*<\/svg>\n$/s);
    }
    // 64 MiB: 16 pages a cell of stores, 4 of keys and states.
    const [dirty, skeys, cmma] = ['dirty', 'skeys', 'cmma'].map((what) => cellsOf(readFileSync(file(what), 'utf8')));
    expect([dirty?.length, skeys?.length, cmma?.length]).toEqual([1024, 4096, 4096]);
    expect(dirty?.[0]).toMatch(/^0x0 [1-9]\d* of 16 pages$/);
    const map: { slot0: { cells: number[] } } = JSON.parse((await gdb.run('monitor dirty map --json'))[0] ?? '');
    expect(dirty?.map((text) => Number(text.split(' ')[1]))).toEqual(map.slot0.cells);
    expect(skeys?.[1]).toMatch(/^0x4000 key 0x[0-9a-f]{2}$/);
    expect(cmma?.at(-1)).toBe('0x3ffc000 stable');
    await gdb.run(`gs-picture skeys ${file('some')} 0x2000+0x3000`);
    expect(cellsOf(readFileSync(file('some'), 'utf8')).map((text) => text.slice(0, 6))).toEqual([
      '0x2000',
      '0x3000',
      '0x4000',
    ]);
  });
});
