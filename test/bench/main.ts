/** `npm run bench`: compiled programs and the boot of Linux, here and on other machines, in one run. `--help` says more. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { debuggerRates } from './debugger.ts';
import { history } from './history.ts';
import { hypervisor } from './hypervisor.ts';
import { emptyKernel, type Family, families, type Kernel, kernels, levels } from './kernels.ts';
import { boots, type LinuxName, measureLinux } from './linux.ts';
import { type Boot, guestscope, hercules, type Machine, qemu } from './machines.ts';
import { type Clock, measure, median, ratio, secondsOf, withoutStart } from './measure.ts';

// Built into build/test/bench.
const root = fileURLToPath(new URL('../../../', import.meta.url));
const programs = kernels.map(({ name }) => name);
const allPrograms = families.flatMap((family) => family.kernels.map(({ name }) => family.prefix + name));
const linuxNames = Object.keys(boots) as LinuxName[];
const names = [...allPrograms, ...linuxNames, 'debugger', 'history', 'hypervisor'];
/** What every machine takes: QEMU gives a ppc64 guest multiples of this. */
const MEBIBYTES = 256;

const options = await yargs(hideBin(process.argv))
  .usage('npm run bench -- [names]: each with its time here, elsewhere, and the ratio (more than 1: faster here)')
  .epilogue(`names: ${names.join(', ')}; all s390x programs and linux when none is given`)
  .option('repetitions', { alias: 'n', type: 'number', default: 3, describe: 'runs of each; medians are shown' })
  .option('machines', {
    type: 'string',
    default: 'ours,qemu,hercules',
    describe: 'those to run, with commas between them: ours, qemu, hercules',
  })
  .option('engine', { type: 'string', describe: 'engine of ours; the usual one when not given' })
  .option('node', { type: 'string', default: process.execPath, describe: 'the Node.js that ours runs on' })
  .option('time', { choices: ['wall', 'cpu'] as const, default: 'wall' as Clock, describe: 'which time is compared' })
  .strictOptions()
  .parse();

const ours = guestscope(
  'ours',
  options.node,
  join(root, 'dist/cli/main.js'),
  options.engine === undefined ? [] : ['--engine', options.engine],
);
const all: Readonly<Record<string, Machine>> = { ours, qemu, hercules };
const machines = options.machines.split(',').map((name) => {
  const machine = all[name];
  if (machine === undefined) throw new Error(`bench: there is no machine ${name}; there are ${Object.keys(all)}`);
  return machine;
});
const given = options._.map(String);
const wanted = given.length === 0 ? [...programs, 'linux', 'hypervisor'] : given;
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`bench: there is no ${unknown.join(', ')}; there are ${names.join(', ')}`);
const clock = options.time;

/** Seconds in columns, then each rival's time divided by ours. */
function line(name: string, million: number | undefined, seconds: ReadonlyMap<string, readonly number[]>): void {
  const mine = seconds.get(ours.name) ?? [];
  const columns = machines.map((m) => median(seconds.get(m.name) ?? [])?.toFixed(3) ?? '-');
  const rivals = machines.filter((m) => m !== ours).map((m) => ratio(mine, seconds.get(m.name) ?? []));
  const own = median(mine);
  const speed = million === undefined || own === undefined ? '' : (million / own).toFixed(0);
  console.log(
    [
      name.padEnd(18),
      ...columns.map((c) => c.padStart(9)),
      speed.padStart(10),
      ...rivals.map((r) => (r?.toFixed(2) ?? '-').padStart(10)),
    ].join(' '),
  );
}

function heading(): void {
  const rivals = machines.filter((m) => m !== ours).map((m) => `/${m.name}`.padStart(10));
  const columns = machines.map((m) => `${m.name} s`.padStart(9));
  console.log([`${clock} time`.padEnd(18), ...columns, 'million/s'.padStart(10), ...rivals].join(' '));
}

const said = (name: string): RegExp => new RegExp(`bench: ${name} ([0-9a-f]{16})`, 'i');

/** The programs of a family, how they are booted, and who can. */
interface Measured {
  readonly family: Family;
  readonly bootOf: (name: string) => Boot;
  readonly machines: readonly Machine[];
  /** Seconds that each machine takes to start, by a program that does nothing. */
  readonly start: ReadonlyMap<string, number>;
}

