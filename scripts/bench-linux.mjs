// npm run bench -- linux: from nothing to the first line of a script that init runs, here and under QEMU, with the same
// kernel and file system. The kernel is the one of `guestscope linux`, fetched the first time.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const marker = 'bench: init is there';
const commandLine = 'console=ttyS1';
const mebibytes = 512;

/** Calls `found` once, when the marker has gone by. */
function watch(found) {
  let tail = '';
  let done = false;
  return (bytes) => {
    if (done) return;
    tail = (tail + Buffer.from(bytes).toString('latin1')).slice(-4096);
    done = tail.includes(marker);
    if (done) found();
  };
}

/** Boots in this process; seconds and instructions up to the marker, the assembling of the machine included. */
async function ours(dist, { kernel, initrd }) {
  const { assemble } = await import(`${dist}cli/assemble.js`);
  const { s390xWing } = await import(`${dist}arch/s390x/wing.js`);
  const { loadImage } = await import(`${dist}arch/s390x/vmm/ipl/load.js`);
  return new Promise((resolve, reject) => {
    const now = () => performance.now();
    const from = now();
    const console = watch(() => {
      const instructions = Number(guest.vm.vcpus[0].vcpu.icount);
      const seconds = (now() - from) / 1000;
      setImmediate(() => {
        machine.halt();
        resolve({ seconds, instructions });
      });
    });
    const { guest, machine } = assemble(s390xWing, {
      memory: mebibytes << 20,
      vcpus: 1,
      clock: 'virtual',
      now,
      console,
    });
    const plan = loadImage({ storage: guest.storage, image: kernel, initrd, commandLine });
    if (!plan.ok) return reject(new Error(plan.error.message));
    guest.start(plan.value.psw);
    machine.onFault = reject;
    machine.onEnd = (end) => reject(new Error(`Linux ended before its init was there: ${end.message}`));
    machine.start();
  });
}

/** Seconds up to the marker under QEMU, start-up included; undefined without QEMU. */
function qemu({ kernel, initrd }) {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-bench-'));
  const file = (name, bytes) => {
    writeFileSync(join(directory, name), bytes);
    return join(directory, name);
  };
  const machine = ['-M', 's390-ccw-virtio', '-m', String(mebibytes), '-display', 'none', '-nodefaults'];
  const images = ['-kernel', file('kernel', kernel), '-initrd', file('initrd', initrd), '-append', commandLine];
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const args = [...machine, '-serial', 'stdio', '-no-reboot', '-action', 'panic=exit-failure', ...images];
    const process = spawn('qemu-system-s390x', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let seconds;
    const seen = watch(() => {
      seconds = (performance.now() - from) / 1000;
      process.kill('SIGKILL');
    });
    process.stdout.on('data', seen);
    process.on('error', (error) => (error.code === 'ENOENT' ? resolve(undefined) : reject(error)));
    process.on('close', (status) => {
      if (seconds === undefined) reject(new Error(`QEMU ended with ${status} before Linux's init was there`));
      else resolve(seconds);
    });
  }).finally(() => rmSync(directory, { recursive: true }));
}

/** Boots in turns, and prints the best of each. */
export async function benchLinux(dist, turns) {
  const { debianKernel } = await import(`${dist}cli/linux/debian.js`);
  const { s390xWing } = await import(`${dist}arch/s390x/wing.js`);
  const { buildInitramfs } = await import(`${dist}cli/linux/initramfs.js`);
  const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
  const debian = await debianKernel({
    port: s390xWing.debian,
    cache,
    debuginfo: false,
    say: (line) => console.error(`bench: ${line}`),
  });
  const images = {
    kernel: new Uint8Array(readFileSync(debian.kernel)),
    initrd: buildInitramfs({ busybox: readFileSync(debian.busybox), modules: [], script: `echo '${marker}'\n` }),
  };
  const mine = [];
  const theirs = [];
  for (let i = 0; i < turns; i++) {
    mine.push(await ours(dist, images));
    theirs.push(await qemu(images));
  }
  const best = mine.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  const rival = Math.min(...theirs.filter((s) => s !== undefined));
  console.log(`Linux ${debian.release} to its init, ${mebibytes} MiB, 1 CPU`);
  const million = (best.instructions / best.seconds / 1e6).toFixed(0);
  console.log(
    `  ours  ${best.seconds.toFixed(2).padStart(7)} s  ${best.instructions} instructions, ${million} million/s`,
  );
  if (theirs.includes(undefined)) console.log('  (no qemu-system-s390x)');
  else console.log(`  QEMU  ${rival.toFixed(2).padStart(7)} s\n  ours/QEMU ${(rival / best.seconds).toFixed(2)}`);
}
