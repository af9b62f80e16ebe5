import { describe, expect, test } from 'vitest';
import { Debugger } from '../../../src/debug/debugger.ts';
import type { ResumeAction } from '../../../src/debug/target.ts';
import type { StopEvent } from '../../../src/machine/exit.ts';
import type { GuestEnd } from '../../../src/machine/guest.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { type Program, startOf, WalkingGuest } from './program.ts';

/** Every vCPU goes round in the first 16 bytes from its start. */
const round: Program = { 4108: { to: 0x1000 }, 8204: { to: 0x2000 }, 12300: { to: 0x3000 } };
const goOn: ResumeAction = { kind: 'continue' };
const step: ResumeAction = { kind: 'step' };

function setUp(program: Program = round, vcpus = 1) {
  const guest = new WalkingGuest(program, vcpus);
  let now = 0;
  const machine = new Machine(guest, {
    clock: 'virtual',
    now: () => {
      now += 0.1;
      return now;
    },
    instructionsPerMicrosecond: 100,
  });
  const target = new Debugger(machine);
  target.attach();
  const stop = (): Promise<StopEvent> => new Promise((resolve) => target.onStop(resolve));
  /** Lets these vCPUs go on, all when none are given, and waits for the stop. */
  const resume = (actions: readonly (readonly [number, ResumeAction])[] = []): Promise<StopEvent> => {
    const stopped = stop();
    target.resume(new Map(actions.length > 0 ? actions : guest.vcpus.map((v) => [v.id, goOn])));
    return stopped;
  };
  const end = (): Promise<GuestEnd> =>
    new Promise((resolve) => {
      machine.onEnd = resolve;
    });
  return { guest, machine, target, stop, resume, end };
}
const breakpoint = (hardware: boolean) => ({ kind: 'breakpoint', hardware });

describe('breakpoints', () => {
  test('stop the vCPU that comes to one, and the others are at rest', async () => {
    const { guest, machine, target, resume } = setUp(round, 2);
    target.insertBreakpoint('software', 0x2008n, 4, 0);
    expect(await resume()).toEqual({ vcpu: 1, reason: breakpoint(false) });
    expect(machine.running).toBe(false);
    expect(guest.vcpu(1).at).toBe(0x2008n);
    expect(guest.vcpu(0).elapsed()).toBe(guest.vcpu(1).elapsed());
  });

  test('set twice go with one removal; of two kinds the software one is told, and each goes for itself', async () => {
    const { target, resume, guest } = setUp();
    target.insertBreakpoint('hardware', 0x1008n, 4, 0);
    target.insertBreakpoint('hardware', 0x1008n, 4, 0);
    target.insertBreakpoint('software', 0x1008n, 4, 0);
    expect((await resume()).reason).toEqual(breakpoint(false));
    target.removeBreakpoint('software', 0x1008n, 4);
    expect((await resume([[0, step]])).reason).toEqual({ kind: 'step' });
    expect((await resume()).reason).toEqual(breakpoint(true));
    target.removeBreakpoint('hardware', 0x1008n, 4);
    target.insertBreakpoint('software', 0x1004n, 4, 0);
    await resume();
    expect(guest.vcpu(0).at).toBe(0x1004n);
  });

  test('that are not there can be removed', () => {
    const { target } = setUp();
    expect(target.removeBreakpoint('software', 0x1008n, 4)).toBe(true);
    expect(target.removeBreakpoint('write', 0x1008n, 4)).toBe(true);
  });

  test('at the instruction where a vCPU is count when it goes on, and not when it steps', async () => {
    const { target, resume, guest } = setUp();
    target.insertBreakpoint('software', BigInt(startOf(0)), 4, 0);
    expect((await resume()).reason).toEqual(breakpoint(false));
    expect(guest.vcpu(0).trace).toEqual([]);
    expect((await resume([[0, step]])).reason).toEqual({ kind: 'step' });
    expect(guest.vcpu(0).trace).toEqual([0x1000]);
  });
});

describe('who runs', () => {
  test('a vCPU without an action stays where it is', async () => {
    const { guest, resume } = setUp(round, 3);
    expect(await resume([[1, step]])).toEqual({ vcpu: 1, reason: { kind: 'step' } });
    expect(guest.vcpus.map((v) => v.trace.length)).toEqual([0, 1, 0]);
  });

  test('one steps while another goes on: the step ends it for both', async () => {
    const { resume } = setUp(round, 2);
    const actions = [
      [0, goOn],
      [1, { kind: 'range', start: 0x2000n, end: 0x2004n }],
    ] as const;
    expect(await resume(actions)).toEqual({ vcpu: 1, reason: { kind: 'step' } });
  });

  test('a breakpoint of one that goes on stops the step of another', async () => {
    const { target, resume } = setUp({ ...round, 8192: { to: 0x2000 } }, 2);
    target.insertBreakpoint('software', 0x1004n, 4, 0);
    const forever = { kind: 'range', start: 0x2000n, end: 0x2004n } as const;
    expect(
      await resume([
        [0, goOn],
        [1, forever],
      ]),
    ).toEqual({ vcpu: 0, reason: breakpoint(false) });
  });

  test('an action of a vCPU that is not there changes nothing', async () => {
    const { resume } = setUp();
    expect(
      await resume([
        [0, step],
        [7, step],
      ]),
    ).toEqual({ vcpu: 0, reason: { kind: 'step' } });
  });

  test('an interrupt stops a guest that would go on for ever, and is forgotten then', async () => {
    const { target, stop, resume } = setUp();
    const stopped = stop();
    target.resume(new Map([[0, goOn]]));
    target.interrupt();
    expect((await stopped).reason).toEqual({ kind: 'interrupt' });
    expect((await resume([[0, step]])).reason).toEqual({ kind: 'step' });
  });
});

