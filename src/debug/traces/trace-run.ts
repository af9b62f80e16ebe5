import type { GuestVcpu } from '../../machine/guest.ts';

import { numberIn, type RegisterLayout, TraceFrame } from './trace-frame.ts';
import type {
  FrameWish,
  TraceAction,
  TraceEnd,
  TracePort,
  Tracepoint,
  TraceStatus,
  TraceVariable,
  TraceView,
} from './trace-port.ts';

/** What is asked of a vCPU that is in front of an instruction. */
export type TracedVcpu = Pick<GuestVcpu, 'id' | 'executed'>;

const USUAL_SIZE = 5 << 20;
/** Of one piece of storage as much as this is collected: its length has 16 bits in a trace file. */
const MOST_BYTES = 0xffff;

/** What frames are collected from. */
export interface TraceSource {
  readonly layout: RegisterLayout;
  readRegister(vcpu: number, index: number): Uint8Array | undefined;
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array;
  /** Carries an expression out: its value, or undefined when it cannot be. What it collects comes through `TraceSink`. */
  evaluate(text: Uint8Array, vcpu: TracedVcpu): bigint | undefined;
}

/** A vCPU on its way through the instructions behind a tracepoint. */
interface Stepping {
  readonly point: Tracepoint;
  readonly vcpu: number;
  left: number;
}

/** Where a vCPU is asked about. */
interface Asked {
  readonly vcpu: number;
  readonly executed: bigint;
}

/** Definitions of tracepoints, the run that collects, and its frames. */
export class TraceRun implements TracePort {
  readonly #source: TraceSource;
  readonly #points: Tracepoint[] = [];
  readonly #variables = new Map<number, TraceVariable>();
  #frames: TraceFrame[] = [];
  #created = 0;
  #used = 0;
  #size = USUAL_SIZE;
  #circular = false;
  #disconnected = false;
  #running = false;
  #end: TraceEnd = { kind: 'new' };
  #selected = -1;
  #frame: TraceFrame | undefined;
  #steppings: Stepping[] = [];
  /** The vCPU that was asked last: it is asked again when the run was ended in front of the same instruction. */
  #asked: Asked | undefined;
  /** Told when addresses at which there are tracepoints have changed, or whether all instructions must be looked at. */
  onChange: () => void = () => undefined;

  constructor(source: TraceSource) {
    this.#source = source;
  }

