/** PoP, "Control Instructions": PROGRAM RETURN. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { PSW, type Psw } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import {
  isWord,
  makeTraceEntry,
  modeTrace,
  type TraceEntry,
  traceBytes,
  traceEntry,
  traces,
} from '../../cpu/trace-table.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import {
  asceOfSpace,
  INSTANCE,
  instanceOf,
  loadAsce,
  MIDDLE,
  NUMBER,
  ofOtherSpaces,
  raiseSpaceSwitch,
  requireAsnTranslation,
  requireAuthority,
  requireInstance,
  requireSpace,
  reuses,
  translateAsn,
  wantsEvent,
} from './spaces.ts';
import {
  at,
  entryAt,
  entryType,
  fetch,
  loadRegisters,
  place,
  registersBetween,
  STATE_BYTES,
  startOf,
  stateEntry,
  store,
  typeOf,
  withNextSize,
} from './stack-entry.ts';

/** Control registers that come from the entry of a program call, or from the spaces that it names, by number. */
type Controls = ReadonlyMap<number, bigint>;

/** The spaces that an entry names: its numbers and, with reuse, the instances. */
function controlsOf(vcpu: Vcpu, start: bigint): Controls {
  const ids = fetch(vcpu, start + at.keyMask);
  const instances = reuses(vcpu) ? fetch(vcpu, start + at.instances) : undefined;
  const [secondary, primary] = [(ids >> 32n) & NUMBER, ids & NUMBER];
  const cr3 = (instances === undefined ? vcpu.cr(3) & INSTANCE : instances & INSTANCE) | (ids >> 32n);
  const instance = instances === undefined ? vcpu.cr(4) & INSTANCE : BigInt.asUintN(64, instances << 32n);
  const controls = new Map([
    [1, vcpu.cr(1)],
    [3, cr3],
    [4, instance | (vcpu.cr(4) & MIDDLE) | primary],
    [8, (vcpu.cr(8) & ~MIDDLE) | (ids & MIDDLE)],
  ]);
  if (primary !== (vcpu.cr(4) & NUMBER)) translatePrimary(vcpu, controls, Number(primary));
  if (secondary === primary) return controls.set(7, controls.get(1) ?? 0n);
  return controls.set(7, translateSecondary(vcpu, controls, Number(secondary)));
}

function translatePrimary(vcpu: Vcpu, controls: Map<number, bigint>, asn: number): void {
  requireAsnTranslation(vcpu);
  const space = translateAsn(vcpu, asn);
  const cr4 = controls.get(4) ?? 0n;
  if (reuses(vcpu)) requireInstance(vcpu, space, cr4 >> 32n, instanceOf.primary);
  controls.set(4, (cr4 & ~MIDDLE) | (BigInt(space.authorizationIndex) << 16n));
  controls.set(5, (vcpu.cr(5) & INSTANCE) | BigInt(space.origin));
  controls.set(1, asceOfSpace(vcpu, space));
}

/** Its ASCE. The new primary space's authorization index has to have its leave. */
function translateSecondary(vcpu: Vcpu, controls: Controls, asn: number): bigint {
  requireAsnTranslation(vcpu);
  const space = translateAsn(vcpu, asn);
  if (reuses(vcpu)) requireInstance(vcpu, space, (controls.get(3) ?? 0n) >> 32n, instanceOf.secondary);
  const index = Number(((controls.get(4) ?? 0n) & MIDDLE) >> 16n);
  requireAuthority(vcpu, space, { asn, index, secondary: true });
  return asceOfSpace(vcpu, space);
}

/** Mode of a PSW as the state has it, and its address with the mode's bit. */
function shown({ mask, address }: Psw): { readonly wide: boolean; readonly short: boolean; readonly word: bigint } {
  const wide = (mask & PSW.ea) !== 0n;
  const bit = !wide && (mask & PSW.ba) !== 0n ? 0x8000_0000n : 0n;
  return { wide, short: !wide || isWord(address), word: address | bit };
}

// Behind `from` a return to `to`; what of both addresses needs 64 bits is told by format and by bits 12-15.
function returnTrace(vcpu: Vcpu, from: Psw, to: Psw): TraceEntry {
  const [there, here] = [shown(to), shown(from)];
  const back = there.word | ((to.mask & PSW.problem) !== 0n ? 1n : 0n);
  const format = 0x32 + (there.short ? 0 : 1) + (here.short ? 0 : 1);
  const kind = (there.wide ? (there.short ? 8 : 12) : 0) | (here.wide ? (here.short ? 2 : 3) : 0);
  const asn = Number(fetch(vcpu, startOf(stateEntry(vcpu, true)) + at.keyMask) & NUMBER);
  const part = (address: bigint, short: boolean): number | bigint => (short ? Number(address) : address);
  return traceEntry(
    vcpu,
    traceBytes(format, (vcpu.accessKey << 4) | kind, asn, part(back, there.short), part(here.word, here.short)),
  );
}

const programReturn = helper(
  'programReturn',
  { params: ['i64'], result: undefined, effects: { fetches: true, stores: true, faults: true, ends: true } },
  (vcpu, following) => {
    requireSpace(vcpu, ...ofOtherSpaces);
    const entry = stateEntry(vcpu, true);
    const start = startOf(entry);
    const isCall = typeOf(entry) === entryType.call;
    const to = { mask: fetch(vcpu, start + at.psw), address: fetch(vcpu, start + at.address) };
    const from = { mask: vcpu.pswMask, address: BigInt.asUintN(64, following) & vcpu.amask };
    const trace = traceOf(vcpu, isCall, from, to);
    const controls = isCall ? controlsOf(vcpu, start) : undefined;
    const before = entryAt(vcpu, entry.address - STATE_BYTES);
    place(vcpu, before.address, 'store');
    loadRegisters(vcpu, entry, registersBetween(2, 14), true);
    store(vcpu, before.address, withNextSize(before, 0n));
    vcpu.setCr(15, before.address);
    makeTraceEntry(vcpu, trace);
    const left = { asce: vcpu.cr(1), asn: vcpu.cr(4) & NUMBER };
    const { ilc } = vcpu;
    for (const [n, value] of controls ?? []) {
      if (n === 1 || n === 7) loadAsce(vcpu, n, value);
      else vcpu.setCr(n, value);
    }
    vcpu.setBig(slots.bea, vcpu.ia);
    const next = { mask: (to.mask & ~PSW.per) | (vcpu.pswMask & PSW.per), address: to.address };
    vcpu.setPsw(next);
    const switched = controls !== undefined && (vcpu.cr(4) & NUMBER) !== left.asn;
    if (switched && wantsEvent(left.asce, vcpu.cr(1))) raiseSpaceSwitch(vcpu, left, ilc);
    if (!vcpu.accepts(next)) vcpu.raiseForNewPsw(PGM.specification, 0);
  },
);

// Of a return from a program call the spaces are traced, else changes of mode.
function traceOf(vcpu: Vcpu, isCall: boolean, from: Psw, to: Psw): TraceEntry | undefined {
  if (isCall && traces.spaces(vcpu)) return returnTrace(vcpu, from, to);
  const changes = ((from.mask ^ to.mask) & PSW.ea) !== 0n;
  return changes && traces.modes(vcpu) ? modeTrace(vcpu, from.address) : undefined;
}

/** PROGRAM RETURN. */
export const programReturnRows: readonly Row[] = [
  insn('PR', { op: 0x0101, fmt: 'E', title: 'PROGRAM RETURN', facility: 'zarch' }, ($) =>
    $.callVoid(programReturn, $.next()),
  ),
];
