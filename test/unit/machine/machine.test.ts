import { beforeEach, describe, expect, test } from 'vitest';
import { Stepper } from '../../../src/debug/stepper.ts';
import { CodeStops } from '../../../src/debug/stops.ts';
import type { CoursePlan } from '../../../src/machine/course.ts';
import type { StopEvent } from '../../../src/machine/exit.ts';
import type { GuestEnd } from '../../../src/machine/guest.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { FakeGuest, type Step } from './fake-guest.ts';

const FOREVER: Step = { work: Number.MAX_SAFE_INTEGER };
const input = { kind: 'console-input', data: Uint8Array.of(65) } as const;

let clock = 0;
beforeEach(() => {
  clock = 0;
});

/** A machine whose host clock moves a little each time that it is looked at. */
function machine(
  scripts: readonly (readonly Step[])[],
  kind: 'virtual' | 'real' = 'virtual',
): { m: Machine; guest: FakeGuest } {
  const guest = new FakeGuest(scripts);
  const m = new Machine(guest, {
    clock: kind,
    now: () => {
      clock += 0.1;
      return clock;
    },
    instructionsPerMicrosecond: 100,
  });
  return { m, guest };
}
const ended = (m: Machine): Promise<GuestEnd> =>
  new Promise((resolve) => {
    m.onEnd = resolve;
  });
const stopped = (m: Machine): Promise<StopEvent> =>
  new Promise((resolve) => {
    m.onStop = resolve;
  });

describe('ends', () => {
  test.each([
    ['all stop', [{ work: 5 }], { status: 0, message: 'all stopped' }],
    ['a crash', [{ work: 5, exit: { kind: 'crashed', message: 'boom' } }], { status: 1, message: 'CPU 0: boom' }],
    [
      'an instruction that is missing',
      [{ work: 5, exit: { kind: 'unimplemented', mnemonic: 'XYZ' } }],
      { status: 3, message: 'CPU 0: instruction XYZ is not implemented' },
    ],
  ] as const)('%s', async (_, script, end) => {
    const { m } = machine([script]);
    const done = ended(m);
    m.start();
    expect(await done).toEqual(end);
    expect([m.running, m.end]).toEqual([false, end]);
  });

  test('with a debugger it is a stop, and the guest can be looked at in one present', async () => {
    const { m, guest } = machine([[{ work: 5, exit: { kind: 'crashed', message: 'boom' } }], [FOREVER]]);
    m.debugged = true;
    const done = stopped(m);
    m.start();
    expect(await done).toEqual({ vcpu: 0, reason: { kind: 'guest-ended', message: 'CPU 0: boom' } });
    expect(guest.vcpus.map((v) => v.elapsed())).toEqual([5n, 5n]);
  });

  test('a machine-wide change that ends nothing: it goes on', async () => {
    const { m, guest } = machine([[{ work: 5, exit: { kind: 'machine' } }, { work: 6 }]]);
    const done = ended(m);
    m.start();
    await done;
    expect(guest.ran).toEqual(['0 0+11']);
  });

  test('an error of ours is told and stops the machine', async () => {
    const { m, guest } = machine([[FOREVER]]);
    guest.vcpu(0).run = () => {
      throw new Error('ours');
    };
    const told = new Promise((resolve) => {
      m.onFault = resolve;
    });
    m.start();
    expect(await told).toEqual(new Error('ours'));
    expect(m.running).toBe(false);
  });
});

describe('idle', () => {
  test('virtual: time jumps to the next timer', async () => {
    const { m, guest } = machine([[{ work: 1, exit: { kind: 'wait' }, timer: 10 ** 12 }, { work: 1 }]]);
    const done = ended(m);
    m.start();
    await done;
    expect(guest.ran).toEqual(['0 0+1', `0 ${10 ** 12 + 1}+1`]);
  });
  test('real: time passes as the host’s does', async () => {
    const { m, guest } = machine([[{ work: 1, exit: { kind: 'wait' }, timer: 2_000_000 }, { work: 1 }]], 'real');
    const done = ended(m);
    m.start();
    const before = clock;
    await done;
    expect(clock - before).toBeGreaterThanOrEqual(20);
    expect(guest.ran).toEqual(['0 0+1', '0 2000001+1']);
  });
  test('real: what is typed finds the guest at the time that it is then', async () => {
    const far = { work: 1, exit: { kind: 'wait' }, timer: 10 ** 12 } as const;
    const { m, guest } = machine([[far, { work: 7 }]], 'real');
    const done = ended(m);
    m.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = guest.vcpu(0).elapsed();
    clock += 500;
    m.post(input);
    await done;
    // 100 instructions in each microsecond of 500 ms.
    expect(m.inputs.kept[0]?.at).toBeGreaterThanOrEqual(before + 50_000_000n);
    expect(guest.ran).toEqual(['0 0+1', `0 ${m.inputs.kept[0]?.at}+7`]);
  });
  test('only something from outside can wake it', async () => {
    const { m, guest } = machine([[{ work: 7, exit: { kind: 'wait' } }, { work: 1 }]]);
    const done = ended(m);
    m.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([m.running, guest.ran]).toEqual([true, ['0 0+7']]);
    m.post(input);
    await done;
    expect([guest.ran, m.inputs.kept]).toMatchObject([['0 0+8'], [{ at: 7n, input }]]);
  });
});