  /** @inheritdoc */
  clear(): void {
    this.#points.length = 0;
    this.#variables.clear();
    this.#forgetFrames();
    this.#running = false;
    this.#end = { kind: 'new' };
    this.#endSteps();
  }
  #forgetFrames(): void {
    this.#frames = [];
    this.#created = 0;
    this.#used = 0;
    this.#selected = -1;
    this.#asked = undefined;
  }
  /** @inheritdoc */
  define(point: Parameters<TracePort['define']>[0]): boolean {
    if (this.point(point.number, point.address) !== undefined) return false;
    this.#points.push({ ...point, actions: [], stepActions: [], told: [], hits: 0, bytes: 0 });
    return true;
  }
  point(number: number, address: bigint): Tracepoint | undefined {
    return this.#points.find((one) => one.number === number && one.address === address);
  }
  enable(number: number, address: bigint, on: boolean): void {
    const found = this.point(number, address);
    if (found === undefined) return;
    found.enabled = on;
    this.onChange();
  }
  get points(): readonly Tracepoint[] {
    return this.#points;
  }
  defineVariable(variable: Omit<TraceVariable, 'value'>): void {
    this.#variables.set(variable.number, { ...variable, value: variable.initial });
  }
  get variables(): readonly TraceVariable[] {
    return [...this.#variables.values()];
  }
  /** @inheritdoc */
  start(): void {
    this.#forgetFrames();
    for (const point of this.#points) Object.assign(point, { hits: 0, bytes: 0 });
    for (const variable of this.#variables.values()) variable.value = variable.initial;
    this.#running = true;
    this.#end = { kind: 'stopped' };
    this.onChange();
  }
  stop(): void {
    if (this.#running) this.#over({ kind: 'stopped' });
  }
  #over(end: TraceEnd): void {
    this.#running = false;
    this.#end = end;
    this.#endSteps();
  }
  #endSteps(): void {
    this.#steppings = [];
    this.onChange();
  }
  get status(): TraceStatus {
    return {
      running: this.#running,
      end: this.#end,
      frames: this.#frames.length,
      created: this.#created,
      size: this.#size,
      free: Math.max(0, this.#size - this.#used),
      circular: this.#circular,
      disconnected: this.#disconnected,
    };
  }
  setBuffer({ size, circular, disconnected }: Parameters<TracePort['setBuffer']>[0]): void {
    this.#size = size ?? this.#size;
    this.#circular = circular ?? this.#circular;
    this.#disconnected = disconnected ?? this.#disconnected;
  }

  // ---- looking at frames

  /** @inheritdoc */
  find(wish: FrameWish): { readonly number: number; readonly tracepoint: number } | undefined {
    const found = this.#frames.findIndex((frame, i) => {
      switch (wish.kind) {
        case 'number':
          return i === wish.number;
        case 'tracepoint':
          return i > this.#selected && frame.tracepoint === wish.tracepoint;
        case 'range':
          return i > this.#selected && (wish.first <= frame.address && frame.address <= wish.last) === wish.inside;
      }
    });
    this.#selected = found;
    const frame = this.#frames[found];
    return frame && { number: found, tracepoint: frame.tracepoint };
  }
  leave(): void {
    this.#selected = -1;
  }
  get view(): TraceView | undefined {
    return this.#frames[this.#selected];
  }
  /** @inheritdoc */
  raw(offset: number, length: number): Uint8Array {
    return Buffer.concat(this.#frames.map((frame) => frame.raw())).subarray(offset, offset + length);
  }

  // ---- collecting

  /** The addresses at which a run in progress wants to be asked. */
  get addresses(): readonly bigint[] {
    return this.#running ? this.#points.filter((one) => one.enabled).map(({ address }) => address) : [];
  }
  /** A vCPU steps: all instructions are to be asked about. */
  get steps(): boolean {
    return this.#steppings.length > 0;
  }

  /** A vCPU is in front of an instruction. */
  at(vcpu: TracedVcpu, address: bigint): void {
    if (!this.#running) return;
    const executed = vcpu.executed();
    if (this.#asked?.vcpu === vcpu.id && this.#asked.executed === executed) return;
    this.#asked = { vcpu: vcpu.id, executed };
    const steppings = this.#steppings.filter((one) => one.vcpu === vcpu.id);
    for (const stepping of steppings) {
      stepping.left--;
      this.#collect(stepping.point, stepping.point.stepActions, vcpu, address);
    }
    const steppedBefore = this.steps;
    if (steppings.some(({ left }) => left === 0)) this.#steppings = this.#steppings.filter(({ left }) => left > 0);
    for (const point of this.#points) {
      if (point.address === address && point.enabled && this.#running) this.#hit(point, vcpu, address);
    }
    if (this.steps !== steppedBefore) this.onChange();
  }
  #hit(point: Tracepoint, vcpu: TracedVcpu, address: bigint): void {
    // What cannot be said is looked at.
    if (point.condition !== undefined && this.#source.evaluate(point.condition, vcpu) === 0n) return;
    point.hits++;
    this.#collect(point, point.actions, vcpu, address);
    if (!this.#running) return;
    if (point.passes > 0 && point.hits >= point.passes) this.#over({ kind: 'passes', tracepoint: point.number });
    else if (point.steps > 0) this.#steppings.push({ point, vcpu: vcpu.id, left: point.steps });
  }
  #collect(point: Tracepoint, actions: readonly TraceAction[], vcpu: TracedVcpu, address: bigint): void {
    const frame = new TraceFrame(point.number, address, this.#source.layout);
    this.#frame = frame;
    for (const i of this.#source.layout.always) this.#collectRegister(frame, vcpu.id, i);
    for (const action of actions) this.#act(action, frame, vcpu);
    this.#frame = undefined;
    const { bytes } = frame;
    while (this.#circular && this.#frames.length > 0 && this.#used + bytes > this.#size) {
      this.#used -= this.#frames.shift()?.bytes ?? 0;
    }
    if (this.#used + bytes > this.#size) return this.#over({ kind: 'full' });
    this.#frames.push(frame);
    this.#created++;
    this.#used += bytes;
    point.bytes += bytes;
  }
  #collectRegister(frame: TraceFrame, vcpu: number, index: number): void {
    const bytes = this.#source.readRegister(vcpu, index);
    if (bytes !== undefined) frame.addRegister(index, bytes);
  }
  #act(action: TraceAction, frame: TraceFrame, vcpu: TracedVcpu): void {
    switch (action.kind) {
      case 'registers':
        for (const [i] of this.#source.layout.widths.entries()) {
          if (((action.mask >> BigInt(i)) & 1n) === 1n) this.#collectRegister(frame, vcpu.id, i);
        }
        return;
      case 'memory': {
        const base = action.base === undefined ? undefined : this.#source.readRegister(vcpu.id, action.base);
        const from = base === undefined ? 0n : numberIn(base, this.#source.layout);
        return this.collectMemory(vcpu.id, BigInt.asUintN(64, from + action.offset), action.length);
      }
      case 'expression':
        this.#source.evaluate(action.text, vcpu);
    }
  }

  /** Part of the frame in the making, as expressions want it. */
  collectMemory(vcpu: number, address: bigint, length: number): void {
    this.#frame?.addMemory(address, this.#source.readMemory(vcpu, address, Math.min(length, MOST_BYTES)));
  }
  collectVariable(number: number): void {
    this.#frame?.addVariable(number, this.variable(number));
  }
  variable(number: number): bigint {
    return this.#variables.get(number)?.value ?? 0n;
  }
  setVariable(number: number, value: bigint): void {
    const found = this.#variables.get(number);
    if (found !== undefined) found.value = value;
  }
}
