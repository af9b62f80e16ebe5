/** Boots Debian's Linux, here and under QEMU, and keeps what its console said. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { type Assembly, type AssemblyOptions, assemble } from '../../src/cli/assemble.ts';
import { type DebianKernel, debianKernel } from '../../src/cli/linux/debian.ts';
import { buildInitramfs } from '../../src/cli/linux/initramfs.ts';
import { findModules } from '../../src/cli/linux/modules.ts';
import { UserError } from '../../src/cli/user-error.ts';
import { engineOptions } from '../../src/engine/modes.ts';
import type { GuestEnd } from '../../src/machine/guest.ts';
import { testEngineMode } from './engine.ts';
import { consoleUnderQemu } from './qemu.ts';
import { seed } from './seed.ts';

const MEBIBYTES = 256;

/** Debian's kernel and busybox, or why they cannot be had: for `describeUnless`. */
export interface FoundLinux {
  readonly kernel: DebianKernel | undefined;
  readonly lacks: readonly string[];
}

/** Finds the kernel where `guestscope linux` keeps it, or in `$GUESTSCOPE_CACHE`; fetches it the first time. */
export async function findLinux(): Promise<FoundLinux> {
  const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
  try {
    const say = (line: string): void => console.log(`Linux for the tests: ${line}`);
    return {
      kernel: await debianKernel({
        cache,
        debuginfo: false,
        port: s390xWing.debian,
        teller: { say, done: () => undefined },
      }),
      lacks: [],
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kernel: undefined, lacks: [`needs Debian's kernel for s390x: ${error.message}`] };
  }
}

/** What is booted. */
export interface LinuxImages {
  readonly kernel: Uint8Array;
  readonly initramfs: Uint8Array;
  readonly commandLine: string;
}

/** What the initial file system shall hold besides its script. */
export interface MoreFiles {
  /** By absolute path. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Modules that the script finds in /root and loads itself. */
  readonly loose?: readonly string[];
}

/** A kernel, and an initial file system that loads modules and runs a script. */
export function linuxImages(
  debian: DebianKernel,
  script: string,
  modules: readonly string[],
  { files = {}, loose = [] }: MoreFiles = {},
): LinuxImages {
  const found = loose.map((name) => {
    const data = findModules(debian.modules, [name]).at(-1)?.data;
    if (data === undefined) throw new Error(`Debian's kernel has no module ${name}`);
    return [`/root/${name}.ko`, data] as const;
  });
  const initramfs = buildInitramfs({
    busybox: readFileSync(debian.busybox),
    modules: findModules(debian.modules, modules),
    script,
    files: { ...files, ...Object.fromEntries(found) },
  });
  return { kernel: new Uint8Array(readFileSync(debian.kernel)), initramfs, commandLine: 'console=ttyS1' };
}

/** The machine that Linux runs on. */
export type LinuxAssembly = Assembly<S390xGuest>;

/** What is booted, on what, and who listens. */
export interface LinuxBoot {
  readonly images: LinuxImages;
  readonly vcpus?: number;
  /** In mebibytes; 256 when not given. */
  readonly memory?: number;
  /** The CPU model; the best that there is when not given. */
  readonly cpu?: string;
  readonly devices?: NonNullable<AssemblyOptions['devices']>;
  /** Ends the boot at the first thing that the console writes after so many instructions. */
  readonly budget?: bigint | undefined;
  /** Called before the first instruction. */
  readonly prepare?: (assembly: LinuxAssembly) => void;
  /** Called for every whole line of the console, without its end. */
  readonly onLine?: (line: string, assembly: LinuxAssembly) => void;
}

/** A piece of what a console wrote, with the instructions that each vCPU had executed by then. */
export interface ConsolePiece {
  readonly at: readonly bigint[];
  readonly text: string;
}

/** A boot that is over. */
export interface BootEnd {
  /** Undefined when its instructions were used up. */
  readonly status: GuestEnd['status'] | undefined;
  readonly message: string;
  /** All that the console wrote. */
  readonly output: string;
  readonly pieces: readonly ConsolePiece[];
  /** Instructions that each vCPU executed. */
  readonly instructions: readonly bigint[];
}

/** Boots on the emulated machine, with the virtual clock. */
export function bootLinux({
  images,
  vcpus = 1,
  memory = MEBIBYTES,
  cpu = 'max',
  devices = [],
  budget,
  prepare,
  onLine,
}: LinuxBoot): Promise<BootEnd> {
  return new Promise((resolve, reject) => {
    const pieces: ConsolePiece[] = [];
    let line = '';
    const executed = (): bigint[] => guest.vm.vcpus.map(({ vcpu }) => vcpu.icount);
    const ended = ({ status, message }: Pick<BootEnd, 'status' | 'message'>): void => {
      resolve({ status, message, pieces, output: pieces.map((p) => p.text).join(''), instructions: executed() });
    };
    const written = (text: string): void => {
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const one of lines) onLine?.(one.replace(/\r+$/, ''), assembly);
    };
    const assembly = assemble(s390xWing, {
      memory: memory << 20,
      vcpus,
      cpu,
      devices,
      clock: 'virtual',
      now: () => performance.now(),
      engine: engineOptions(testEngineMode(), seed),
      console: (bytes) => {
        const at = executed();
        const text = Buffer.from(bytes).toString('latin1');
        pieces.push({ at, text });
        written(text);
        if (budget === undefined || at.reduce((a, b) => a + b, 0n) < budget) return;
        // Not from inside the guest's own call.
        setImmediate(() => {
          if (!machine.running) return;
          machine.halt();
          ended({ status: undefined, message: 'its instructions are used up' });
        });
      },
    });
    const { guest, machine } = assembly;
    const { kernel: image, initramfs: initrd, commandLine } = images;
    const plan = loadImage({ storage: guest.storage, image, initrd, commandLine });
    if (!plan.ok) throw new Error(plan.error.message);
    guest.start(plan.value.psw);
    prepare?.(assembly);
    machine.onFault = reject;
    machine.onEnd = ended;
    machine.start();
  });
}

/** QEMU's side of a boot. */
export interface QemuBoot {
  readonly vcpus?: number;
  /** More arguments; `@name` in one is the path of a file. */
  readonly devices?: readonly string[];
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Boots the same under qemu-system-s390x; what the console wrote. */
export async function linuxUnderQemu(
  images: LinuxImages,
  { vcpus = 1, devices: more = [], files = {} }: QemuBoot = {},
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-linux-'));
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(directory, name), bytes);
    return join(directory, name);
  };
  for (const [name, bytes] of Object.entries(files)) file(name, bytes);
  const added = more.map((argument) => argument.replace(/@(\w+)/, (_, name: string) => join(directory, name)));
  const end = ['-smp', String(vcpus), '-no-reboot', '-action', 'panic=exit-failure'];
  const boot = ['-initrd', file('initramfs', images.initramfs), '-append', images.commandLine];
  try {
    const image = file('kernel', images.kernel);
    return await consoleUnderQemu({ image, memory: MEBIBYTES, args: [...end, ...added, ...boot] });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
