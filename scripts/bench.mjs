// npm run bench [-- NAME...]: the interpreter's speed on compiled programs, each beside QEMU's time on the same image;
// with the name `linux`, the time that Linux takes to its init (BENCH_TURNS=1 is enough to see where it stands).
// Figures are ratios inside one run: every program is run by both, in turns, and the best of the turns counts.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchLinux } from './bench-linux.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = ['crc32', 'quicksort', 'strings'];
const wanted = process.argv.slice(2);
const turns = Number(process.env.BENCH_TURNS ?? 3);

const built = `${root}dist/cli/assemble.js`;
if (!existsSync(built)) {
  console.error('bench: build first: npm run build');
  process.exit(2);
}
const unknown = wanted.filter((name) => name !== 'linux' && !programs.includes(name));
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(', ')}; give some of ${[...programs, 'linux'].join(', ')}`);
  process.exit(2);
}
const { assemble } = await import(built);
const { s390xWing } = await import(`${root}dist/arch/s390x/wing.js`);
const { loadImage } = await import(`${root}dist/arch/s390x/vmm/ipl/load.js`);

/** Runs an image to its end in this process; instructions and seconds, the engine's start-up left out. */
function ours(image) {
  return new Promise((resolve, reject) => {
    const now = () => performance.now();
    const { guest, machine } = assemble(s390xWing, {
      memory: 16 << 20,
      vcpus: 1,
      clock: 'virtual',
      now,
      console: () => {},
    });
    const plan = loadImage({ storage: guest.storage, image: new Uint8Array(readFileSync(image)) });
    if (!plan.ok) return reject(new Error(plan.error.message));
    guest.start(plan.value.psw);
    const from = now();
    machine.onFault = reject;
    machine.onEnd = () => {
      const cpu = guest.vm.vcpus[0].vcpu;
      resolve({
        seconds: (now() - from) / 1000,
        instructions: Number(cpu.icount),
        r2: cpu.gr(2),
        address: cpu.psw.address,
      });
    };
    machine.start();
  });
}

/** Seconds that QEMU takes for the image, start-up included; undefined without QEMU. */
function qemu(image) {
  const from = performance.now();
  const args = [
    '-M',
    's390-ccw-virtio',
    '-m',
    '16',
    '-display',
    'none',
    '-nodefaults',
    '-action',
    'panic=exit-failure',
    '-kernel',
    image,
  ];
  const { error } = spawnSync('qemu-system-s390x', args, { stdio: 'ignore' });
  return error === undefined ? (performance.now() - from) / 1000 : undefined;
}

const best = (values) => Math.min(...values);
const chosen = programs.filter((p) => wanted.length === 0 || wanted.includes(p));
if (chosen.length > 0) console.log('program      instructions   ours: s  million/s   QEMU: s  million/s   ours/QEMU');
for (const name of chosen) {
  const image = `${root}guests/bench/${name}.elf`;
  const mine = [];
  const theirs = [];
  let last;
  for (let i = 0; i < turns; i++) {
    last = await ours(image);
    mine.push(last.seconds);
    const seconds = qemu(image);
    if (seconds !== undefined) theirs.push(seconds);
  }
  if (last.address !== 0n) throw new Error(`${name} ended at 0x${last.address.toString(16)}: the result is wrong`);
  const speed = (s) => (last.instructions / s / 1e6).toFixed(0).padStart(9);
  const column = (s) => s.toFixed(2).padStart(8);
  const rival =
    theirs.length === 0
      ? '  (no qemu-system-s390x)'
      : `  ${column(best(theirs))} ${speed(best(theirs))}  ${(best(theirs) / best(mine)).toFixed(2).padStart(9)}`;
  console.log(
    `${name.padEnd(12)} ${String(last.instructions).padStart(12)}  ${column(best(mine))}  ${speed(best(mine))}${rival}`,
  );
}
if (wanted.includes('linux')) await benchLinux(`${root}dist/`, turns);
