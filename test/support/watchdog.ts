/**
 * A test that computes for ever keeps its process from everything else, vitest's own time limits included. A thread beside
 * it looks whether the process still gets round, and ends it with the name of the test when it does not.
 */

import { Worker } from 'node:worker_threads';
import { beforeEach } from 'vitest';

/** Seconds without a turn of the event loop after which a process is given up; a test of a whole guest may run one for long. */
const PATIENCE = Number(process.env.TEST_PATIENCE ?? (process.env.GUESTSCOPE_LONG === '1' ? 3600 : 240));
const NAME_BYTES = 1024;

/** The thread: it has nothing but the shared memory, since the process answers nobody. */
const watch = `
const { workerData: { turn, name, patience, pid } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
let last = -1;
for (let held = 0; held < patience; held++) {
  Atomics.wait(turn, 1, 0, 1000);
  const now = Atomics.load(turn, 0);
  if (now !== last) held = 0;
  last = now;
}
const text = Buffer.from(name).toString().replace(/\\0+$/, '');
writeSync(2, '\\nthis test has kept its process for ' + patience + ' s, which is ended now: ' + text + '\\n');
process.kill(pid, 'SIGKILL');
`;

const turn = new Int32Array(new SharedArrayBuffer(8));
const name = new Uint8Array(new SharedArrayBuffer(NAME_BYTES));
const workerData = { turn, name, patience: PATIENCE, pid: process.pid };
new Worker(watch, { eval: true, workerData }).unref();
setInterval(() => Atomics.add(turn, 0, 1), 500).unref();

/** Tells the watchdog of each test that begins. */
export function watchTests(): void {
  beforeEach(({ task }) => {
    const words = new TextEncoder().encode(`${task.file.name} > ${task.name}`).subarray(0, NAME_BYTES);
    name.fill(0);
    name.set(words);
  });
}
