import { expect, test } from 'vitest';
import { Breakpoints } from '../../../src/engine/breakpoints.ts';
import type { EngineHooks } from '../../../src/machine/arch.ts';
import { decodeEntry, engineState, filterByte, filterSlot, handlers } from '../../../src/machine/layout.ts';
import type { QuickTests } from '../../../src/machine/quick-test.ts';

const FILTER = 0x20000;
const PAGE = 0x10000;
const VCPU = 0x1000;
const ROW = handlers.firstRow + 7;

/** One decode page whose entries at byte offsets 0, 8 and 16 are filled; what the translator was told of. */
function fixture() {
  const memory = new WebAssembly.Memory({ initial: 4 });
  const view = new DataView(memory.buffer);
  const entryOf = (offset: number): number => PAGE + (offset >> 1) * decodeEntry.bytes;
  for (const offset of [0, 8, 16]) view.setUint16(entryOf(offset) + decodeEntry.handler, ROW, true);
  const stops = new Set<bigint>();
  const pcOf = (vcpu: number): bigint => view.getBigUint64(vcpu + engineState.pc.offset, true);
  const hooks = {
    breakpoint: (vcpu: number) => (stops.has(pcOf(vcpu)) ? 1 : 0),
  } as Partial<EngineHooks> as EngineHooks;
  const pages = {
    all: () => [PAGE],
    storageOffset: (entry: number) => ((entry - PAGE) / decodeEntry.bytes) * 2,
    distance: (bytes: number) => (bytes >> 1) * decodeEntry.bytes,
  };
  const quickTests: QuickTests = new Map();
  const breakpoints = new Breakpoints({ translatable: { pages } as never, hooks, quickTests }, memory, FILTER);
  const told: number[][] = [];
  breakpoints.changed = (places) => told.push([...places].sort((a, b) => a - b));
  const set = (...addresses: bigint[]): void => {
    new Uint8Array(memory.buffer, FILTER, 1 << 15).fill(0);
    stops.clear();
    for (const a of addresses) {
      new Uint8Array(memory.buffer)[FILTER + filterSlot(a)] = 1;
      stops.add(a);
    }
  };
  const askAt = (address: bigint): number => {
    view.setBigUint64(VCPU + engineState.pc.offset, address, true);
    return breakpoints.ask(VCPU, entryOf(Number(address)));
  };
  const handler = (offset: number): number => view.getUint16(entryOf(offset) + decodeEntry.handler, true);
  const setQuick = (address: bigint, holds: () => boolean): void => {
    set(address);
    new Uint8Array(memory.buffer)[FILTER + filterSlot(address)] = filterByte.quick;
    quickTests.set(filterSlot(address), { high: 0, low: Number(address), holds });
  };
  return { breakpoints, told, set, setQuick, askAt, handler };
}

test('a breakpoint that is taken out and put back at each stop costs no translation', () => {
  const { breakpoints, told, set, handler } = fixture();
  for (let i = 0; i < 5; i++) {
    set(8n);
    expect(breakpoints.run(() => expect(handler(8)).toBe(handlers.breakpoint))).toBe(true);
    set();
    expect(breakpoints.run(() => undefined)).toBe(true);
  }
  expect(told).toEqual([[4]]);
});

test('the place of a breakpoint that is gone asks in vain, and is given back once it has cost too much', () => {
  const { breakpoints, told, set, askAt, handler } = fixture();
  set(8n);
  breakpoints.run(() => expect(askAt(8n)).toBe(-1));
  set();
  breakpoints.run(() => {
    for (let i = 0; i <= 1000; i++) expect(askAt(8n)).toBe(ROW);
  });
  expect(handler(8)).toBe(handlers.breakpoint);
  breakpoints.beforeUnasked();
  expect(handler(8)).toBe(ROW);
  expect(told).toEqual([[4], []]);
});

test('outside a run that looks at breakpoints there are none', () => {
  const { breakpoints, set, askAt } = fixture();
  set(8n);
  breakpoints.run(() => undefined);
  expect(askAt(8n)).toBe(ROW);
  expect(breakpoints.stopsAt(VCPU)).toBe(false);
});

test('more slots than breakpoints ever are leave the run to its caller', () => {
  const { breakpoints, set } = fixture();
  set(...Array.from({ length: 300 }, (_, i) => BigInt(2 * i)));
  let ran = false;
  expect(breakpoints.run(() => (ran = true))).toBe(false);
  expect(ran).toBe(false);
});

test('a quick test that does not hold spares the question; one that holds, fails, or is for another address does not', () => {
  const { breakpoints, setQuick, askAt } = fixture();
  setQuick(8n, () => false);
  breakpoints.run(() => expect(askAt(8n)).toBe(ROW));
  setQuick(8n, () => true);
  breakpoints.run(() => expect(askAt(8n)).toBe(-1));
  setQuick(8n, () => {
    throw new Error('a fault');
  });
  breakpoints.run(() => expect(askAt(8n)).toBe(-1));
  const asked: number[] = [];
  setQuick(8n, () => asked.push(1) > 0);
  breakpoints.run(() => expect(askAt(8n + (1n << 32n))).toBe(ROW));
  expect(asked).toEqual([]);
});
