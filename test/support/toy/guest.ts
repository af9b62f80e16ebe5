/** A guest of the toy architecture for machine, debugger and server, and its monitor's commands. */

import type { ByteOrder } from '../../../src/bits/byte-order.ts';
import type { Stateful } from '../../../src/bits/stateful.ts';
import { buildEngine, type EngineOptions } from '../../../src/engine/engine.ts';
import type { Interpreter } from '../../../src/machine/arch.ts';
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
import { engineState } from '../../../src/machine/layout.ts';
import { StateParts } from '../../../src/machine/snapshot.ts';
import { StorageContents } from '../../../src/machine/storage-state.ts';
import type { StorageRange, StorageWatch } from '../../../src/machine/watch.ts';
import { type CommandRow, command, item, words } from '../../../src/monitor/command.ts';
import { REGISTERS, registerSlot } from './isa.ts';
import { isUnwind, type ToyCpu, ToyMachine, type ToySize } from './machine.ts';

const names = Array.from({ length: REGISTERS }, (_, n) => `r${n}`);

/** What a debugger must know of the toy. */
export function describeToy(order: ByteOrder): TargetDescription {
  return {
    architecture: 'toy',
    triple: 'toy-unknown-none',
    osabi: 'none',
    features: [
      {
        name: 'org.guestscope.toy.core',
        registers: [
          ...names.map((name) => ({ name, bits: 64, type: 'uint64' })),
          { name: 'pc', bits: 64, type: 'code_ptr' },
        ],
      },
    ],
    expedited: ['pc', 'r1'],
    elf: { class: 64, data: order === 'big' ? 'msb' : 'lsb', machine: 0 },
    pcRegister: 'pc',
  };
}

function slotOf({ name }: Pick<RegisterRow, 'name'>) {
  return name === 'pc' ? engineState.pc : registerSlot(names.indexOf(name));
}

/** A CPU as it is saved. */
interface ToyVcpuState {
  readonly pc: bigint;
  readonly registers: readonly bigint[];
  readonly executed: bigint;
  readonly passed: bigint;
  readonly stopped: boolean;
}

/** A CPU as the run loop sees it. */
class ToyVcpu implements GuestVcpu, Stateful<ToyVcpuState> {
  readonly id: number;
  readonly waiting = false;
  stopped = false;
  readonly cpu: ToyCpu;
  readonly #guest: ToyGuest;
  #passed = 0n;
  #stop: StopExit | undefined;

  constructor(cpu: ToyCpu, guest: ToyGuest) {
    this.id = cpu.id;
    this.cpu = cpu;
    this.#guest = guest;
  }

  run({ count, checked }: RunOptions): VcpuExit {
    const { interpreter, machine } = this.#guest;
    this.#stop = undefined;
    this.cpu.ended = undefined;
    this.cpu.allow(count);
    try {
      interpreter[checked ? 'runChecked' : 'run'](this.cpu.base);
    } catch (error) {
      if (!isUnwind(error)) throw error;
    }
    return this.#left() ?? this.#stop ?? machine.watch?.met() ?? { kind: 'quantum' };
  }
  #left(): VcpuExit | undefined {
    const why = this.cpu.ended;
    if (why === undefined) return undefined;
    this.stopped = true;
    return why === 'halt' ? { kind: 'stopped' } : { kind: 'crashed', message: why };
  }
  /** True when the run shall end in front of the instruction that comes. */
  stops(): boolean {
    this.#stop = this.#guest.stops?.at(this, this.pc());
    return this.#stop !== undefined;
  }

  /** @inheritdoc */
  save(): ToyVcpuState {
    const registers = names.map((_, n) => this.cpu.get(registerSlot(n)));
    return { pc: this.pc(), registers, executed: this.executed(), passed: this.#passed, stopped: this.stopped };
  }
  /** @inheritdoc */
  restore({ pc, registers, executed, passed, stopped }: ToyVcpuState): void {
    this.cpu.set(engineState.pc, pc);
    for (const [n, value] of registers.entries()) this.cpu.set(registerSlot(n), value);
    this.cpu.count(executed);
    this.#passed = passed;
    this.stopped = stopped;
  }

  elapsed(): bigint {
    return this.cpu.executed + this.#passed;
  }
  executed(): bigint {
    return this.cpu.executed;
  }
  idle(instructions: bigint): void {
    this.#passed += instructions;
  }
  pass(instructions: bigint): void {
    this.#passed += instructions;
  }
  canRun(): boolean {
    return !this.stopped;
  }
  untilWake(): undefined {
    return undefined;
  }
  pc(): bigint {
    return this.cpu.get(engineState.pc);
  }
}

