import { describe, expect, test } from 'vitest';
import { Stepper } from '../../../src/debug/stepper.ts';
import { CodeStops } from '../../../src/debug/stops.ts';
import type { ResumeAction } from '../../../src/debug/target.ts';
import type { StepMode } from '../../../src/machine/course.ts';
import type { VcpuExit } from '../../../src/machine/exit.ts';
import { HANDLER, type Program, WalkingGuest } from './program.ts';

type RangeOrStep = Exclude<ResumeAction, { readonly kind: 'continue' }>;
const step: RangeOrStep = { kind: 'step' };
const range: RangeOrStep = { kind: 'range', start: 0x1000n, end: 0x1010n };
/** Instructions of a piece when the stepper does not say. */
const PIECE = 50n;

function setUp(program: Program, action: RangeOrStep, mode: StepMode = 'mask') {
  const guest = new WalkingGuest(program);
  const stops = new CodeStops(guest);
  guest.stops = stops;
  const vcpu = guest.vcpu(0);
  const stepper = new Stepper(vcpu, { ...action, mode }, stops);
  const advance = (): VcpuExit => stepper.advance((how, most) => vcpu.run({ ...how, count: most ?? PIECE }));
  /** Goes on to the end, or to an exit that ends the step otherwise; the last exit. */
  const finish = (pieces = 20): VcpuExit => {
    for (let i = 0; i < pieces; i++) {
      const exit = advance();
      if (exit.kind === 'debug' || stepper.over) return exit;
    }
    throw new Error(`no end after ${pieces} pieces; at ${vcpu.at.toString(16)}`);
  };
  return { guest, stops, vcpu, stepper, advance, finish };
}

describe('a step', () => {
  test('is one instruction, and over only when that was executed', () => {
    const { vcpu, stepper, advance } = setUp({}, step);
    expect(stepper.over).toBe(false);
    advance();
    expect([vcpu.trace, stepper.over]).toEqual([[0x1000], true]);
  });

  test('leaves a breakpoint at which it begins, and ends in front of one that it comes to as a step', () => {
    const { stops, vcpu, finish } = setUp({}, step);
    stops.setBreakpoints(
      new Map([
        [0x1000n, { hardware: false }],
        [0x1004n, { hardware: false }],
      ]),
    );
    expect(finish()).toEqual({ kind: 'quantum' });
    expect(vcpu.at).toBe(0x1004n);
  });

  test('into a wait is a step', () => {
    const { vcpu, finish } = setUp({ 4096: { wait: true } }, step);
    expect(finish()).toEqual({ kind: 'wait' });
    expect([vcpu.waiting, vcpu.at]).toEqual([true, 0x1004n]);
  });

  test('of a vCPU that waits is the interruption that ends its wait', () => {
    const { vcpu, stepper, advance } = setUp({}, step);
    vcpu.waiting = true;
    vcpu.interrupting = true;
    advance();
    expect([vcpu.at, vcpu.trace, stepper.over]).toEqual([BigInt(HANDLER), [], true]);
  });
});

describe('a range', () => {
  const loop: Program = { 4108: { to: 0x1000, times: 2 } };

  test('goes on inside it and ends in front of the first instruction outside', () => {
    const { vcpu, finish } = setUp(loop, range);
    finish();
    expect([vcpu.at, vcpu.trace.length]).toEqual([0x1010n, 12]);
  });

  test('left by the first instruction is over', () => {
    const { vcpu, finish } = setUp({ 4096: { to: 0x3000 } }, range);
    finish();
    expect(vcpu.trace).toEqual([0x1000]);
  });

  test('stops at a breakpoint inside it, at its own first instruction too when it comes round', () => {
    const { stops, vcpu, finish, stepper } = setUp(loop, range);
    stops.setBreakpoints(new Map([[0x1000n, { hardware: true }]]));
    expect(finish()).toEqual({ kind: 'debug', reason: { kind: 'breakpoint', hardware: true } });
    expect([vcpu.at, vcpu.trace.length, stepper.over]).toEqual([0x1000n, 4, false]);
  });

  test('ends with a wait inside it', () => {
    const { vcpu, finish } = setUp({ 4100: { wait: true } }, range);
    expect(finish().kind).toBe('wait');
    expect(vcpu.at).toBe(0x1008n);
  });
});

describe('interruptions from outside', () => {
  test('mask: are kept away from a step', () => {
    const { vcpu, finish } = setUp({}, step);
    vcpu.interrupting = true;
    finish();
    expect([vcpu.trace, vcpu.interrupting]).toEqual([[0x1000], true]);
  });

  test('mask: are let into a range that has gone on for long, for it may wait for one', () => {
    const forever: Program = { 4108: { to: 0x1000 } };
    const { vcpu, advance } = setUp(forever, range);
    vcpu.interrupting = true;
    for (let i = 0; i < 3000 && vcpu.interrupting; i++) advance();
    expect(vcpu.interrupting).toBe(false);
    expect(vcpu.trace.filter((a) => a < HANDLER).length).toBeGreaterThanOrEqual(100_000);
    expect(vcpu.runs.slice(0, 100).every((run) => run.holdInterruptions)).toBe(true);
  });

  test('into: to be at the first instruction of the handler is the step', () => {
    const { vcpu, finish } = setUp({}, step, 'into');
    vcpu.interrupting = true;
    finish();
    expect([vcpu.at, vcpu.trace]).toEqual([BigInt(HANDLER), []]);
  });

  test('over: the handler runs to its end, and then the instruction is executed', () => {
    const { vcpu, finish } = setUp({ [HANDLER + 8]: { back: true } }, step, 'over');
    vcpu.interrupting = true;
    finish();
    expect(vcpu.trace).toEqual([HANDLER, HANDLER + 4, HANDLER + 8, 0x1000]);
    expect(vcpu.at).toBe(0x1004n);
  });
});

describe('a handler that the instruction itself calls', () => {
  const call: Program = { 4096: { call: 0x9000 }, 0x9004: { back: true } };

  test.each(['mask', 'into'] as const)('%s: is gone into', (mode) => {
    const { vcpu, finish } = setUp(call, step, mode);
    finish();
    expect(vcpu.at).toBe(0x9000n);
  });

  test('over: is run to its end', () => {
    const { vcpu, finish } = setUp(call, step, 'over');
    finish();
    expect([vcpu.at, vcpu.trace]).toEqual([0x1004n, [0x1000, 0x9000, 0x9004]]);
  });

  test('over: another program at the address of the return is not the end', () => {
    // The handler passes through 0x1004 itself, as another program that executes the same text.
    const shared: Program = {
      4096: { call: 0x9000 },
      0x9000: { to: 0x1004 },
      0x1004: { to: 0x9008, times: 1 },
      0x9008: { back: true },
    };
    const { vcpu, finish } = setUp(shared, step, 'over');
    finish();
    expect([vcpu.at, vcpu.program]).toEqual([0x1004n, 'user']);
    expect(vcpu.trace).toEqual([0x1000, 0x9000, 0x1004, 0x9008]);
  });

  test('over: a breakpoint in the handler stops', () => {
    const { stops, vcpu, finish } = setUp(call, step, 'over');
    stops.setBreakpoints(new Map([[0x9004n, { hardware: false }]]));
    expect(finish()).toEqual({ kind: 'debug', reason: { kind: 'breakpoint', hardware: false } });
    expect(vcpu.at).toBe(0x9004n);
  });
});
