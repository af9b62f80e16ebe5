/** RTAS, the firmware's run-time services (LoPAPR, "Run-Time Abstraction Services"), behind one hypercall. */

import { hex } from '../../../bits/hex.ts';
import type { VcpuExit } from '../../../machine/exit.ts';
import { TIMEBASE_FREQUENCY, timeBase } from '../cpu/clock.ts';
import { MSR } from '../cpu/msr.ts';
import { slots } from '../cpu/state-layout.ts';
import type { HvVcpu } from '../hv/vcpu.ts';
import { calendar, millisecondsOf } from './calendar.ts';
import { rtasTokens } from './rtas-tokens.ts';
import type { Xics } from './xics.ts';

/** What RTAS can do to the machine. */
export interface RtasMachine {
  readonly xics: Xics;
  /** Milliseconds since 1970 when the time base was zero; it may be set. */
  date: number;
  /** A word of the guest's storage, by real address; undefined where there is none. */
  word(at: number): number | undefined;
  setWord(at: number, value: number): void;
  text(at: number): string;
  powerOff(): void;
  reboot(): void;
  crash(message: string): void;
}

const ok = 0;
const HARDWARE = -1;
const PARAMETER = -3;

/** A call as it lies in storage: words of token, numbers of arguments and results, arguments, results. */
interface Call {
  readonly v: HvVcpu;
  readonly args: readonly number[];
  readonly machine: RtasMachine;
  /** Results behind the status. */
  readonly results: number[];
}

/** What a call ends with: its status, and how the vCPU's run ends, if it does. */
interface Ended {
  readonly status: number;
  readonly exit?: VcpuExit;
}

/** What the time base has counted. */
function passedMilliseconds(v: HvVcpu): number {
  return Number((timeBase(v.vcpu) * 1000n) / BigInt(TIMEBASE_FREQUENCY));
}

type Service = (call: Call) => number | Ended;

const services: Readonly<Record<keyof typeof rtasTokens, Service>> = {
  'display-character': () => ok,
  'get-time-of-day': ({ v, machine, results }) => {
    results.push(...calendar(machine.date + passedMilliseconds(v)));
    return ok;
  },
  'set-time-of-day': ({ v, machine, args }) => {
    const ms = millisecondsOf(args);
    if (ms === undefined) return PARAMETER;
    machine.date = ms - passedMilliseconds(v);
    return ok;
  },
  'power-off': ({ machine }) => {
    machine.powerOff();
    return { status: ok, exit: { kind: 'machine' } };
  },
  'system-reboot': ({ machine }) => {
    machine.reboot();
    return { status: ok, exit: { kind: 'machine' } };
  },
  'query-cpu-stopped-state': ({ v, args, results }) => {
    const target = v.vm.vcpus[args[0] ?? -1];
    if (target === undefined) return PARAMETER;
    results.push(target.stopped ? 0 : 2);
    return ok;
  },
  'start-cpu': ({ v, args }) => {
    const [id = -1, address = 0, argument = 0] = args;
    const target = v.vm.vcpus[id];
    if (target === undefined) return PARAMETER;
    if (!target.stopped) return HARDWARE;
    target.vcpu.setMsr(0x8000_0000_0000_0000n | BigInt(MSR.me));
    target.vcpu.interruptLittle = v.vcpu.interruptLittle;
    target.vcpu.setNum(slots.ail, v.vcpu.num(slots.ail));
    target.vcpu.pc = BigInt(address);
    target.vcpu.setGpr(3, BigInt(argument));
    target.stopped = false;
    return ok;
  },
  'stop-self': ({ v }) => {
    v.stopped = true;
    return { status: ok, exit: { kind: 'stopped' } };
  },
  'ibm,set-xive': ({ machine, args }) => {
    const [source = 0, server = 0, priority = 0] = args;
    return machine.xics.route(source, server, priority) ? ok : PARAMETER;
  },
  'ibm,get-xive': ({ machine, args, results }) => {
    const route = machine.xics.routeOf(args[0] ?? 0);
    if (route === undefined) return PARAMETER;
    results.push(...route);
    return ok;
  },
  'ibm,int-off': ({ machine, args }) => (machine.xics.enable(args[0] ?? 0, false) ? ok : PARAMETER),
  'ibm,int-on': ({ machine, args }) => (machine.xics.enable(args[0] ?? 0, true) ? ok : PARAMETER),
  'ibm,os-term': ({ machine, args }) => {
    machine.crash(`the guest's kernel has given up: ${machine.text(args[0] ?? 0)}`);
    return { status: ok, exit: { kind: 'machine' } };
  },
};

const tokens: Readonly<Record<string, number>> = rtasTokens;
const byToken = new Map(Object.entries(services).map(([name, service]) => [tokens[name], service]));

/** Arguments that a call has at most. */
const MOST_WORDS = 16;

/** Carries out the call whose block lies at a real address; false when there is no such block. */
export function rtasCall(v: HvVcpu, at: number, machine: RtasMachine): VcpuExit | undefined | false {
  const token = machine.word(at);
  const count = machine.word(at + 4);
  const returned = machine.word(at + 8);
  if (token === undefined || count === undefined || returned === undefined) return false;
  if (count > MOST_WORDS || returned > MOST_WORDS) return false;
  const args: number[] = [];
  for (let i = 0; i < count; i++) args.push(machine.word(at + 12 + 4 * i) ?? 0);
  const results: number[] = [];
  const service = byToken.get(token);
  const ended = service?.({ v, args, machine, results }) ?? PARAMETER;
  const { status, exit } = typeof ended === 'number' ? { status: ended, exit: undefined } : ended;
  results.unshift(status);
  const written = Math.min(returned, results.length);
  for (let i = 0; i < written; i++) machine.setWord(at + 12 + 4 * (count + i), (results[i] ?? 0) >>> 0);
  v.vcpu.events?.happened(
    v.vcpu,
    'rtas',
    token,
    () => `RTAS ${nameOf(token)} ${args.map((n) => hex(BigInt(n))).join(' ')} = ${status}`,
  );
  return exit;
}

/** The name of a call, with what firmware calls it by. */
function nameOf(token: number): string {
  return Object.entries(tokens).find(([, each]) => each === token)?.[0] ?? hex(BigInt(token));
}
