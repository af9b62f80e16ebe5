/** What a user asks of the past, wherever the guest is: it is there afterwards, and goes on as if nobody had asked. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { KeptPast } from '../../src/cli/kept-past.ts';
import type { Past } from '../../src/debug/target.ts';
import type { StopEvent } from '../../src/machine/exit.ts';
import { stateOf } from '../support/past.ts';
import { differences } from '../support/plain.ts';
import { root } from '../support/sources.ts';

const now = (): number => performance.now();
/** `next_free` of the demo, which its page tables are taken by, and a doubleword that nobody stores into. */
const STORED = 0x25000n;
const NEVER = 0x1f000n;
const ENTRY = 0x20000n;
const RUN = 230_000_000n;

interface Kept {
  readonly assembly: Assembly<S390xGuest>;
  readonly past: Past;
}

function demo(): Kept {
  const image = new Uint8Array(readFileSync(`${root}guests/demo/demo.elf`));
  const options = { memory: 64 << 20, vcpus: 2, clock: 'virtual', now, console: () => undefined } as const;
  const assembly = assemble(s390xWing, options);
  const plan = assembly.guest.boot(() => loadImage({ storage: assembly.guest.storage, image }));
  if (!plan.ok) throw new Error(plan.error.message);
  new KeptPast(64 << 20).begin(assembly, now);
  assembly.target.attach();
  expect(assembly.machine.runTo(RUN)).toBe(true);
  const { past } = assembly.target;
  if (past === undefined) throw new Error('nothing is kept of this guest');
  return { assembly, past };
}

function stopped({ target }: Assembly<S390xGuest>, act: () => void): Promise<StopEvent> {
  return new Promise((resolve) => {
    target.onStop(resolve);
    act();
  });
}
async function seek({ assembly, past }: Kept, at: bigint): Promise<void> {
  past.goal = at;
  await stopped(assembly, () => assembly.target.resume(new Map([[0, { kind: 'step' }]])));
}
/** Steps back, which leave marks behind the places where they end. */
async function stepBack({ assembly }: Kept, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await stopped(assembly, () => assembly.target.reverse('step', 0));
}

const questions = {
  'who stored last': ({ past }: Kept) => past.writers(0, STORED, 8, 2),
  'who stored where nobody did': ({ past }: Kept) => past.writers(0, NEVER, 8, 2),
  'where the CPU has branched': ({ past }: Kept) => past.straightRuns(0, 100),
  'what tracepoints would have collected': ({ past }: Kept) => past.retrace(past.beginning.at),
  'what they would have collected lately': ({ past }: Kept) => past.retrace(past.time - 5000n),
} as const;
const places = {
  'in the present': () => Promise.resolve(),
  'in the present, behind steps back and a way there again': async (kept: Kept) => {
    await stepBack(kept, 3);
    await seek(kept, kept.past.end);
  },
  'in the past': (kept: Kept) => seek(kept, RUN - 100_000n),
  'in the past, at a mark of a step back': async (kept: Kept) => {
    await seek(kept, RUN - 100_000n);
    await stepBack(kept, 3);
  },
} as const;

test.each(
  Object.entries(places).flatMap(([where, go]) =>
    Object.entries(questions).map(([what, ask]) => [what, where, go, ask] as const),
  ),
)('%s, %s', async (_, __, go, ask) => {
  const kept = demo();
  const { machine } = kept.assembly;
  await go(kept);
  const [at, isPast, state] = [machine.time, kept.past.isPast, stateOf(machine)];
  const answer = ask(kept);
  expect([machine.time, kept.past.isPast]).toEqual([at, isPast]);
  expect(differences(stateOf(machine), state)).toEqual([]);
  // Asked once more it is the same, and the guest comes to where it came before.
  expect(ask(kept)).toEqual(answer);
  await seek(kept, RUN);
  expect([machine.time, kept.past.isPast]).toEqual([RUN, false]);
});

test.each([
  'in the present',
  'in the past',
] as const)('a way back from %s that is given up ends where nothing was missed', async (where) => {
  const kept = demo();
  const { machine, target } = kept.assembly;
  await places[where](kept);
  const at = machine.time;
  // Executed once, at the very beginning, in a page that is executed all the time.
  target.insertBreakpoint('software', ENTRY, 2, 0);
  const event = await stopped(kept.assembly, () => {
    target.reverse('continue', 0);
    setImmediate(() => target.interrupt());
  });
  expect(event.reason.kind).toBe('interrupt');
  expect(machine.time).toBeLessThanOrEqual(at);
  expect(await stopped(kept.assembly, () => target.reverse('continue', 0))).toMatchObject({
    reason: { kind: 'breakpoint' },
  });
  expect([machine.guest.vcpus[0]?.pc(), machine.time]).toEqual([ENTRY, 0n]);
});

test('words that lead nowhere are answered by what they are short of', () => {
  const { assembly } = demo();
  const first = (line: string): string => [...assembly.monitor.execute(line, 0)][0] ?? '';
  expect(
    ['writers 0x7fff00000000', 'writers 0x25000 0', 'seek -99999999999', 'seek 99999999999', 'seek 100'].map(first),
  ).toEqual([
    'writers: no storage lies at 0x7fff00000000 now for CPU 0; `thread N` of gdb selects another',
    'writers: N is 1 at least',
    'to = 0, where the history begins; stepi goes there',
    `to = ${RUN}, the present; stepi goes there`,
    'to = 100; stepi goes there',
  ]);
  expect(['watch-if 0x1000', 'watch-if 0x1000 <', 'watch-if 0x1000 agent'].map(first)).toEqual([
    'watch-if: what is the condition?',
    'watch-if: VALUE is missing',
    'watch-if: HEX is missing',
  ]);
});
