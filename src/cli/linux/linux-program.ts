import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { SeededBytes } from '../../virtio/rng.ts';
import type { DebianPort, Wing } from '../../wing/wing.ts';
import { bootFile, heldFile } from '../boot-file.ts';
import { waitWithoutGdb } from '../demo.ts';
import { disks } from '../disk.ts';
import { checkFitting } from '../fitting.ts';
import type { Host } from '../host.ts';
import { readInput } from '../input.ts';
import { checkedModules } from '../module-files.ts';
import { consoleChoice, engineChoice } from '../options.ts';
import type { ProgramOptions } from '../program.ts';
import { usualClockOf } from '../run.ts';
import { givenSources, symbolSources } from '../symbol-sources.ts';
import { UserError } from '../user-error.ts';
import { cpuModel, gdbAddress, guestDate, guestIdentity, historyBudget, memorySize, vcpuCount } from '../values.ts';
import { wings } from '../wings.ts';
import { checkListeners } from '../wire/listeners.ts';
import { wires } from '../wire/options.ts';
import type { LinuxArguments } from './command.ts';
import { type DebianKernel, debianKernel } from './debian.ts';
import { buildInitramfs } from './initramfs.ts';
import { findModules } from './modules.ts';
import { Progress } from './progress.ts';

/** Modules that make the devices of the machine usable. */
const devices = ['virtio_blk', 'virtio_net', 'virtio_console', 'virtio_rng', 'crc32c_generic', 'ext4'];

/** Every run has the same random numbers, so that it can be repeated. */
const RNG_SEED = 390;

function symbolsOf(found: DebianKernel, modules: readonly string[]): ReturnType<typeof givenSources> {
  const { vmlinux } = found;
  if (vmlinux === undefined) return givenSources(undefined, modules);
  const withDebugInfo = join(dirname(vmlinux), '..', 'lib', 'modules', found.release);
  return symbolSources({ vmlinux, moduleDirectories: [withDebugInfo, found.modules], modules });
}

/** The user's modules by where the guest has them. */
function inRoot(modules: readonly string[]): Readonly<Record<string, Uint8Array>> {
  return Object.fromEntries(modules.map((path) => [`/root/${basename(path)}`, readFileSync(path)]));
}

/** The architecture whose Debian is booted, with what it is called there. */
async function debianWing(arch: string): Promise<{ readonly wing: Wing; readonly port: DebianPort }> {
  const wing = await wings.find((w) => w.name === arch)?.load();
  if (wing?.debian !== undefined) return { wing, port: wing.debian };
  throw new UserError('usage', `there is no Debian for ${arch}`);
}

/** Where the packages of a port are kept; those of the first port have had the place without its name from the beginning. */
function cacheOf({ architecture }: DebianPort): string {
  return join(homedir(), '.cache', 'guestscope', architecture === 's390x' ? 'debian' : `debian-${architecture}`);
}

/** What `guestscope linux` runs; fetches what is not there yet. */
export async function linuxProgram(argv: LinuxArguments, host: Host): Promise<ProgramOptions> {
  const { wing, port } = await debianWing(argv.arch);
  const gdb = gdbAddress(argv.gdb);
  const memory = memorySize(argv.memory);
  const vcpus = vcpuCount(argv.smp, wing.mostVcpus);
  const cpu = cpuModel(argv.cpu ?? port.cpu, wing);
  const identity = guestIdentity(argv);
  const date = guestDate(argv.date, host);
  if (argv.wait && gdb === undefined) throw waitWithoutGdb();
  checkFitting(argv, wing);
  const outside = wires(argv.net, argv.hvc);
  checkListeners(gdb, outside);
  const script =
    argv.script === undefined
      ? undefined
      : Buffer.from(readInput(argv.script, { code: 'script-unreadable', what: 'script', most: 64 << 20 })).toString(
          'utf8',
        );
  const progress = new Progress(host.stderr);
  const modules = checkedModules(argv.module, wing);
  const found = await debianKernel({
    cache: argv.cache ?? cacheOf(port),
    debuginfo: argv.debuginfo,
    port,
    teller: progress,
  });
  progress.end();
  const hasDevices = wing.lacks === undefined;
  return {
    wing,
    memoryAsGiven: argv.memory,
    name: `Linux ${found.release}`,
    image: bootFile(found.kernel, { code: 'image-unreadable', what: 'kernel' }),
    initrd: heldFile(
      buildInitramfs({
        busybox: readFileSync(found.busybox),
        modules: hasDevices ? findModules(found.modules, devices) : [],
        script,
        consoleDevice: port.consoleDevice,
        files: inRoot(modules),
      }),
    ),
    commandLine: [port.commandLine, argv.append].filter((s) => s !== undefined).join(' '),
    memory,
    vcpus,
    ...cpu,
    identity,
    watchdog: argv.watchdog,
    ...date,
    devices: hasDevices ? [...disks(argv.disk), { kind: 'rng', source: new SeededBytes(RNG_SEED) }] : [],
    wires: outside,
    engine: engineChoice(argv.engine, host),
    clock: argv.clock ?? usualClockOf(argv.console, outside, host),
    console: consoleChoice(argv.console),
    input: argv.console === 'stdio',
    gdb,
    wait: argv.wait,
    history: historyBudget(argv.history),
    saveOnCrash: argv['save-on-crash'],
    // A kernel that is not packed has its symbols with it.
    symbols: found.vmlinux ?? (port.kernelFile === 'vmlinux' ? found.kernel : undefined),
    kernelSymbols: symbolsOf(found, modules),
  };
}
