/** What a body can do, for whoever must know it without looking inside. */

import type { Effects, Node, RegisterFile, Slot } from './node.ts';
import type { Body } from './recorder.ts';
import { visit } from './visit.ts';

/** A body in short. A register file or scalar counts as touched when some execution may read or write it. */
export interface Summary {
  /** The next instruction may be another than the one behind. */
  readonly branches: boolean;
  /** The run loop must look at the state afterwards: a helper `ends`, or another instruction is done in place. */
  readonly ends: boolean;
  /** A program interruption may come of it. */
  readonly faults: boolean;
  readonly fetches: boolean;
  readonly stores: boolean;
  readonly reads: { readonly files: ReadonlySet<RegisterFile>; readonly slots: ReadonlySet<Slot> };
  readonly writes: { readonly files: ReadonlySet<RegisterFile>; readonly slots: ReadonlySet<Slot> };
  /** A helper that does not say which register files it touches: any may be. */
  readonly unknown: boolean;
}

interface Collected {
  branches: boolean;
  ends: boolean;
  faults: boolean;
  fetches: boolean;
  stores: boolean;
  unknown: boolean;
}

/** Sums a body up. */
export function summarize(body: Body): Summary {
  const found: Collected = {
    branches: false,
    ends: false,
    faults: false,
    fetches: false,
    stores: false,
    unknown: false,
  };
  const reads = { files: new Set<RegisterFile>(), slots: new Set<Slot>() };
  const writes = { files: new Set<RegisterFile>(), slots: new Set<Slot>() };
  const called = (e: Effects): void => {
    found.ends ||= e.ends === true;
    found.faults ||= e.faults === true;
    found.fetches ||= e.fetches === true;
    found.stores ||= e.stores === true;
    if (e.registers === undefined) found.unknown = true;
    for (const file of e.registers?.reads ?? []) reads.files.add(file);
    for (const file of e.registers?.writes ?? []) writes.files.add(file);
  };
  const evaluated = (n: Node): void => {
    if (n.k === 'reg') reads.files.add(n.part.file);
    else if (n.k === 'state') reads.slots.add(n.slot);
    else if (n.k === 'call') called(n.helper.effects);
    else if (n.k === 'fetch') found.fetches = found.faults = true;
    else if (n.k === 'hostLoad') found.fetches = true;
  };
  visit(body.statements, {
    statement: (s) => {
      switch (s.s) {
        case 'let':
          return evaluated(s.node);
        case 'call':
          return called(s.helper.effects);
        case 'setReg':
          return void writes.files.add(s.part.file);
        case 'setState':
          return void writes.slots.add(s.slot);
        case 'store':
          found.stores = found.faults = true;
          return;
        case 'hostStore':
        case 'hostCopy':
        case 'hostFill':
          found.stores = true;
          return;
        case 'branch':
          found.branches = true;
          return;
        case 'trap':
          found.faults = true;
          return;
        case 'dispatch':
          found.ends = true;
          return;
        default:
          return;
      }
    },
  });
  return { ...found, reads, writes };
}
