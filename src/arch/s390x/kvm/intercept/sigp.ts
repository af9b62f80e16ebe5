import { hex } from '../../../../bits/hex.ts';
import { gpa } from '../../dat/address.ts';
import { PREFIX_AREA_BYTES } from '../../dat/prefix.ts';
import { conditionCode, leave, type Outcome } from '../outcome.ts';
import { additionalStatusBytes, storeAdditionalStatus, storeStatus, storeStatusAtAssigned } from '../store-status.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept, storageOperand } from './row.ts';

/** Status bits that SIGNAL PROCESSOR stores. */
const status = {
  invalidOrder: 0x02,
  stopped: 0x40,
  externalCallPending: 0x80,
  invalidParameter: 0x100,
  incorrectState: 0x200,
  notRunning: 0x400,
} as const;

/** Condition code, with the status for 1. */
type Answer = { readonly cc: 0 | 2 | 3 } | { readonly cc: 1; readonly status: number };

const accepted: Answer = { cc: 0 };
const busy: Answer = { cc: 2 };
const refuse = (bits: number): Answer => ({ cc: 1, status: bits });

interface Request {
  readonly from: KvmVcpu;
  readonly to: KvmVcpu;
  /** Bits 32-63 of the parameter register. */
  readonly parameter: number;
  /** All of it. */
  readonly wideParameter: bigint;
}

const orders: ReadonlyMap<number, (r: Request) => Answer> = new Map<number, (r: Request) => Answer>([
  [0x01, sense],
  [0x02, externalCall],
  [0x03, emergencySignal],
  [0x04, start],
  [0x05, (r) => stop(r, false)],
  [0x06, restart],
  [0x09, (r) => stop(r, true)],
  [0x0b, (r) => reset(r, 'initial')],
  [0x0c, (r) => reset(r, 'normal')],
  [0x0d, setPrefix],
  [0x0e, storeStatusAt],
  [0x13, conditionalEmergencySignal],
  [0x15, senseRunning],
  [0x17, storeAdditionalStatusAt],
]);

/** Addressed to the whole configuration: the CPU address means nothing. */
const SET_ARCHITECTURE = 0x12;
/** Resets, which are accepted while the CPU is still busy with an earlier order. */
const resets: ReadonlySet<number> = new Set([0x0b, 0x0c]);
/** Orders after which the CPU has something to do at once. */
const waking: ReadonlySet<number> = new Set([0x02, 0x03, 0x04, 0x05, 0x06, 0x09, 0x13]);

/** SIGNAL PROCESSOR (PoP, "Signal-Processor Orders"). */
function signalProcessor(v: KvmVcpu, { r1, r3, b2, d2 }: Operands<'RS_a'>): Outcome {
  const { address } = storageOperand(v, b2, d2);
  const { vcpu } = v;
  const order = Number(address & 0xffn);
  const to = v.vm.vcpuByAddress(vcpu.grLow(r3) & 0xffff);
  if (v.vm.trace.on) v.traced('signal', order, vcpu.grLow(r3) & 0xffff);
  const wideParameter = vcpu.gr((r1 & 1) === 1 ? r1 : r1 + 1);
  const answer = order === SET_ARCHITECTURE ? refuse(status.invalidParameter) : answerTo(v, to, order, wideParameter);
  if (answer.cc === 1) vcpu.setGrLow(r1, answer.status);
  if (v.vm.complex.events !== undefined) tellSignal(v, order, vcpu.grLow(r3) & 0xffff, answer);
  // Whoever was signalled is mostly waited for.
  const wakes = answer.cc === 0 && to !== undefined && to !== v && waking.has(order);
  if (!wakes) return conditionCode(answer.cc);
  vcpu.cc = answer.cc;
  return leave({ kind: 'signal', to: to.id });
}

