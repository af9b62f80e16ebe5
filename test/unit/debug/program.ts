/** A guest whose vCPUs walk from address to address as a program says, with breakpoints, waits and interruptions. */

import type { RegisterRow, TargetDescription } from '../../../src/machine/description.ts';
import type { StopExit, VcpuExit } from '../../../src/machine/exit.ts';
import type {
  GuestEnd,
  GuestState,
  GuestVcpu,
  OpenGuest,
  RunOptions,
  StopTest,
  VcpuView,
} from '../../../src/machine/guest.ts';
import type { GuestInput } from '../../../src/machine/inputs.ts';
import { BREAKPOINT_FILTER_BYTES, filterSlot, PAGE_BYTES } from '../../../src/machine/layout.ts';
import { StateParts } from '../../../src/machine/snapshot.ts';
import type { SymbolPort } from '../../../src/machine/symbols.ts';
import type { StoragePiece, StorageRange, StorageWatch } from '../../../src/machine/watch.ts';

/** Bytes of an instruction. */
const LENGTH = 4;
/** Where a handler of interruptions begins. */
export const HANDLER = 0x8000;

/** What an instruction does besides going on: where it goes, and what its run ends with. */
export interface Instruction {
  readonly to?: number;
  readonly exit?: VcpuExit;
  /** Calls a handler there, which goes on behind it with `back`. */
  readonly call?: number;
  /** Goes on where the last handler was called from. */
  readonly back?: true;
  /** Another program from here on: what `context` says. */
  readonly context?: string;
  /** The vCPU waits behind it. */
  readonly wait?: true;
  /** So many times it goes to `to`, then on. */
  readonly times?: number;
}

/** Instructions by address; one that is not there just goes on. */
export type Program = Readonly<Record<number, Instruction>>;

/** A vCPU on its way through a program. */
export class WalkingVcpu implements GuestVcpu {
  readonly id: number;
  waiting = false;
  stopped = false;
  at: bigint;
  /** Somebody interrupts it: it goes to `HANDLER` as soon as it may. */
  interrupting = false;
  space: bigint | undefined = 1n;
  program = 'user';
  /** Addresses of the instructions that it has executed. */
  readonly trace: number[] = [];
  readonly runs: Omit<RunOptions, 'isOver'>[] = [];
  readonly #guest: WalkingGuest;
  readonly #program: Program;
  readonly #times = new Map<number, number>();
  readonly #returns: { readonly to: bigint; readonly program: string }[] = [];
  #elapsed = 0n;

  constructor(id: number, start: number, program: Program, guest: WalkingGuest) {
    this.id = id;
    this.at = BigInt(start);
    this.#program = program;
    this.#guest = guest;
  }

  run({ count, checked, holdInterruptions }: RunOptions): VcpuExit {
    this.runs.push({ count, checked, holdInterruptions });
    if (this.interrupting && !holdInterruptions) this.#interrupt();
    if (this.waiting) return { kind: 'wait' };
    for (let i = 0n; i < count; i++) {
      const stop = checked ? this.#stop() : undefined;
      const exit = stop ?? this.#execute();
      if (exit !== undefined) return exit;
    }
    return { kind: 'quantum' };
  }

  elapsed(): bigint {
    return this.#elapsed;
  }
  executed(): bigint {
    return BigInt(this.trace.length);
  }
  idle(instructions: bigint): void {
    this.#elapsed += instructions;
  }
  pass(instructions: bigint): void {
    this.#elapsed += instructions;
  }
  canRun(): boolean {
    return !this.stopped && (!this.waiting || this.interrupting);
  }
  context(): string {
    return this.program;
  }
  codeSpace(): bigint | undefined {
    return this.space;
  }
  interrupted(): bigint | undefined {
    const called = this.at === BigInt(HANDLER) || Object.values(this.#program).some((i) => i.call === Number(this.at));
    return called ? this.#returns.at(-1)?.to : undefined;
  }
  untilWake(): bigint | undefined {
    return undefined;
  }
  pc(): bigint {
    return this.at;
  }

  #stop(): StopExit | undefined {
    const { breakpointFilter, stops } = this.#guest;
    return breakpointFilter[filterSlot(this.at)] === 1 ? stops?.at(this, this.at) : undefined;
  }

