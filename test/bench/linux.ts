/** Linux from nothing to the first line that its init writes: Debian's kernel for s390x, and both that there are for ppc64. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { debianKernel } from '../../src/cli/linux/debian.ts';
import { buildInitramfs } from '../../src/cli/linux/initramfs.ts';
import { type Boot, type Machine, withScratch } from './machines.ts';
import { measure, type Runs } from './measure.ts';

const marker = 'bench: init is there';

/** A Linux that is booted, and with how many CPUs. */
export const boots = {
  linux: { vcpus: 1 },
  'linux-8': { vcpus: 8 },
  'ppc64-linux': { vcpus: 1, script: 'build-kernel.sh', kernel: 'vmlinux', compiler: 'powerpc64-linux-gnu-' },
  'ppc64le-linux': { vcpus: 1, script: 'get-debian.sh', kernel: 'vmlinux-ppc64el', compiler: 'powerpc64le-linux-gnu-' },
} as const;
export type LinuxName = keyof typeof boots;

/** Boots a Linux on every machine; `root` is the project's folder. */
export function measureLinux(
  machines: readonly Machine[],
  name: LinuxName,
  root: string,
  repetitions: number,
): Promise<Runs> {
  const boot = boots[name];
  return 'script' in boot
    ? measurePpc64(machines, boot, join(root, 'guests/ppc64-linux'), repetitions)
    : measureS390x(machines, boot.vcpus, repetitions);
}

/** A kernel for ppc64 with a first program that was built for POWER7; the scripts of `guests/ppc64-linux` make both. */
function measurePpc64(
  machines: readonly Machine[],
  { vcpus, script, kernel, compiler }: (typeof boots)['ppc64-linux' | 'ppc64le-linux'],
  scripts: string,
  repetitions: number,
): Promise<Runs> {
  return withScratch((scratch) => {
    const cache = process.env.GUESTSCOPE_CACHE_PPC64 ?? join(homedir(), '.cache', 'guestscope', 'ppc64');
    execFileSync(join(scripts, script), [cache], { stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync(join(scripts, 'build-init.sh'), [scratch, compiler], { stdio: ['ignore', 'ignore', 'inherit'] });
    const files = { image: join(cache, kernel), initrd: join(scratch, 'initrd.cpio') };
    const boot: Boot = { ...files, arch: 'ppc64', commandLine: 'console=hvc0', mebibytes: 512, vcpus };
    return measure(machines, boot, /(init: ready)/, repetitions);
  });
}

function measureS390x(machines: readonly Machine[], vcpus: number, repetitions: number): Promise<Runs> {
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
