import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TURN, TURN_ALONE, Turns } from '../../../src/machine/turns.ts';
import { seed } from '../../support/seed.ts';
import { FakeGuest, type Step } from './fake-guest.ts';

const T = Number(TURN);
const wait = (work: number, timer?: number): Step => ({
  work,
  exit: { kind: 'wait' },
  ...(timer === undefined ? {} : { timer }),
});

/** Runs rounds of a guest to its end, in pieces of at most `piece` instructions. */
function play(
  scripts: readonly (readonly Step[])[],
  piece = Number.MAX_SAFE_INTEGER,
  paused: readonly number[] = [],
): FakeGuest {
  const guest = new FakeGuest(scripts);
  const turns = new Turns(guest.vcpus);
  for (let round = 0; round < 100; round++) {
    const before = turns.now;
    turns.beginRound();
    for (;;) {
      const turn = turns.next((v) => !paused.includes(v.id));
      if (turn === undefined) break;
      const count = turn.count < BigInt(piece) ? turn.count : BigInt(piece);
      turns.ran(turn.vcpu, turn.vcpu.run({ count, checked: false, holdInterruptions: false }));
    }
    if (turns.now > before) continue;
    const wake = turns.earliestWake;
    if (wake === undefined) break;
    turns.pass(wake - turns.now);
  }
  turns.bringAll();
  return guest;
}

describe('time is one', () => {
  test('turns follow one another in order, and none begins before the one before it has ended', () => {
    const { ran } = play([[{ work: T + 5 }], [{ work: 7 }], [{ work: T }]]);
    expect(ran).toEqual([`0 0+${T}`, `1 ${T}+7`, `2 ${T + 7}+${T}`, `0 ${2 * T + 7}+5`]);
  });
  test('one that is alone has longer turns; beside one that can run it has not', () => {
    const first = (scripts: readonly (readonly Step[])[], may = (_: { id: number }) => true): bigint | undefined => {
      const turns = new Turns(new FakeGuest(scripts).vcpus);
      turns.beginRound();
      return turns.next(may)?.count;
    };
    const two = [[{ work: 1 }], [{ work: 1 }]];
    const counts = [first([[{ work: 1 }]]), first(two), first(two, ({ id }) => id === 0)];
    expect(counts).toEqual([TURN_ALONE, TURN, TURN_ALONE]);
  });
  test('beside those that wait it has, until the first of them wakes; then somebody else can run', () => {
    const { ran } = play([[{ work: 9 }, { work: 4 * T }], [wait(1, 2 * T), { work: 5 }], [wait(1)]]);
    // The round in which the others still could run has a short turn.
    expect(ran.slice(0, 5)).toEqual([
      `0 0+${T}`,
      `1 ${T}+1`,
      `2 ${T + 1}+1`,
      `0 ${T + 2}+${2 * T - 1}`,
      `1 ${3 * T + 1}+5`,
    ]);
    expect(ran.slice(5)).toEqual([`0 ${3 * T + 6}+${T + 10}`]);
  });
  test('a long turn becomes a short one when another is signalled', () => {
    const signal: Step = { work: 30, exit: { kind: 'signal', to: 1 } };
    const { ran } = play([
      [{ work: T }, signal, { work: 2 * T }],
      [wait(1), { work: 2 * T }],
    ]);
    expect(ran).toEqual([
      `0 0+${T}`,
      `1 ${T}+1`,
      `0 ${T + 1}+30`,
      `1 ${T + 31}+${T}`,
      `0 ${2 * T + 31}+${T}`,
      `1 ${3 * T + 31}+${T}`,
      `0 ${4 * T + 31}+${T}`,
    ]);
  });
  test('a vCPU that waits idles, one whose turn it is not is passed over; in the end all are in the present', () => {
    const guest = play([[{ work: 50 }], [wait(10, 1000), { work: 1 }]]);
    const [a, b] = guest.vcpus;
    expect(guest.ran).toEqual(['0 0+50', '1 50+10', '1 1060+1']);
    expect([a?.elapsed(), b?.elapsed(), b?.idled, b?.passed]).toEqual([1061n, 1061n, 1000n, 50n]);
  });
  test('vCPUs that may not run are passed over, and do not wake', () => {
    const guest = play([[{ work: 10 }], [wait(1, 5), { work: 9 }]], undefined, [1]);
    expect([guest.ran, guest.vcpu(1).passed]).toEqual([['0 0+10'], 10n]);
  });
});