  #interrupt(): void {
    this.interrupting = false;
    this.waiting = false;
    this.#call(HANDLER, this.at);
  }

  #call(handler: number, back: bigint): void {
    this.#returns.push({ to: back, program: this.program });
    this.program = 'handler';
    this.at = BigInt(handler);
  }

  #execute(): VcpuExit | undefined {
    const at = Number(this.at);
    const { to, exit, call, back, context, wait, times } = this.#program[at] ?? {};
    this.trace.push(at);
    this.#elapsed++;
    this.at += BigInt(LENGTH);
    if (context !== undefined) this.program = context;
    if (to !== undefined && this.#goes(at, times)) this.at = BigInt(to);
    if (call !== undefined) this.#call(call, this.at);
    const returned = back === true ? this.#returns.pop() : undefined;
    if (returned !== undefined) [this.at, this.program] = [returned.to, returned.program];
    this.waiting = wait === true;
    this.stopped = exit?.kind === 'stopped';
    return this.waiting ? { kind: 'wait' } : exit;
  }

  #goes(at: number, times: number | undefined): boolean {
    const done = this.#times.get(at) ?? 0;
    this.#times.set(at, done + 1);
    return times === undefined || done < times;
  }
}

const description: TargetDescription = {
  architecture: 'walking',
  osabi: 'none',
  features: [
    {
      name: 'walking.core',
      registers: [
        { name: 'r0', bits: 32, type: 'uint32' },
        { name: 'pc', bits: 64, type: 'code_ptr' },
      ],
    },
  ],
  expedited: ['pc'],
  elf: { class: 64, data: 'msb', machine: 0 },
  pcRegister: 'pc',
  triple: 'fake-unknown-none',
};

/** Where the vCPUs start: 0x1000, 0x2000 and so on. */
export function startOf(vcpu: number): number {
  return (vcpu + 1) * 0x1000;
}

/** A guest of such vCPUs, all in one program. */
export class WalkingGuest implements OpenGuest {
  readonly vcpus: readonly WalkingVcpu[];
  readonly description = description;
  readonly state: GuestState = { shape: {}, parts: new StateParts(), forget: () => undefined };
  readonly breakpointFilter = new Uint8Array(BREAKPOINT_FILTER_BYTES);
  readonly storage = new Uint8Array(0x10000);
  readonly registers = new Map<string, Uint8Array>();
  stops: StopTest | undefined;
  symbols: SymbolPort | undefined;

  constructor(program: Program, vcpus = 1) {
    this.vcpus = Array.from({ length: vcpus }, (_, id) => new WalkingVcpu(id, startOf(id), program, this));
  }
  /** A vCPU that is there. */
  vcpu(id: number): WalkingVcpu {
    const found = this.vcpus[id];
    if (found === undefined) throw new Error(`no vCPU ${id}`);
    return found;
  }

  end(): GuestEnd | undefined {
    return this.vcpus.every((v) => v.stopped) ? { status: 0, message: 'all stopped' } : undefined;
  }
  view(vcpu: number): VcpuView {
    return { id: vcpu, name: `CPU ${vcpu}`, state: this.vcpu(vcpu).waiting ? 'wait' : 'running' };
  }
  readRegister(vcpu: number, row: RegisterRow): Uint8Array | undefined {
    return this.registers.get(`${vcpu} ${row.name}`);
  }
  readMemory(_vcpu: number, address: bigint, length: number): Uint8Array {
    return this.storage.slice(Number(address), Number(address) + length);
  }
  takeInput(input: GuestInput): boolean {
    if (input.kind === 'write-register') this.registers.set(`${input.vcpu} ${input.register}`, input.data);
    if (input.kind !== 'write-memory') return true;
    if (Number(input.address) + input.data.length > this.storage.length) return false;
    this.storage.set(input.data, Number(input.address));
    return true;
  }
  /** Who watches its storage, and how often that was said. */
  watch: StorageWatch | undefined;
  watchSaid = 0;
  /** Where addresses lie in storage: pages by page, those that are not here at their own place, undefined ones nowhere. */
  readonly pages = new Map<bigint, number | undefined>();
  spaces: StorageRange['spaces'] = [];

  storageBehind(_vcpu: number, address: bigint, length: number): StorageRange {
    const pieces: StoragePiece[] = [];
    for (let a = address; a < address + BigInt(length); ) {
      const page = a - (a % BigInt(PAGE_BYTES));
      const end = page + BigInt(PAGE_BYTES);
      const last = end < address + BigInt(length) ? end : address + BigInt(length);
      const at = this.pages.has(page) ? this.pages.get(page) : Number(page);
      const before = pieces.at(-1);
      const piece = { address: a, at: (at ?? 0) + Number(a - page), length: Number(last - a) };
      // What follows on in storage, too, is one piece.
      if (at !== undefined && before !== undefined && before.at + before.length === piece.at) {
        pieces.splice(-1, 1, { ...before, length: before.length + piece.length });
      } else if (at !== undefined) pieces.push(piece);
      a = last;
    }
    return { pieces, spaces: this.spaces };
  }
  readStorage(at: number, length: number): Uint8Array {
    return this.storage.slice(at, at + length);
  }
  watchStorage(watch: StorageWatch | undefined): void {
    this.watch = watch;
    this.watchSaid++;
  }
}