describe('coming and going', () => {
  test('attaching stops every vCPU without an event', async () => {
    const { guest, machine, target } = setUp();
    target.detach();
    expect(machine.running).toBe(true);
    target.onStop(() => {
      throw new Error('nobody asked for a stop');
    });
    await new Promise((resolve) => setImmediate(resolve));
    target.attach();
    const before = guest.vcpu(0).trace.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect([machine.running, guest.vcpu(0).trace.length]).toEqual([false, before]);
  });

  test('a detached guest runs on past what were breakpoints, and its end is an end', async () => {
    const { guest, target, end } = setUp({ 4112: { exit: { kind: 'stopped' } } });
    target.insertBreakpoint('software', 0x1008n, 4, 0);
    target.insertBreakpoint('write', 0x4000n, 8, 0);
    const ended = end();
    target.detach();
    expect(await ended).toEqual({ status: 0, message: 'all stopped' });
    expect(guest.breakpointFilter.every((byte) => byte === 0)).toBe(true);
  });

  test('the end of a guest that a debugger holds is a stop', async () => {
    const { resume } = setUp({ 4100: { exit: { kind: 'crashed', message: 'lost' } } });
    expect(await resume()).toEqual({ vcpu: 0, reason: { kind: 'guest-ended', message: 'CPU 0: lost' } });
  });

  test('killing ends the guest for good', async () => {
    const { machine, target, end } = setUp();
    const ended = end();
    target.kill();
    expect(await ended).toEqual({ status: 0, message: 'killed by the debugger' });
    expect(machine.running).toBe(false);
  });
});

describe('registers', () => {
  test('are numbered across the features; one that is not there has no value and takes none', () => {
    const { target, guest } = setUp();
    guest.registers.set('0 pc', Uint8Array.of(8));
    expect(target.readRegister(0, 1)).toEqual(Uint8Array.of(8));
    expect(target.readRegister(0, 2)).toBeUndefined();
    expect(target.writeRegister(0, 2, Uint8Array.of(1))).toBe(false);
  });

  test('take values of their own width only', () => {
    const { target, guest } = setUp();
    expect(target.writeRegister(0, 0, Uint8Array.of(1, 2, 3))).toBe(false);
    expect(target.writeRegister(0, 0, Uint8Array.of(1, 2, 3, 4))).toBe(true);
    expect([...guest.registers]).toEqual([['0 r0', Uint8Array.of(1, 2, 3, 4)]]);
  });
});

describe('watchpoints', () => {
  test('are given to the guest at a resume, and again only when something is watched otherwise', async () => {
    const { guest, target, resume } = setUp();
    target.insertBreakpoint('write', 0x4000n, 8, 0);
    expect(guest.watch).toBeUndefined();
    await resume([[0, step]]);
    expect([guest.watch?.watchesFrame(4), guest.watchSaid]).toEqual([true, 1]);
    target.removeBreakpoint('write', 0x4000n, 8);
    target.insertBreakpoint('write', 0x4000n, 8, 0);
    await resume([[0, step]]);
    expect(guest.watchSaid).toBe(1);
    target.insertBreakpoint('read', 0x5000n, 1, 0);
    await resume([[0, step]]);
    expect([guest.watch?.watchesFrame(5), guest.watchSaid]).toEqual([true, 2]);
    target.removeBreakpoint('write', 0x4000n, 8);
    target.removeBreakpoint('read', 0x5000n, 1);
    await resume([[0, step]]);
    expect([guest.watch, guest.watchSaid]).toEqual([undefined, 3]);
  });

  test('of one kind and place but of two lengths go one by one', async () => {
    const { guest, target, resume } = setUp();
    target.insertBreakpoint('access', 0x4ffcn, 8, 0);
    target.insertBreakpoint('access', 0x4ffcn, 4, 0);
    target.removeBreakpoint('access', 0x4ffcn, 8);
    await resume([[0, step]]);
    expect([guest.watch?.watchesFrame(4), guest.watch?.watchesFrame(5)]).toEqual([true, false]);
  });

  test('are not met by what a debugger has stored', async () => {
    const { guest, target, resume } = setUp();
    target.insertBreakpoint('write', 0x4000n, 8, 0);
    await resume([[0, step]]);
    target.writeMemory(0, 0x4000n, Uint8Array.of(3));
    await resume([[0, step]]);
    guest.watch?.stored(0x4000, 1);
    expect(guest.watch?.met()).toBeUndefined();
  });

  test('go with the debugger', async () => {
    const { guest, target, resume } = setUp();
    target.insertBreakpoint('write', 0x4000n, 8, 0);
    await resume([[0, step]]);
    target.detach();
    expect(guest.watch).toBeUndefined();
    target.attach();
  });
});
