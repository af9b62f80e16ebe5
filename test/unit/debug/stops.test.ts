import { describe, expect, test } from 'vitest';
import { CodeStops } from '../../../src/debug/stops.ts';
import type { VcpuExit } from '../../../src/machine/exit.ts';
import { BREAKPOINT_FILTER_BYTES } from '../../../src/machine/layout.ts';
import type { SymbolPort } from '../../../src/machine/symbols.ts';
import { type Program, WalkingGuest } from './program.ts';

const breakpoint = (hardware = false): VcpuExit => ({ kind: 'debug', reason: { kind: 'breakpoint', hardware } });
const quantum: VcpuExit = { kind: 'quantum' };
/** So many instructions that a test which misses its stop comes to an end. */
const MANY = 100n;
const checked = { count: MANY, checked: true, holdInterruptions: false };

function setUp(program: Program = {}) {
  const guest = new WalkingGuest(program);
  const stops = new CodeStops(guest);
  guest.stops = stops;
  return { guest, stops, vcpu: guest.vcpu(0) };
}
const at = (...addresses: number[]) => new Map(addresses.map((a) => [BigInt(a), { hardware: false }]));

/** Addresses that share a place in the filter with this one. */
const twin = (address: number): number => address + 2 * BREAKPOINT_FILTER_BYTES;

describe('breakpoints', () => {
  test('stop in front of the instruction, and say which kind they are', () => {
    const { stops, vcpu } = setUp();
    stops.setBreakpoints(new Map([[0x1008n, { hardware: true }]]));
    expect(vcpu.run(checked)).toEqual(breakpoint(true));
    expect(vcpu.trace).toEqual([0x1000, 0x1004]);
  });

  test('count in checked runs only', () => {
    const { stops, vcpu } = setUp();
    stops.setBreakpoints(at(0x1008));
    expect(vcpu.run({ ...checked, checked: false })).toEqual(quantum);
  });

  test('do not count at other addresses that the filter cannot tell from them', () => {
    const { stops, vcpu } = setUp({ 4096: { to: twin(0x1008) } });
    stops.setBreakpoints(at(0x1008));
    expect(vcpu.run({ ...checked, count: 3n })).toEqual(quantum);
    expect(vcpu.trace).toContain(twin(0x1008));
  });

  test('leave nothing in the filter when they go, and take nothing of one that stays', () => {
    const { guest, stops, vcpu } = setUp();
    stops.setBreakpoints(at(0x1008, twin(0x1008), 0x1010));
    stops.setBreakpoints(at(0x1008));
    expect(guest.breakpointFilter.reduce((sum, byte) => sum + byte, 0)).toBe(1);
    expect(vcpu.run(checked)).toEqual(breakpoint());
    stops.setBreakpoints(at());
    expect(guest.breakpointFilter.every((byte) => byte === 0)).toBe(true);
    expect(vcpu.run(checked)).toEqual(quantum);
  });

  test.each([
    ['in the space of its limit', 7n, true],
    ['in another space', 8n, false],
    ['in no space', undefined, false],
  ] as const)('of one space, the vCPU %s', (_, space, stopsThere) => {
    const { stops, vcpu } = setUp();
    stops.setBreakpoints(at(0x1008));
    stops.limits.set(0x1008n, { space: 7n, name: 0x7000n });
    vcpu.space = space;
    expect(vcpu.run(checked)).toEqual(stopsThere ? breakpoint() : quantum);
  });
});

describe('bounds', () => {
  const loop: Program = { 4104: { to: 0x1000, times: 3 } };

  test('a run ends in front of the first instruction outside, wherever it lies', () => {
    const { stops, vcpu } = setUp(loop);
    const within = { start: 0x1000n, end: 0x100cn };
    expect(stops.bounded({ within }, () => vcpu.run(checked))).toEqual(quantum);
    expect([vcpu.trace.length, vcpu.at]).toEqual([12, 0x100cn]);
  });

  test('a breakpoint inside them is met first, one on the first instruction outside is not met yet', () => {
    const { stops, vcpu } = setUp(loop);
    stops.setBreakpoints(at(0x1004, 0x100c));
    const within = { start: 0x1000n, end: 0x100cn };
    expect(stops.bounded({ within }, () => vcpu.run(checked))).toEqual(breakpoint());
    stops.setBreakpoints(at(0x100c));
    expect(stops.bounded({ within }, () => vcpu.run(checked))).toEqual(quantum);
    expect(vcpu.run(checked)).toEqual(breakpoint());
  });

  test('a run ends in front of the instruction that it goes to, unless a breakpoint is there', () => {
    const { stops, vcpu } = setUp();
    expect(stops.bounded({ until: 0x1008n }, () => vcpu.run(checked))).toEqual(quantum);
    expect(vcpu.at).toBe(0x1008n);
    stops.setBreakpoints(at(0x1010));
    expect(stops.bounded({ until: 0x1010n }, () => vcpu.run(checked))).toEqual(breakpoint());
  });

  test('are forgotten behind the run, even one that throws', () => {
    const { guest, stops, vcpu } = setUp();
    stops.setBreakpoints(at(0x1010));
    const boom = (): never => {
      throw new Error('boom');
    };
    expect(() => stops.bounded({ within: { start: 0n, end: 4n }, until: 0x1004n }, boom)).toThrow('boom');
    expect(guest.breakpointFilter.reduce((sum, byte) => sum + byte, 0)).toBe(1);
    expect(vcpu.run(checked)).toEqual(breakpoint());
    expect(vcpu.at).toBe(0x1010n);
  });
});

describe('places where symbols change', () => {
  const images: VcpuExit = { kind: 'debug', reason: { kind: 'images' } };
  const port = (changes: SymbolPort['changes']): SymbolPort => ({
    displacement: () => undefined,
    images: () => [],
    content: () => undefined,
    places: () => [0x1008n],
    changes,
    probe: 'start',
    probeAddress: () => undefined,
  });

  test('stop once at one instruction, and again the next time', () => {
    const { guest, stops, vcpu } = setUp({ 4108: { to: 0x1000 } });
    guest.symbols = port(() => true);
    stops.followSymbols(true);
    expect(vcpu.run(checked)).toEqual(images);
    expect(vcpu.trace).toEqual([0x1000, 0x1004]);
    expect(vcpu.run(checked)).toEqual(images);
    expect(vcpu.trace).toEqual([0x1000, 0x1004, 0x1008, 0x100c, 0x1000, 0x1004]);
  });

  test('hide no breakpoint at the same address', () => {
    const { guest, stops, vcpu } = setUp();
    guest.symbols = port(() => true);
    stops.setBreakpoints(at(0x1008));
    stops.followSymbols(true);
    expect(vcpu.run(checked)).toEqual(images);
    expect(vcpu.run(checked)).toEqual(breakpoint());
  });

  test('are no stops when nothing changes there, and none when nobody follows', () => {
    const { guest, stops, vcpu } = setUp({ 4108: { to: 0x1000 } });
    let asked = 0;
    guest.symbols = port(() => {
      asked++;
      return false;
    });
    stops.followSymbols(true);
    expect(vcpu.run({ ...checked, count: 8n })).toEqual(quantum);
    expect(asked).toBe(2);
    stops.followSymbols(false);
    expect(vcpu.run({ ...checked, count: 8n })).toEqual(quantum);
    expect(asked).toBe(2);
    expect(guest.breakpointFilter.every((byte) => byte === 0)).toBe(true);
  });
});
