import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { demoImage } from '../support/guest-process.ts';

/** Pieces of the console's output that are compared. */
const PIECES = 20;

/** What the demo guest says on a host whose clock moves by `tick` at each look, and at how many instructions. */
function run(tick: () => number): { said: string; at: bigint[] } {
  const at: bigint[] = [];
  let said = '';
  let clock = 0;
  const { guest, machine } = assemble(s390xWing, {
    memory: 64 << 20,
    vcpus: 1,
    clock: 'virtual',
    now: () => {
      clock += tick();
      return clock;
    },
    console: (bytes) => {
      said += Buffer.from(bytes).toString('latin1');
      at.push(guest.vm.vcpus[0]?.vcpu.icount ?? 0n);
    },
  });
  const plan = guest.boot(() => loadImage({ storage: guest.storage, image: new Uint8Array(readFileSync(demoImage)) }));
  if (!plan.ok) throw new Error(plan.error.message);
  machine.start();
  for (let i = 0; i < 100_000 && at.length < PIECES; i++) machine.runFor(4);
  machine.halt();
  return { said, at };
}

test('the demo guest says the same at the same times, however the host cuts its run', () => {
  let n = 1;
  const hardlyMoves = run(() => 0.05);
  const jumpsAbout = run(() => {
    n = (n * 48271) % 0x7fffffff;
    return (n % 1000) / 500;
  });
  expect(hardlyMoves.at.length).toBeGreaterThanOrEqual(PIECES);
  expect(jumpsAbout.at.length).toBeGreaterThanOrEqual(PIECES);
  expect(jumpsAbout.at.slice(0, PIECES)).toEqual(hardlyMoves.at.slice(0, PIECES));
  const shorter = Math.min(hardlyMoves.said.length, jumpsAbout.said.length);
  expect(jumpsAbout.said.slice(0, shorter)).toBe(hardlyMoves.said.slice(0, shorter));
});
