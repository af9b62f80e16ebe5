/** gdb outside while programs inside use the machine's program-event recording themselves: neither notices the other. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { findLinux, linuxImages } from '../support/linux.ts';
import { describeUnless, describeWithTools } from '../support/tools.ts';
import { traced, tracedLines, tracedScript } from '../support/traced.ts';

const linux = await findLinux();

describeUnless(linux.lacks, 'a Linux that debugs its own programs', () => {
  describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'with gdb outside', () => {
    test('breakpoints and a watchpoint of gdb, a single step and a watchpoint by ptrace, a kprobe: all are met', async () => {
      if (linux.kernel === undefined) throw new Error(linux.lacks.join());
      const { program, at } = await traced();
      const images = linuxImages(linux.kernel, tracedScript, [], { files: { '/root/traced': program } });
      const folder = mkdtempSync(join(tmpdir(), 'guestscope-traced-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const file = (name: string, bytes: Uint8Array): string => {
        writeFileSync(join(folder, name), bytes);
        return join(folder, name);
      };
      const guest = await GuestProcess.startWith([
        ...['run', file('kernel', images.kernel), '--initrd', file('initramfs', images.initramfs)],
        ...['--append', images.commandLine, '--memory', '256M', '--gdb', '0', '--wait', '--clock', 'virtual'],
      ]);
      const gdb = new Gdb(file('traced', program));
      const hex = (name: string): string => `0x${at(name).toString(16)}`;
      await gdb.run(`target remote 127.0.0.1:${guest.port}`);
      const set = await gdb.run(`hbreak *${hex('steps_begin')}`, `hbreak *${hex('store')}`);
      expect(set).toEqual([
        expect.stringMatching(/^Hardware assisted breakpoint 1/),
        expect.stringMatching(/^Hardware assisted breakpoint 2/),
      ]);
      const stops = await gdb.run('continue', 'stepi', 'info registers r2', 'delete 1', 'continue', 'p/x $pc');
      expect(stops[0]).toContain('Breakpoint 1');
      expect(stops[2]).toMatch(/^r2\s+0x1\b/);
      expect(stops[4]).toContain('Breakpoint 2');
      expect(stops[5]).toContain(hex('store').slice(2));
      // The same doubleword that the program's parent watches by ptrace.
      const watch = await gdb.run(`watch *(long *)${hex('watched')}`, 'continue', 'delete');
      // Its event is taken by then: the CPU is at the kernel's handler, in another space.
      expect(watch[1]).toMatch(/Hardware watchpoint 3[\s\S]*Old value = 0\nNew value = 5/);
      await gdb.run('detach');
      expect((await guest.exit).status).toBe(0);
      const said = guest.console.text.split(/\r*\n/).filter((line) => line.startsWith('| '));
      expect(said).toEqual(tracedLines);
    });
  });
});