describe('from outside', () => {
  test('events come between rounds, in order, with the time at which they came', async () => {
    const { m, guest } = machine([[{ work: 250_000 }], [{ work: 250_000 }]]);
    const done = ended(m);
    m.post(input);
    m.start();
    m.post({ kind: 'console-input', data: Uint8Array.of(66) });
    await done;
    const sixtySix = { kind: 'console-input', data: Uint8Array.of(66) };
    expect(m.inputs.kept).toMatchObject([
      { at: 0n, input },
      { at: 0n, input: sixtySix },
    ]);
    expect(guest.events.map(({ at }) => at)).toEqual([0n, 0n]);
  });
  test('an interrupt stops a guest that runs for ever, and a start goes on', async () => {
    const { m, guest } = machine([[FOREVER], [FOREVER]]);
    const first = stopped(m);
    m.start();
    m.interrupt();
    expect((await first).reason).toEqual({ kind: 'interrupt' });
    const second = stopped(m);
    m.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    m.interrupt();
    await second;
    expect(guest.vcpu(0).elapsed()).toBeGreaterThan(0n);
    expect(guest.vcpu(0).elapsed()).toBe(guest.vcpu(1).elapsed());
  });
  test('paused, it does not run', async () => {
    const { m, guest } = machine([[{ work: 5 }]]);
    const done = ended(m);
    m.paused = true;
    m.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(guest.ran).toEqual([]);
    m.paused = false;
    await done;
    expect(guest.ran).toEqual(['0 0+5']);
  });
});

describe('played again', () => {
  // A round in which nobody can run begins anew with the first vCPU, which is whose turn it is then.
  test('a round in which nobody could run counts, once something has happened in the one before', async () => {
    const wait = (timer: number): Step => ({ work: 7, exit: { kind: 'wait' }, timer });
    const script: Step[][] = [
      [wait(10 ** 12), { work: 3 }],
      [wait(1000), { work: 3 }],
    ];
    const { m, guest } = machine(script);
    m.makeCourse = (vcpu, plan) => new Stepper(vcpu, plan, new CodeStops(guest));
    m.runTo(14n);
    const step = stopped(m);
    m.start(new Map([[1, { kind: 'step', mode: 'into' }]]));
    await step;
    const interrupted = stopped(m);
    m.post(input);
    guest.onInput = () => m.interrupt();
    m.start(new Map([[0, 'continue']]));
    await interrupted;
    const done = ended(m);
    m.start();
    await done;
    expect(guest.ran.slice(2)).toEqual(['0 1014+3', '1 1017+3']);
    const { m: again, guest: other } = machine(script);
    again.makeCourse = (vcpu, plan) => new Stepper(vcpu, plan, new CodeStops(other));
    again.play(m.inputs.kept);
    again.runTo(1020n);
    expect(other.ran).toEqual(guest.ran);
  });
});

describe('a debugger’s actions', () => {
  test('a step: one instruction, interruptions kept away; who has no action stays', async () => {
    const { m, guest } = machine([[FOREVER], [FOREVER]]);
    const done = stopped(m);
    m.makeCourse = (vcpu, plan) => new Stepper(vcpu, plan, new CodeStops(guest));
    m.start(new Map([[1, { kind: 'step', mode: 'mask' }]]));
    expect(await done).toEqual({ vcpu: 1, reason: { kind: 'step' } });
    expect([guest.ran, guest.vcpu(1).runs.at(-1)?.holdInterruptions]).toEqual([['1 0+1'], true]);
  });
  test.each([
    ['alone', false],
    ['while another runs', true],
  ])('a step of a vCPU that waits for ever is over at once, %s', async (_, both) => {
    const { m, guest } = machine([[FOREVER], [{ work: 1, exit: { kind: 'wait' } }, FOREVER]]);
    const step = { kind: 'step', mode: 'mask' } as const;
    m.makeCourse = (vcpu, plan) => new Stepper(vcpu, plan, new CodeStops(guest));
    const waiting = stopped(m);
    m.start(new Map([[1, step]]));
    await waiting;
    const again = stopped(m);
    m.start(new Map<number, CoursePlan | 'continue'>([...(both ? [[0, 'continue'] as const] : []), [1, step]]));
    const { vcpu, reason } = await again;
    expect([vcpu, reason.kind === 'step' && reason.note]).toEqual([
      1,
      'CPU 1 waits for an interruption and has executed nothing; to set its PC ends the wait',
    ]);
    expect(guest.ran).toEqual(['1 0+1']);
  });
  test.each([
    ['alone', false],
    ['while another runs', true],
  ])('a step of a vCPU with a timer goes on where that ends its wait, %s', async (_, both) => {
    const { m, guest } = machine([[FOREVER], [{ work: 1, exit: { kind: 'wait' }, timer: 500 }, FOREVER]]);
    const step = { kind: 'step', mode: 'mask' } as const;
    m.makeCourse = (vcpu, plan) => new Stepper(vcpu, plan, new CodeStops(guest));
    const waiting = stopped(m);
    m.start(new Map([[1, step]]));
    await waiting;
    const again = stopped(m);
    m.start(new Map<number, CoursePlan | 'continue'>([...(both ? [[0, 'continue'] as const] : []), [1, step]]));
    expect(await again).toEqual({ vcpu: 1, reason: { kind: 'step' } });
    expect(guest.vcpu(1).waiting).toBe(false);
  });
  test('a stop in the middle of a turn: the next start goes on in that turn', async () => {
    const run = async (stops: boolean): Promise<string[]> => {
      const debug: Step = { work: 10, exit: { kind: 'debug', reason: { kind: 'breakpoint', hardware: false } } };
      const plain: Step = { work: 10 };
      const { m, guest } = machine([[stops ? debug : plain, { work: 250_000 }], [{ work: 150_000 }]]);
      const done = ended(m);
      if (stops) {
        const at = stopped(m);
        m.start();
        expect((await at).reason).toEqual({ kind: 'breakpoint', hardware: false });
      }
      m.start();
      await done;
      return guest.ran;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});