function tellSignal({ vm, vcpu }: KvmVcpu, order: number, address: number, answer: Answer): void {
  const told = answer.cc === 1 ? `, status ${hex(answer.status)}` : '';
  const text = (): string =>
    `SIGP order ${hex(order, 2)} to CPU address ${address}: condition code ${answer.cc}${told}`;
  vm.complex.events?.happened(vcpu, 'sigp', order, text);
}

function answerTo(from: KvmVcpu, to: KvmVcpu | undefined, order: number, wideParameter: bigint): Answer {
  if (to === undefined) return { cc: 3 };
  if (!resets.has(order) && (to.local.stop !== undefined || to.local.restart)) return busy;
  const parameter = Number(wideParameter & 0xffff_ffffn);
  return orders.get(order)?.({ from, to, parameter, wideParameter }) ?? refuse(status.invalidOrder);
}

function sense({ to }: Request): Answer {
  const bits =
    (to.stopped ? status.stopped : 0) | (to.local.externalCall !== undefined ? status.externalCallPending : 0);
  return bits === 0 ? accepted : refuse(bits);
}

function externalCall({ from, to }: Request): Answer {
  if (to.local.externalCall !== undefined) return refuse(status.externalCallPending);
  to.local.externalCall = from.cpuAddress;
  return accepted;
}

function emergencySignal({ from, to }: Request): Answer {
  to.local.emergency.add(from.cpuAddress);
  return accepted;
}

function conditionalEmergencySignal(r: Request): Answer {
  // The issuer executes, so it is not stopped: the condition always holds.
  return emergencySignal(r);
}

function start({ to }: Request): Answer {
  to.start();
  return accepted;
}

function stop({ to }: Request, withStatus: boolean): Answer {
  if (to.stopped) {
    if (withStatus) storeStatusAtAssigned(to);
    return accepted;
  }
  to.local.stop = { storeStatus: withStatus };
  return accepted;
}

function restart({ to }: Request): Answer {
  to.local.restart = true;
  return accepted;
}

function reset({ from, to }: Request, kind: 'normal' | 'initial'): Answer {
  to.reset(kind, from);
  return accepted;
}

function setPrefix({ to, parameter }: Request): Answer {
  const prefix = parameter & 0x7fff_e000;
  if (!to.vm.gmap.covers(gpa(prefix), PREFIX_AREA_BYTES)) return refuse(status.invalidParameter);
  if (!to.stopped) return refuse(status.incorrectState);
  to.vcpu.setPrefix(gpa(prefix));
  to.sync();
  return accepted;
}

function storeStatusAt({ to, parameter }: Request): Answer {
  if (!to.stopped) return refuse(status.incorrectState);
  return storeStatus(to, gpa(parameter & 0x7fff_fe00)) ? accepted : refuse(status.invalidParameter);
}

/** The length characteristic among the bits of a designation. */
const LENGTH_CHARACTERISTIC = 0xf;

// An absolute address on a boundary of the area's length.
function storeAdditionalStatusAt({ to, wideParameter }: Request): Answer {
  const { core } = to.vm;
  if (!core.has('vector') && !core.has('guarded-storage')) return refuse(status.invalidOrder);
  if (!to.stopped) return refuse(status.incorrectState);
  const designation = Number(wideParameter);
  const characteristic = designation % (LENGTH_CHARACTERISTIC + 1);
  const bytes = additionalStatusBytes(to, characteristic);
  const at = gpa(designation - characteristic);
  const isStored = bytes !== undefined && at % bytes === 0 && storeAdditionalStatus(to, at, bytes);
  return isStored ? accepted : refuse(status.invalidParameter);
}

// vCPUs take turns: all but the one that asks are not running, whatever their state.
function senseRunning({ from, to }: Request): Answer {
  if (!from.vm.core.has('sense-running-status')) return refuse(status.invalidOrder);
  return to === from ? accepted : refuse(status.notRunning);
}

/** SIGNAL PROCESSOR. */
export const sigpRows: readonly InterceptRow[] = [onIntercept('SIGP', 'RS_a', signalProcessor, { atOnce: true })];
