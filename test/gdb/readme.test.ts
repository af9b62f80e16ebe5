import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { printedBelow, type Session, session, shape } from '../support/readme.ts';
import { describeWithTools } from '../support/tools.ts';

/** Has gdb do what the README says, beside a guest that runs, and compares what it says. */
async function repeat({ start, talk }: Session, guest: GuestProcess): Promise<void> {
  const words = start
    .split(' ')
    .slice(1)
    .filter((word) => word !== '-q');
  // Sources are found by what the README says alone.
  const gdb = new Gdb('-iex', 'set directories $cdir', ...words);
  for (const { command, answer } of talk) {
    const [said = ''] = await gdb.run(command.replace(':1234', `127.0.0.1:${guest.port}`));
    const expected = shape(answer.replaceAll(':1234', `127.0.0.1:${guest.port}`));
    // Where the guest is when gdb comes depends on the moment.
    if (command.startsWith('target remote')) expect(shape(said)).toContain(expected[0]);
    else expect(shape(said), command).toEqual(expected);
  }
}

describeWithTools(['gdb-multiarch'], "the README's session with gdb", () => {
  test.each([
    ['s390x', 'guests/demo'],
    ['ppc64', 'guests/demo-ppc64'],
  ])('%s: is what it prints, sources included', async (arch, folder) => {
    const guest = await GuestProcess.startWith(['demo', '--arch', arch, '--gdb', '0']);
    await guest.console.find(/heartbeat 2 .*\n/);
    const said = shape(`${guest.words.text}${guest.console.text}`.replaceAll(`${guest.port}`, '1234'));
    const printed = shape(
      printedBelow(arch === 's390x' ? 'npx guestscope demo' : `npx guestscope demo --arch ${arch}`),
    );
    // Programs of the guest may say something in between.
    expect(said.filter((line) => printed.includes(line)).slice(0, printed.length)).toEqual(printed);
    await repeat(session('## What it looks like', `gdb-multiarch -q -d ${folder} `), guest);
  });

  test('the hypervisor: every command that looks at it, with what it prints', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guestscope-readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { start, talk } = session('## Look at the hypervisor', 'gdb-multiarch -q -d guests/demo ');
    const names = 'sie gmap translate skeys dirty cmma migration attr irq trace stats per'.split(' ');
    const shown = new Set(talk.flatMap(({ command }) => /monitor (\w+)/.exec(command)?.[1] ?? []));
    expect([...shown].sort()).toEqual(names.sort());
    const picture = join(folder, 'stores.svg');
    const here = talk.map((said) => ({
      command: said.command.replace('stores.svg', picture),
      answer: said.answer.replace('stores.svg', picture),
    }));
    await repeat({ start, talk: here }, await GuestProcess.start(demoImage, ['--cpu', 'max,cmm=on']));
    expect(readFileSync(picture, 'utf8')).toMatch(/<title>0x0 \d+ of 16 pages<\/title>/);
  });
});
