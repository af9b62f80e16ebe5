/** Linux from nothing to the first line of a script that its init runs: Debian's kernel, as `guestscope linux` has it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { debianKernel } from '../../src/cli/linux/debian.ts';
import { buildInitramfs } from '../../src/cli/linux/initramfs.ts';
import { type Boot, type Machine, withScratch } from './machines.ts';
import { measure, type Runs } from './measure.ts';

const marker = 'bench: init is there';

/** Boots Linux on every machine with so many CPUs. */
export function measureLinux(machines: readonly Machine[], vcpus: number, repetitions: number): Promise<Runs> {
  return withScratch(async (scratch) => {
    const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
    const debian = await debianKernel({
      cache,
      debuginfo: false,
      port: s390xWing.debian,
      teller: { say: (line) => console.error(`bench: ${line}`), done: () => undefined },
    });
    const initrd = join(scratch, 'initrd');
    // In two words, so that the kernel's own words, which repeat the script's, are not taken for it.
    const script = `echo 'bench:' init is there\n`;
    writeFileSync(initrd, buildInitramfs({ busybox: readFileSync(debian.busybox), modules: [], script }));
    const boot: Boot = { image: debian.kernel, initrd, commandLine: 'console=ttyS1', mebibytes: 512, vcpus };
    return measure(machines, boot, new RegExp(`(${marker})`), repetitions);
  });
}