describe('calls in between', () => {
  test('a timer ends a wait in the middle of a turn, which goes on behind it', () => {
    const { ran } = play([[wait(10, 500), { work: 20 }], [{ work: T }], [{ work: 5 }]]);
    expect(ran).toEqual(['0 0+10', '1 10+500', '0 510+20', `1 530+${T - 500}`, `2 ${T + 30}+5`]);
  });
  test('who is signalled runs next; the turn of who signals goes on behind it', () => {
    const signal: Step = { work: 30, exit: { kind: 'signal', to: 0 } };
    const { ran } = play([[wait(1), { work: 7 }], [signal, { work: T - 30 }], [{ work: 5 }]]);
    expect(ran).toEqual(['0 0+1', '1 1+30', '0 31+7', `1 38+${T - 30}`, `2 ${T + 8}+5`]);
  });
  test.each([
    ['signals', { kind: 'signal', to: 0 }],
    ['gives its turn away', { kind: 'yield', to: 2 }],
  ] as const)('a stop where a vCPU %s changes nothing of who runs next', (_, exit) => {
    const scripts = (end: Step['exit']): Step[][] => [
      [wait(1), { work: 7 }],
      [{ work: 30, ...(end && { exit: end }) }, { work: T - 30 }],
      [{ work: 5 }],
    ];
    const reason = { kind: 'watchpoint', access: 'write', address: 0n } as const;
    expect(play(scripts({ kind: 'debug', reason, inPlaceOf: exit })).ran).toEqual(play(scripts(exit)).ran);
  });
  test('a turn that is given away is over', () => {
    const { ran } = play([[{ work: 30, exit: { kind: 'yield', to: 2 } }, { work: 10 }], [{ work: 5 }], [{ work: 7 }]]);
    expect(ran).toEqual(['0 0+30', '2 30+7', '1 37+5', '0 42+10']);
    const plain = play([[{ work: 30, exit: { kind: 'yield' } }, { work: 10 }], [{ work: 5 }], [{ work: 7 }]]);
    expect(plain.ran).toEqual(['0 0+30', '1 30+5', '2 35+7', '0 42+10']);
  });
  test('a turn for one that cannot run, or is not there, is nobody’s', () => {
    for (const to of [1, 9]) {
      const { ran } = play([[{ work: 30, exit: { kind: 'yield', to } }, { work: 10 }], [wait(1)], [{ work: 7 }]]);
      expect(ran.slice(0, 3)).toEqual(to === 1 ? ['0 0+30', '1 30+1', '2 31+7'] : ['0 0+30', '1 30+1', '2 31+7']);
    }
  });
  test('two that keep calling one another leave the third its turn', () => {
    const calls = (to: number): Step[] =>
      Array.from({ length: 2000 }, () => ({ work: 1000, exit: { kind: 'signal', to } }));
    const guest = new FakeGuest([calls(1), calls(0), [{ work: 5 }]]);
    const turns = new Turns(guest.vcpus);
    turns.beginRound();
    for (let i = 0; i < 10_000 && guest.vcpu(2).executed() === 0n; i++) {
      const turn = turns.next(() => true);
      if (turn === undefined) break;
      turns.ran(turn.vcpu, turn.vcpu.run({ count: turn.count, checked: false, holdInterruptions: false }));
    }
    expect(guest.trace.some(({ id }) => id === 2)).toBe(true);
    expect(turns.now).toBeLessThan(11n * TURN);
  });
  test('one that says it would wake but cannot does not hold the others up', () => {
    const guest = new FakeGuest([[{ work: 5 }], [{ work: 1 }]]);
    const stuck = guest.vcpu(1);
    stuck.waiting = true;
    stuck.untilWake = (): bigint => 0n;
    const turns = new Turns(guest.vcpus);
    turns.beginRound();
    const counts: bigint[] = [];
    for (let i = 0; i < 20; i++) {
      const turn = turns.next(() => true);
      if (turn === undefined) break;
      counts.push(turn.count);
      turns.ran(turn.vcpu, turn.vcpu.run({ count: turn.count, checked: false, holdInterruptions: false }));
    }
    expect([guest.vcpu(0).stopped, counts.length]).toEqual([true, 2]);
  });
});

test('who runs when does not depend on the pieces that turns are run in', () => {
  const scripts: Step[][] = [
    [wait(10, 500), { work: 20, exit: { kind: 'signal', to: 2 } }, { work: 3 * T }],
    [{ work: T + 77 }, { work: 100, exit: { kind: 'yield', to: 0 } }, wait(3, 40_000), { work: 2 * T }],
    [wait(5), { work: 1000 }, wait(1, 12_345), { work: T }],
  ];
  const whole = play(scripts);
  for (const piece of [1000, 777, 99_999]) expect(play(scripts, piece).ran).toEqual(whole.ran);
});

const anyStep = fc.record({
  work: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 * T })),
  exit: fc.oneof(
    fc.record({ kind: fc.constant('signal' as const), to: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ kind: fc.constant('yield' as const), to: fc.integer({ min: 0, max: 2 }) }),
    fc.constant({ kind: 'wait' as const }),
  ),
  timer: fc.integer({ min: 1, max: 3 * T }),
});

test('nor with any scripts and pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyStep, { minLength: 1, maxLength: 40 }), { minLength: 3, maxLength: 3 }),
      fc.integer({ min: 200, max: T }),
      (scripts, piece) => {
        expect(play(scripts, piece).ran).toEqual(play(scripts).ran);
      },
    ),
    { seed, numRuns: 300 },
  );
});
