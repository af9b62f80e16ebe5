import type { Address, Node, Stmt } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';
import type { Flow } from './flow.ts';
import { loopsOf } from './loops.ts';
import { keyOfRegister } from './register-uses.ts';

/** A node or statement that accesses storage. */
export type Site = object;

/**
 * How an access is written: whether the page that the last access by the same registers came to is looked at before the TLB is
 * asked, and where the TLB's entry is remembered. An access without a plan asks the TLB and remembers nothing.
 */
export interface Plan {
  readonly window: number;
  readonly checks: boolean;
}

/** A block, as far as it matters here. */
export interface WindowBlock {
  readonly code: readonly (readonly Stmt[])[];
  readonly successors: readonly number[];
}

/** Bytes by which a register moves that goes through storage in steps. */
const STRIDE = 256n;
/** Windows of a region: each takes a local. */
const MOST_WINDOWS = 12;

/** An access, by the registers that its address is a sum of: the one or two of them as one number. */
interface Access {
  readonly site: Site;
  readonly key: number;
  readonly registers: readonly number[];
}

/** Register keys are less. */
const PAIR = 1 << 16;

function keyOf(registers: readonly number[]): number {
  const [a = 0, b = 0] = registers;
  return Math.min(a, b) * PAIR + Math.max(a, b);
}

const isOf = (key: number, register: number): boolean => key % PAIR === register || Math.floor(key / PAIR) === register;

/** What an instruction does about windows. */
interface Step {
  readonly accesses: readonly Access[];
  /** Registers that it changes, and those of them that it moves by a step. */
  readonly sets: readonly number[];
  readonly moves: ReadonlySet<number>;
}

/**
 * Plans windows. While a region runs nothing changes a TLB, so that where an entry was found it would be found again: an
 * access by registers that stay as they are, or move in small steps, compares its page with the entry that it came to last.
 */
export function planWindows(blocks: readonly (WindowBlock | undefined)[], flow: Flow): ReadonlyMap<Site, Plan> {
  const steps = blocks.map((b) => (b?.code ?? []).map(stepOf));
  const loops = loopsOf(
    blocks.map((b) => b?.successors ?? []),
    flow,
  );
  const known = knownAtStart(blocks, steps, flow);
  const steadyIn = steadiness(steps);
  const found: { readonly access: Access; readonly checks: boolean; readonly weight: number }[] = [];
  for (const at of flow.order) {
    const loop = loops.innermost(at);
    const steady = loop === undefined ? undefined : steadyIn(loop);
    const fresh = new Set(known[at]);
    for (const step of steps[at] ?? []) {
      for (const access of step.accesses) {
        const checks = fresh.has(access.key) || (steady !== undefined && access.registers.every(steady));
        found.push({ access, checks, weight: loop === undefined ? 1 : 8 });
        fresh.add(access.key);
      }
      forget(fresh, step);
    }
  }
  return chosen(found);
}

function chosen(
  found: readonly { readonly access: Access; readonly checks: boolean; readonly weight: number }[],
): ReadonlyMap<Site, Plan> {
  const weights = new Map<number, number>();
  for (const { access, checks, weight } of found)
    if (checks) weights.set(access.key, (weights.get(access.key) ?? 0) + weight);
  const keys = [...weights].sort((a, b) => b[1] - a[1]).slice(0, MOST_WINDOWS);
  const numbers = new Map(keys.map(([key], i) => [key, i]));
  const plans = new Map<Site, Plan>();
  for (const { access, checks } of found) {
    const window = numbers.get(access.key);
    if (window !== undefined) plans.set(access.site, { window, checks });
  }
  return plans;
}

/** Tells of a loop whether a register stays as it is, or moves in steps, while it goes on. */
function steadiness(steps: readonly (readonly Step[])[]): (loop: ReadonlySet<number>) => (register: number) => boolean {
  const known = new Map<ReadonlySet<number>, (register: number) => boolean>();
  return (loop) => {
    let steady = known.get(loop);
    if (steady === undefined) {
      const changed = new Set<number>();
      for (const n of loop)
        for (const step of steps[n] ?? []) for (const r of step.sets) if (!step.moves.has(r)) changed.add(r);
      steady = (register) => !changed.has(register);
      known.set(loop, steady);
    }
    return steady;
  };
}

