/** The machines that are compared: how each is started on an image. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from './run.ts';

/** What a machine boots. */
export interface Boot {
  /** Of the guest; s390x when not given. */
  readonly arch?: 'ppc64';
  /** CPU model of a ppc64 guest. */
  readonly cpu?: 'power7' | 'power8';
  /** An ELF file, or for Linux a raw kernel image. */
  readonly image: string;
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly mebibytes: number;
  readonly vcpus: number;
}

/** A machine to measure; `command` writes what it needs into the scratch directory. */
export interface Machine {
  readonly name: string;
  command(boot: Boot, scratch: string): Command;
}

/** This program, by its command line; `options` go in front of all others. */
export function guestscope(name: string, node: string, main: string, options: readonly string[]): Machine {
  return {
    name,
    command: ({ image, initrd, commandLine, mebibytes, vcpus, cpu }) => ({
      program: node,
      args: [
        main,
        'run',
        image,
        ...['--memory', `${mebibytes}M`, '--smp', String(vcpus), '--gdb', 'none', '--clock', 'virtual', ...options],
        ...(cpu === undefined ? [] : ['--cpu', cpu]),
        ...(initrd === undefined ? [] : ['--initrd', initrd]),
        ...(commandLine === undefined ? [] : [`--append=${commandLine}`]),
      ],
    }),
  };
}

/** QEMU's TCG. */
export const qemu: Machine = {
  name: 'QEMU',
  command: (boot) => ({
    program: `qemu-system-${boot.arch ?? 's390x'}`,
    args: [
      ...(boot.arch === 'ppc64' ? pseries(boot) : s390Ccw(boot)),
      ...['-m', String(boot.mebibytes), '-smp', String(boot.vcpus), '-display', 'none', '-nodefaults', '-no-reboot'],
      ...['-kernel', boot.image],
      ...(boot.initrd === undefined ? [] : ['-initrd', boot.initrd]),
      ...(boot.commandLine === undefined ? [] : ['-append', boot.commandLine]),
    ],
  }),
};

/** Programs write to the line-mode console, Linux to the other. */
function s390Ccw({ commandLine }: Boot): string[] {
  const device = commandLine === undefined ? 'sclplmconsole' : 'sclpconsole';
  const console = ['-chardev', 'stdio,id=console', '-device', `${device},chardev=console`];
  return ['-M', 's390-ccw-virtio', '-cpu', 'max', '-action', 'panic=exit-failure', ...console];
}

/** Without firmware of its own, as ours has none, and without what a POWER7 of TCG cannot do. */
function pseries({ cpu = 'power7' }: Boot): string[] {
  const lacking = 'cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off';
  return ['-M', `pseries,x-vof=on,${lacking}`, '-cpu', cpu, '-serial', 'stdio'];
}

/** Hercules; for s390x programs alone. */
export const hercules: Machine = {
  name: 'Hercules',
  command: ({ image, mebibytes }, scratch) => {
    const file = (name: string): string => join(scratch, name);
    writeFileSync(file('core'), restartable(readFileSync(image)));
    const size = `MAINSIZE ${mebibytes}\nNUMCPU 1\nARCHMODE ESAME\nOSTAILOR QUIET\n`;
    writeFileSync(file('configuration'), `${size}000C 3505 /dev/null\n`);
    writeFileSync(file('script'), `loadcore ${file('core')} 0\nrestart\n`);
    return { program: 'hercules', args: ['-f', file('configuration')], env: { HERCULES_RC: file('script') } };
  },
};

/** A directory for the time of `use`. */
export async function withScratch<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-bench-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const RESTART_NEW_PSW = 0x1a0;
const MASK_64 = 0x0000_0001_8000_0000n;
const PT_LOAD = 1;

/** Storage from 0 on with a 64-bit ELF file's segments in it, and a restart new PSW that enters it. */
function restartable(elf: Buffer): Buffer {
  const first = Number(elf.readBigUInt64BE(0x20));
  const [size, count] = [elf.readUInt16BE(0x36), elf.readUInt16BE(0x38)];
  const segments = Array.from({ length: count }, (_, i) => {
    const header = first + i * size;
    const offset = Number(elf.readBigUInt64BE(header + 8));
    const length = Number(elf.readBigUInt64BE(header + 0x20));
    const address = Number(elf.readBigUInt64BE(header + 0x18));
    return { loads: elf.readUInt32BE(header) === PT_LOAD, address, bytes: elf.subarray(offset, offset + length) };
  }).filter(({ loads }) => loads);
  const core = Buffer.alloc(Math.max(...segments.map(({ address, bytes }) => address + bytes.length)));
  for (const { address, bytes } of segments) bytes.copy(core, address);
  core.writeBigUInt64BE(MASK_64, RESTART_NEW_PSW);
  core.writeBigUInt64BE(elf.readBigUInt64BE(0x18), RESTART_NEW_PSW + 8);
  return core;
}
