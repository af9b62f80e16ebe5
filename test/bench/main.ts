/** `npm run bench`: compiled programs and the boot of Linux, here and on other machines, in one run. `--help` says more. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { debuggerRates } from './debugger.ts';
import { history } from './history.ts';
import { hypervisor } from './hypervisor.ts';
import { emptyKernel, type Kernel, kernels, levels } from './kernels.ts';
import { measureLinux } from './linux.ts';
import { guestscope, hercules, type Machine, qemu } from './machines.ts';
import { type Clock, measure, median, ratio, secondsOf, withoutStart } from './measure.ts';

// Built into build/test/bench.
const root = fileURLToPath(new URL('../../../', import.meta.url));
const boots = { linux: 1, 'linux-8': 8 } as const;
const programs = kernels.map(({ name }) => name);
const names = [...programs, ...Object.keys(boots), 'debugger', 'history', 'hypervisor'];
const MEBIBYTES = 128;

const options = await yargs(hideBin(process.argv))
  .usage('npm run bench -- [names]: each with its time here, elsewhere, and the ratio (more than 1: faster here)')
  .epilogue(`names: ${names.join(', ')}; all programs and linux when none is given`)
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
      name.padEnd(12),
      ...columns.map((c) => c.padStart(9)),
      speed.padStart(10),
      ...rivals.map((r) => (r?.toFixed(2) ?? '-').padStart(10)),
    ].join(' '),
  );
}

function heading(): void {
  const rivals = machines.filter((m) => m !== ours).map((m) => `/${m.name}`.padStart(10));
  const columns = machines.map((m) => `${m.name} s`.padStart(9));
  console.log([`${clock} time`.padEnd(12), ...columns, 'million/s'.padStart(10), ...rivals].join(' '));
}

const image = (name: string): string => join(root, 'guests/bench', `${name}.elf`);

/** Seconds that each machine takes to start, by a program that does nothing. */
async function startUp(): Promise<Map<string, number>> {
  const runs = await measure(machines, bootOf(emptyKernel), said(emptyKernel), options.repetitions);
  return new Map([...runs].map(([name, taken]) => [name, median(taken.map((t) => secondsOf(t, clock))) ?? 0]));
}

const bootOf = (name: string) => ({ image: image(name), mebibytes: MEBIBYTES, vcpus: 1 });
const said = (name: string): RegExp => new RegExp(`bench: ${name} ([0-9a-f]{16})`, 'i');

/** Measures one program; each rival's ratio. */
async function program(kernel: Kernel, start: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  // Hercules has no vectors.
  const rivals = kernel.kind === 'vector' ? machines.filter((m) => m !== hercules) : machines;
  const able = kernel.oursOnly === true ? machines.filter((m) => m === ours) : rivals;
  const runs = await measure(able, bootOf(kernel.name), said(kernel.name), options.repetitions);
  const results = new Set([...runs.values()].flat().map((t) => t.said.toLowerCase()));
  if (results.size > 1) throw new Error(`bench: the machines differ about ${kernel.name}: ${[...results]}`);
  const seconds = new Map(
    [...runs].map(([name, taken]) => [name, withoutStart(taken, start.get(name) ?? 0, clock)] as const),
  );
  line(kernel.name, kernel.million, seconds);
  const mine = seconds.get(ours.name) ?? [];
  own.set(kernel.name, median(mine) ?? 0);
  return new Map([...seconds].flatMap(([name, s]) => (name === ours.name ? [] : [[name, ratio(mine, s) ?? 0]])));
}

/** Median of ours by program. */
const own = new Map<string, number>();

function ratioOfLevels(): void {
  const [one, two] = levels.map((name) => own.get(name) ?? 0);
  if (!one || !two) return;
  console.log(`rounds of an intercepted DIAGNOSE: at level 2 ${(one / two).toFixed(2)} of those at level 1`);
}

async function programsAndMean(chosen: readonly Kernel[]): Promise<void> {
  heading();
  const start = await startUp();
  line('(start)', undefined, new Map([...start].map(([name, s]) => [name, [s]])));
  const ratios: Record<'compiled' | 'vector', Map<string, number>[]> = { compiled: [], vector: [] };
  for (const kernel of chosen) {
    const found = await program(kernel, start);
    if (kernel.kind !== 'loop') ratios[kernel.kind].push(found);
  }
  ratioOfLevels();
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

async function linux(name: keyof typeof boots): Promise<void> {
  const runs = await measureLinux(
    machines.filter((m) => m !== hercules),
    boots[name],
    options.repetitions,
  );
  line(name, undefined, new Map([...runs].map(([n, t]) => [n, t.map((x) => secondsOf(x, clock))])));
  const megabytes = [...runs].map(([n, t]) => {
    const resident = median(t.flatMap((x) => x.resident ?? []));
    return `${n} ${resident === undefined ? '-' : Math.round(resident / 1e6)} MB`;
  });
  console.log(`${''.padEnd(12)} resident: ${megabytes.join(', ')}`);
}

const chosen = kernels.filter(({ name }) => wanted.includes(name));
if (chosen.length > 0) await programsAndMean(chosen);
const linuxBoots = (Object.keys(boots) as (keyof typeof boots)[]).filter((name) => wanted.includes(name));
if (linuxBoots.length > 0 && chosen.length === 0) heading();
for (const name of linuxBoots) await linux(name);
if (wanted.includes('hypervisor')) hypervisor(options.repetitions);
if (wanted.includes('history')) await history(root);
if (wanted.includes('debugger')) await debuggerRates(options.repetitions);