function forget(keys: Set<number>, step: Step): void {
  if (keys.size === 0) return;
  for (const r of step.sets) {
    if (step.moves.has(r)) continue;
    for (const key of keys) if (isOf(key, r)) keys.delete(key);
  }
}

/** What a block does to the keys that are known. */
interface Effect {
  readonly adds: ReadonlySet<number>;
  readonly sets: ReadonlySet<number>;
}

function effectOf(steps: readonly Step[]): Effect {
  const adds = new Set<number>();
  const sets = new Set<number>();
  for (const step of steps) {
    for (const access of step.accesses) adds.add(access.key);
    forget(adds, step);
    for (const r of step.sets) if (!step.moves.has(r)) sets.add(r);
  }
  return { adds, sets };
}

function behind(before: ReadonlySet<number>, { adds, sets }: Effect): Set<number> {
  const known = new Set(adds);
  for (const key of before) if (!sets.has(key % PAIR) && !sets.has(Math.floor(key / PAIR))) known.add(key);
  return known;
}

// By block: the keys by which every way to it came to storage.
function knownAtStart(
  blocks: readonly (WindowBlock | undefined)[],
  steps: readonly (readonly Step[])[],
  flow: Flow,
): readonly ReadonlySet<number>[] {
  const effects = steps.map(effectOf);
  const before = blocks.map((): Set<number> | undefined => undefined);
  for (const n of flow.dispatched) before[n] = new Set();
  for (let changed = true; changed; ) {
    changed = false;
    for (const n of flow.order) {
      const effect = effects[n];
      if (n === 0 || effect === undefined) continue;
      const out = behind(before[n] ?? new Set(), effect);
      for (const to of blocks[n]?.successors ?? []) {
        const now = before[to];
        const next = now === undefined ? out : new Set([...now].filter((key) => out.has(key)));
        if (now !== undefined && next.size === now.size) continue;
        before[to] = next;
        changed = true;
      }
    }
  }
  return before.map((keys) => keys ?? new Set());
}

function stepOf(statements: readonly Stmt[]): Step {
  const accesses: Access[] = [];
  const sets: number[] = [];
  const moves = new Set<number>();
  const add = (site: Site, address: Address): void => {
    if (address.space === 'instruction') return;
    const registers = registersOf(address.at);
    if (registers === undefined || registers.length === 0 || registers.length > 2) return;
    accesses.push({ site, registers, key: keyOf(registers) });
  };
  visit(statements, {
    statement: (s) => {
      if (s.s === 'let' && (s.node.k === 'fetch' || s.node.k === 'probe')) add(s.node, s.node.address);
      else if (s.s === 'store') add(s, s.address);
      else if (s.s === 'setReg') {
        const register = keyOfRegister(s);
        sets.push(register);
        if (s.part.bytes === 8 && isStep(s.value, register)) moves.add(register);
      }
    },
  });
  return { accesses, sets, moves };
}

function isStep(value: Node, register: number): boolean {
  if (value.k !== 'bin' || value.op !== 'add' || value.b.k !== 'const' || value.a.k !== 'reg') return false;
  const { a, b } = value;
  return b.value <= STRIDE && b.value >= -STRIDE && keyOfRegister(a) === register;
}

// The registers of an address that is a sum of whole registers and numbers; undefined for another.
function registersOf(n: Node): readonly number[] | undefined {
  if (n.k === 'const') return [];
  if (n.k === 'reg') return n.part.bytes === 8 ? [keyOfRegister(n)] : undefined;
  if (n.k !== 'bin' || n.ty !== 'i64') return undefined;
  if (n.op === 'and' && n.b.k === 'const' && n.b.value > 0n) return registersOf(n.a);
  if (n.op !== 'add') return undefined;
  const [a, b] = [registersOf(n.a), registersOf(n.b)];
  return a === undefined || b === undefined ? undefined : [...a, ...b];
}
