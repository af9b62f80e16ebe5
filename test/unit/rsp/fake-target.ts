import type {
  AgentCommands,
  BreakpointKind,
  DebugTarget,
  ResumeAction,
  StraightRun,
} from '../../../src/debug/target.ts';
import { TraceRun } from '../../../src/debug/traces/trace-run.ts';
import type { RegisterRow, TargetDescription } from '../../../src/machine/description.ts';
import type { StopEvent, StopReason } from '../../../src/machine/exit.ts';
import type { VcpuView } from '../../../src/machine/guest.ts';
import type { SymbolPort } from '../../../src/machine/symbols.ts';

/** Guest storage of the fake in bytes; everything past it cannot be reached. */
export const STORAGE = 0x4000;
/** Where the guest's endless loop of three instructions begins: AGHI (4 bytes), STG (6 bytes), J (4 bytes). */
export const LOOP = 0x1000;
/** The doubleword that the loop stores its count to. */
export const COUNTER = 0x2000;
/** An instruction that ends the guest. */
export const END = 0x3000;

const PSWA = 1;
const R2 = 4;

function rows(prefix: string, count: number, bits: number, type: string, group: string): RegisterRow[] {
  return Array.from({ length: count }, (_, i) => ({ name: `${prefix}${i}`, bits, type, group }));
}

/** A small s390x: enough for gdb to accept it, with one register that never has a value and one that is read-only. */
export const description: TargetDescription = {
  architecture: 's390:64-bit',
  osabi: 'none',
  features: [
    {
      name: 'org.gnu.gdb.s390.core',
      types: [
        {
          kind: 'flags',
          id: 'psw_mask',
          bytes: 8,
          fields: [
            { name: 'BA', start: 31, end: 31 },
            { name: 'EA', start: 32, end: 32 },
            { name: 'CC', start: 44, end: 45 },
            { name: 'DAT', start: 58, end: 58 },
          ],
        },
      ],
      registers: [
        { name: 'pswm', bits: 64, type: 'psw_mask', group: 'psw' },
        { name: 'pswa', bits: 64, type: 'uint64', group: 'psw' },
        ...rows('r', 16, 64, 'uint64', 'general'),
      ],
    },
    { name: 'org.gnu.gdb.s390.acr', registers: rows('acr', 16, 32, 'uint32', 'access') },
    {
      name: 'org.gnu.gdb.s390.fpr',
      registers: [
        { name: 'fpc', bits: 32, type: 'uint32', group: 'float' },
        ...rows('f', 16, 64, 'ieee_double', 'float'),
      ],
    },
    {
      name: 'org.guestscope.vm',
      types: [
        { kind: 'vector', id: 'v2i64', element: 'int64', count: 2 },
        {
          kind: 'union',
          id: 'pair',
          fields: [
            { name: 'v2_int64', type: 'v2i64' },
            { name: 'uint128', type: 'uint128' },
          ],
        },
      ],
      registers: [
        { name: 'wide', bits: 128, type: 'pair', group: 'vm' },
        { name: 'absent', bits: 32, type: 'uint32', group: 'vm' },
        { name: 'icount', bits: 64, type: 'uint64', group: 'vm', saveRestore: false },
      ],
    },
  ],
  expedited: ['pswa', 'r15', 'absent'],
  elf: { class: 64, data: 'msb', machine: 22 },
  pcRegister: 'pswa',
  triple: 'fake-unknown-none',
};

const registerRows = description.features.flatMap((feature) => feature.registers);
/** Numbers of the registers that stand out. */
export const regnum = {
  pswm: 0,
  pswa: PSWA,
  r2: R2,
  r15: 17,
  wide: registerRows.findIndex((row) => row.name === 'wide'),
  absent: registerRows.findIndex((row) => row.name === 'absent'),
  icount: registerRows.findIndex((row) => row.name === 'icount'),
} as const;

interface FakeVcpu {
  readonly registers: Uint8Array[];
}

/**
 * A machine in memory whose vCPUs walk round a loop of three instructions. It runs a vCPU only when `advance` is called, so
 * that a test decides when; `freeRun` calls it from the event loop, for a real client.
 */