async function begin(family: Family): Promise<Measured> {
  const image = family.images(root);
  const arch = family.arch === undefined ? {} : { arch: family.arch };
  const bootOf = (name: string): Boot => ({ ...arch, image: image(name), mebibytes: MEBIBYTES, vcpus: 1 });
  const able = family.arch === undefined ? machines : machines.filter((m) => m !== hercules);
  const runs = await measure(able, bootOf(emptyKernel), said(emptyKernel), options.repetitions);
  const start = new Map(
    [...runs].map(([name, taken]) => [name, median(taken.map((t) => secondsOf(t, clock))) ?? 0] as const),
  );
  return { family, bootOf, machines: able, start };
}

/** Measures one program; each rival's ratio. */
async function program(kernel: Kernel, { family, bootOf, machines, start }: Measured): Promise<Map<string, number>> {
  // Hercules has no vectors.
  const rivals = kernel.kind === 'vector' ? machines.filter((m) => m !== hercules) : machines;
  const able = kernel.oursOnly === true ? machines.filter((m) => m === ours) : rivals;
  const runs = await measure(able, bootOf(kernel.name), said(kernel.name), options.repetitions);
  const results = new Set([...runs.values()].flat().map((t) => t.said.toLowerCase()));
  if (results.size > 1) throw new Error(`bench: the machines differ about ${kernel.name}: ${[...results]}`);
  const seconds = new Map(
    [...runs].map(([name, taken]) => [name, withoutStart(taken, start.get(name) ?? 0, clock)] as const),
  );
  line(family.prefix + kernel.name, kernel.million, seconds);
  const mine = seconds.get(ours.name) ?? [];
  own.set(family.prefix + kernel.name, median(mine) ?? 0);
  return new Map([...seconds].flatMap(([name, s]) => (name === ours.name ? [] : [[name, ratio(mine, s) ?? 0]])));
}

/** Median of ours by program. */
const own = new Map<string, number>();

function ratioOfLevels(): void {
  const [one, two] = levels.map((name) => own.get(name) ?? 0);
  if (!one || !two) return;
  console.log(`rounds of an intercepted DIAGNOSE: at level 2 ${(one / two).toFixed(2)} of those at level 1`);
}

async function programsAndMean(family: Family, chosen: readonly Kernel[]): Promise<void> {
  heading();
  const measured = await begin(family);
  line('(start)', undefined, new Map([...measured.start].map(([name, s]) => [name, [s]])));
  const ratios: Record<'compiled' | 'vector', Map<string, number>[]> = { compiled: [], vector: [] };
  for (const kernel of chosen) {
    const found = await program(kernel, measured);
    if (kernel.kind !== 'loop') ratios[kernel.kind].push(found);
  }
  if (family.arch === undefined) ratioOfLevels();
  mean('compiled', ratios.compiled);
  mean('vector', ratios.vector);
}

function mean(kind: Kernel['kind'], ratios: readonly ReadonlyMap<string, number>[]): void {
  if (ratios.length < 2) return;
  for (const { name } of machines.filter((m) => m !== ours)) {
    const known = ratios.map((r) => r.get(name) ?? 0).filter((r) => r > 0);
    if (known.length === 0) continue;
    const geometric = Math.exp(known.reduce((sum, r) => sum + Math.log(r), 0) / known.length);
    console.log(
      `${kind} programs, ours/${name}: geometric mean ${geometric.toFixed(2)}, least ${Math.min(...known).toFixed(2)}`,
    );
  }
}

async function linux(name: LinuxName): Promise<void> {
  const runs = await measureLinux(
    machines.filter((m) => m !== hercules),
    name,
    root,
    options.repetitions,
  );
  line(name, undefined, new Map([...runs].map(([n, t]) => [n, t.map((x) => secondsOf(x, clock))])));
  const megabytes = [...runs].map(([n, t]) => {
    const resident = median(t.flatMap((x) => x.resident ?? []));
    return `${n} ${resident === undefined ? '-' : Math.round(resident / 1e6)} MB`;
  });
  console.log(`${''.padEnd(18)} resident: ${megabytes.join(', ')}`);
}

let headed = false;
for (const family of families) {
  const chosen = family.kernels.filter(({ name }) => wanted.includes(family.prefix + name));
  if (chosen.length === 0) continue;
  await programsAndMean(family, chosen);
  headed = true;
}
const linuxBoots = linuxNames.filter((name) => wanted.includes(name));
if (linuxBoots.length > 0 && !headed) heading();
for (const name of linuxBoots) await linux(name);
if (wanted.includes('hypervisor')) hypervisor(options.repetitions);
if (wanted.includes('history')) await history(root);
if (wanted.includes('debugger')) await debuggerRates(options.repetitions);