/** A guest of the toy architecture, its program in storage. */
export class ToyGuest implements OpenGuest {
  readonly machine: ToyMachine;
  readonly interpreter: Interpreter;
  readonly description: TargetDescription;
  readonly vcpus: readonly ToyVcpu[];
  readonly breakpointFilter: Uint8Array;
  readonly state: GuestState;
  stops: StopTest | undefined;

  constructor(size: ToySize, engine?: EngineOptions) {
    this.machine = new ToyMachine(size);
    this.interpreter = buildEngine(this.machine, this.machine.memory, this.machine.filterAddress, engine);
    this.description = describeToy(size.order);
    this.breakpointFilter = this.machine.filter;
    this.vcpus = this.machine.cpus.map((cpu) => new ToyVcpu(cpu, this));
    const parts = new StateParts().add('storage', 1, new StorageContents(this.machine.storage));
    for (const vcpu of this.vcpus) parts.add(`CPU ${vcpu.id}`, 1, vcpu);
    this.state = { shape: { ...size }, parts, forget: (replaced) => this.machine.forget(replaced) };
    this.machine.breakpoint = (cpu) => this.vcpu(cpu.id).stops();
  }

  /** A vCPU that is there. */
  vcpu(id: number): ToyVcpu {
    const found = this.vcpus[id];
    if (found === undefined) throw new Error(`no vCPU ${id}`);
    return found;
  }
  /** Puts a program into storage, and a vCPU at its beginning. */
  load(vcpu: number, at: number, program: readonly number[]): void {
    for (const [i, word] of program.entries()) this.machine.storage.setWord(at + 4 * i, word);
    this.vcpu(vcpu).cpu.set(engineState.pc, BigInt(at));
  }

  end(): GuestEnd | undefined {
    return this.vcpus.every((v) => v.stopped) ? { status: 0, message: 'every CPU has halted' } : undefined;
  }
  view(vcpu: number): VcpuView {
    return { id: vcpu, name: `CPU ${vcpu}`, state: this.vcpu(vcpu).stopped ? 'stopped' : 'running' };
  }
  readRegister(vcpu: number, row: RegisterRow): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, this.vcpu(vcpu).cpu.get(slotOf(row)), this.#isLittle);
    return bytes;
  }
  readMemory(_vcpu: number, address: bigint, length: number): Uint8Array {
    const { pieces } = this.storageBehind(0, address, length);
    return pieces.length === 0 ? new Uint8Array(0) : this.readStorage(Number(address), pieces[0]?.length ?? 0);
  }
  storageBehind(_vcpu: number, address: bigint, length: number): StorageRange {
    const { size } = this.machine.storage;
    const at = Number(address);
    const there = address < BigInt(size) ? Math.min(length, size - at) : 0;
    return { pieces: there > 0 ? [{ address, at, length: there }] : [], spaces: [] };
  }
  readStorage(at: number, length: number): Uint8Array {
    return this.machine.storage.read(at, length);
  }
  watchStorage(watch: StorageWatch | undefined): void {
    this.machine.watch = watch;
    for (const { cpu } of this.vcpus) cpu.forget();
  }
  takeInput(input: GuestInput): boolean {
    if (input.kind === 'write-register') return this.#writeRegister(input.vcpu, input.register, input.data);
    if (input.kind !== 'write-memory') throw new Error('the toy has no devices');
    const { vcpu, address, data } = input;
    if (this.readMemory(vcpu, address, data.length).length < data.length) return false;
    this.machine.storage.write(Number(address), data);
    this.machine.stored(Number(address), data.length);
    return true;
  }
  #writeRegister(vcpu: number, name: string, { buffer, byteOffset }: Uint8Array): boolean {
    const value = new DataView(buffer, byteOffset, 8).getBigUint64(0, this.#isLittle);
    this.vcpu(vcpu).cpu.set(slotOf({ name }), value);
    return true;
  }

  get #isLittle(): boolean {
    return this.machine.byteOrder === 'little';
  }
}

/** The commands of the toy's monitor. */
export const toyCommands: readonly CommandRow<ToyGuest>[] = [
  command('halted', { words: words(), usage: '', summary: 'which CPUs have halted' }, function* ({ guest }) {
    for (const { id, stopped } of guest.vcpus) yield item(`CPU ${id}`, stopped);
    return undefined;
  }),
];