export class FakeTarget implements DebugTarget {
  readonly description = description;
  readonly storage = new Uint8Array(STORAGE);
  /** Everything that was asked for which a test may want to see, in order. */
  readonly calls: string[] = [];
  readonly breakpoints = new Set<string>();
  symbols: SymbolPort | undefined;
  readonly traces = new TraceRun({
    layout: { widths: registerRows.map((row) => row.bits / 8), little: false, always: [PSWA] },
    readRegister: this.readRegister.bind(this),
    readMemory: this.readMemory.bind(this),
    // An expression is the byte that it begins with.
    evaluate: (text) => BigInt(text[0] ?? 0),
  });
  running = false;
  freeRun = false;
  /** Called with what the guest prints. */
  onConsole: ((bytes: Uint8Array) => void) | undefined;
  readonly #vcpus: FakeVcpu[];
  #actions: ReadonlyMap<number, ResumeAction> = new Map();
  #interrupt = false;
  #first = true;
  #stops = 0;
  #executed = 0n;
  #listener: ((event: StopEvent) => void) | undefined;

  constructor(vcpus = 2) {
    this.#vcpus = Array.from({ length: vcpus }, () => ({
      registers: registerRows.map((row) => new Uint8Array(row.bits / 8)),
    }));
    for (const [id] of this.#vcpus.entries()) {
      this.#put(id, PSWA, BigInt(LOOP));
      this.#put(id, 0, 0x0000_0001_8000_0000n);
      this.#put(id, regnum.r15, 0x3f00n + BigInt(id));
    }
    this.storage.set(Buffer.from('a72b0001e32020000024a7f4fffb', 'hex'), LOOP);
  }

  vcpus(): readonly VcpuView[] {
    return this.#vcpus.map((_, id) => ({
      id,
      name: `CPU ${id}`,
      state: this.running ? 'running' : 'stopped <DAT off>',
    }));
  }

  readRegister(vcpu: number, index: number): Uint8Array | undefined {
    return index === regnum.absent ? undefined : this.#vcpus[vcpu]?.registers[index];
  }

  writeRegister(vcpu: number, index: number, bytes: Uint8Array): boolean {
    const register = this.#vcpus[vcpu]?.registers[index];
    if (index === regnum.icount || index === regnum.absent || register?.length !== bytes.length) return false;
    register.set(bytes);
    this.calls.push(`write register ${vcpu} ${index} ${Buffer.from(bytes).toString('hex')}`);
    return true;
  }

  readMemory(_vcpu: number, address: bigint, length: number): Uint8Array {
    if (address >= BigInt(STORAGE)) return new Uint8Array(0);
    return this.storage.subarray(Number(address), Number(address) + length);
  }

  writeMemory(_vcpu: number, address: bigint, bytes: Uint8Array): boolean {
    if (address + BigInt(bytes.length) > BigInt(STORAGE)) return false;
    this.storage.set(bytes, Number(address));
    this.calls.push(`store ${address.toString(16)} ${Buffer.from(bytes).toString('hex')}`);
    return true;
  }

  insertBreakpoint(
    kind: BreakpointKind,
    address: bigint,
    length: number,
    _vcpu = 0,
    { conditions, commands }: AgentCommands = { conditions: [], commands: [] },
  ): boolean {
    if (kind === 'read') return false;
    const hex = (texts: readonly Uint8Array[]): string => texts.map((t) => Buffer.from(t).toString('hex')).join(' ');
    if (conditions.length + commands.length > 0) this.calls.push(`if ${hex(conditions)} do ${hex(commands)}`);
    this.breakpoints.add(`${kind} ${address.toString(16)} ${length}`);
    return true;
  }

  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    if (kind === 'read') return false;
    this.breakpoints.delete(`${kind} ${address.toString(16)} ${length}`);
    return true;
  }

  onPrint(): void {
    // Nothing here prints.
  }

  /** The loop was gone through once. */
  straightRuns(): readonly StraightRun[] {
    return [{ first: BigInt(LOOP), last: BigInt(LOOP + 10), at: 3n }];
  }

  attach(): void {
    this.calls.push('attach');
    this.running = false;
  }

  detach(): void {
    this.calls.push('detach');
    this.breakpoints.clear();
    this.running = true;
  }

  reverse(kind: 'continue' | 'step', vcpu: number): void {
    this.calls.push(`reverse ${vcpu}:${kind}`);
    this.running = true;
    this.#actions = new Map();
    this.#listener?.({ vcpu, reason: kind === 'step' ? { kind: 'step' } : { kind: 'history-begin' } });
  }

  resume(actions: ReadonlyMap<number, ResumeAction>): void {
    const shown = [...actions].map(([id, action]) =>
      action.kind === 'range'
        ? `${id}:range ${action.start.toString(16)}-${action.end.toString(16)}`
        : `${id}:${action.kind}`,
    );
    this.calls.push(`resume ${shown.join(' ')}`);
    this.#actions = actions;
    this.#first = true;
    this.running = true;
    if (this.freeRun) setImmediate(() => this.advance(1000));
  }

  interrupt(): void {
    this.calls.push('interrupt');
    this.#interrupt = true;
  }

  kill(): void {
    this.calls.push('kill');
    this.running = false;
  }

  onStop(listener: ((event: StopEvent) => void) | undefined): void {
    this.#listener = listener;
  }

  /** Reports a stop as if the guest had come to one. */
  stop(vcpu: number, reason: StopReason): void {
    this.running = false;
    this.#stops++;
    this.#listener?.({ vcpu, reason });
  }

  /** Runs at most `turns` instructions of each vCPU that has an action, to the first stop. */
  advance(turns = 100): void {
    const stops = this.#stops;
    for (let turn = 0; turn < turns && this.running; turn++) {
      if (this.#interrupt) {
        this.#interrupt = false;
        this.stop(this.#actions.keys().next().value ?? 0, { kind: 'interrupt' });
        return;
      }
      for (const [id, action] of this.#actions) {
        // The listener may have resumed the machine already.
        if (this.#stops !== stops) return;
        this.#turn(id, action);
      }
      if (this.#stops !== stops) return;
      this.#first = false;
    }
    if (this.running && this.freeRun) setImmediate(() => this.advance(1000));
  }

  #turn(id: number, action: ResumeAction): void {
    const pc = this.#get(id, PSWA);
    this.#executed++;
    this.traces.at({ id, executed: () => this.#executed }, pc);
    // A vCPU that is resumed at a breakpoint leaves it first.
    if (!this.#first && this.#breaksAt(id, pc)) return;
    if (pc === BigInt(END)) {
      this.stop(id, { kind: 'guest-ended', message: 'CPU 0 entered a disabled wait' });
      return;
    }
    const stops = this.#stops;
    this.#execute(id, pc);
    if (this.#stops !== stops) return;
    const after = this.#get(id, PSWA);
    const inRange = action.kind === 'range' && after >= action.start && after < action.end;
    if (this.#breaksAt(id, after)) return;
    if (action.kind !== 'continue' && !inRange) this.stop(id, { kind: 'step' });
  }

  #breaksAt(id: number, pc: bigint): boolean {
    const at = pc.toString(16);
    const hit = [...this.breakpoints].find((text) => /^(soft|hard)ware /.test(text) && text.split(' ')[1] === at);
    if (hit === undefined) return false;
    this.stop(id, { kind: 'breakpoint', hardware: hit.startsWith('hardware') });
    return true;
  }

  #execute(id: number, pc: bigint): void {
    switch (Number(pc) - LOOP) {
      case 0:
        this.#put(id, R2, this.#get(id, R2) + 1n);
        this.#put(id, PSWA, pc + 4n);
        break;
      case 4: {
        this.#put(id, PSWA, pc + 6n);
        new DataView(this.storage.buffer).setBigUint64(COUNTER, this.#get(id, R2));
        const watch = [...this.breakpoints].find((text) => text === `write ${COUNTER.toString(16)} 8`);
        if (watch !== undefined) this.stop(id, { kind: 'watchpoint', access: 'write', address: BigInt(COUNTER) });
        break;
      }
      default:
        this.#put(id, PSWA, BigInt(LOOP));
    }
  }

  #get(id: number, index: number): bigint {
    const bytes = this.#vcpus[id]?.registers[index] ?? new Uint8Array(8);
    return Buffer.from(bytes).readBigUInt64BE();
  }

  #put(id: number, index: number, value: bigint): void {
    const bytes = this.#vcpus[id]?.registers[index];
    if (bytes !== undefined) new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, BigInt.asUintN(64, value));
  }
}
