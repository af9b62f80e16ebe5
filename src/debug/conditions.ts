import { formatted } from '../agent/format.ts';
import { type AgentProgram, type AgentWorld, compileAgent } from '../agent/program.ts';
import { bigEndian, bytesToHex } from '../bits/hex.ts';
import type { RegisterRow } from '../machine/description.ts';
import type { Guest, GuestVcpu } from '../machine/guest.ts';
import { engineState, PAGE_SHIFT, TLB_ENTRIES, tlbEntry } from '../machine/layout.ts';
import type { AgentCommands } from './target.ts';

/** What a breakpoint does when it is met: it stops, unless it says otherwise. */
export type BreakpointTest = (vcpu: GuestVcpu, prints: boolean) => boolean;

/** What is made of conditions and commands. */
export interface ConditionTests {
  readonly test: BreakpointTest;
  /** Whether any condition holds, by the address of the vCPU's state; undefined where that does not decide, or cannot be said. */
  readonly quick: ((vcpu: number) => boolean) | undefined;
}

/** Who collects for expressions of tracepoints. */
export interface TraceSink {
  collectMemory(vcpu: number, address: bigint, length: number): void;
  collectVariable(number: number): void;
  variable(number: number): bigint;
  setVariable(number: number, value: bigint): void;
}

/** Of a text in storage as much as this is printed. */
const MOST_TEXT = 4096;
const TEXT_PIECE = 64;

/**
 * Conditions and commands of breakpoints, as agent expressions. They are compiled once: a debugger sends the same ones at each
 * resume. What cannot be compiled, and what fails, stops, and the debugger looks for itself.
 */
export class Conditions {
  readonly #guest: Guest;
  readonly #print: (text: string) => void;
  readonly #world: AgentWorld;
  readonly #programs = new Map<string, AgentProgram | undefined>();

  /** `print` takes what commands print, `trace` gives who collects. */
  constructor(
    guest: Guest,
    registers: readonly RegisterRow[],
    { print, trace }: { readonly print: (text: string) => void; readonly trace: () => TraceSink },
  ) {
    this.#guest = guest;
    this.#print = print;
    const { registerPlaces } = guest;
    const little = guest.description.elf.data === 'lsb';
    const numberOf = (bytes: Uint8Array): bigint => bigEndian(little ? bytes.toReversed() : bytes);
    this.#world = {
      memory: registerPlaces?.memory ?? new WebAssembly.Memory({ initial: 1, maximum: 1 }),
      tlb: registerPlaces && {
        bank: engineState.tlbData.offset,
        pageShift: PAGE_SHIFT,
        entries: TLB_ENTRIES,
        entryShift: tlbEntry.shift,
        tag: tlbEntry.fetchTag,
        addend: tlbEntry.addend,
        mirrored: registerPlaces.storage === 'mirrored',
      },
      place: (n) => {
        const row = registers[n];
        return row === undefined ? undefined : registerPlaces?.place(row);
      },
      register: (vcpu, n) => {
        const row = registers[n];
        const bytes = row === undefined ? undefined : guest.readRegister(vcpu, row);
        if (bytes === undefined) throw new Error(`register ${n} has no value`);
        return numberOf(bytes);
      },
      fetch: (vcpu, address, bytes) => {
        const quickly = guest.fetchQuickly?.(vcpu, address, bytes);
        if (quickly !== undefined) return quickly;
        const found = guest.readMemory(vcpu, address, bytes);
        if (found.length < bytes) throw new Error('it cannot be fetched');
        return numberOf(found);
      },
      trace: (vcpu, address, length, text) => {
        const bytes = text ? Math.min(length, this.#textAt(vcpu, address).length + 1) : length;
        trace().collectMemory(vcpu, address, bytes);
      },
      variable: (n) => trace().variable(n),
      setVariable: (n, value) => trace().setVariable(n, value),
      traceVariable: (n) => trace().collectVariable(n),
      print: (vcpu, format, values) => {
        const text = formatted(Buffer.from(format).toString('latin1'), values, (a) => this.#textAt(vcpu, a));
        this.#print(text);
      },
    };
  }

  /** What a breakpoint with these does; undefined when it stops always. */
  test({ conditions, commands }: AgentCommands): ConditionTests | undefined {
    if (conditions.length === 0 && commands.length === 0) return undefined;
    const tests = conditions.map((text) => this.#compile(text));
    const prints = commands.map((text) => this.#compile(text));
    // One that cannot be carried out is the debugger's to look at.
    if (tests.includes(undefined) || prints.includes(undefined)) return undefined;
    // Each with its own when there are as many; else all commands when any condition holds.
    const paired = tests.length === prints.length;
    const test: BreakpointTest = (vcpu, print) => {
      const held = tests.map((test) => this.#holds(test, vcpu));
      const holds = held.length === 0 || held.includes(true);
      if (!holds || prints.length === 0) return holds;
      if (!print) return false;
      const ok = prints.every((each, i) => (paired && held[i] !== true) || this.#run(each, vcpu));
      return !ok;
    };
    return { test, quick: tests.length === 0 ? undefined : this.#quickly(tests) };
  }
  /** The value of an expression for a vCPU; undefined when it cannot be carried out. */
  value(text: Uint8Array, { id }: Pick<GuestVcpu, 'id'>): bigint | undefined {
    try {
      return this.#compile(text)?.run(id, this.#baseOf(id));
    } catch {
      return undefined;
    }
  }
  /** Whether an expression holds for a vCPU; what cannot be carried out holds. */
  holds(text: Uint8Array, vcpu: GuestVcpu): boolean {
    return this.#holds(this.#compile(text), vcpu);
  }
  #quickly(tests: readonly (AgentProgram | undefined)[]): ConditionTests['quick'] {
    const { registerPlaces: places } = this.#guest;
    if (places === undefined) return undefined;
    const [first, ...others] = tests.filter((test) => test !== undefined);
    if (first === undefined) return undefined;
    if (others.length === 0) return (base) => first.holds(places.vcpuAt(base), base);
    return (base) => {
      const vcpu = places.vcpuAt(base);
      return first.holds(vcpu, base) || others.some((test) => test.holds(vcpu, base));
    };
  }

  #compile(text: Uint8Array): AgentProgram | undefined {
    const key = bytesToHex(text);
    if (!this.#programs.has(key)) {
      const made = compileAgent(text, this.#world);
      this.#programs.set(key, made.ok ? made.value : undefined);
    }
    return this.#programs.get(key);
  }
  #holds(program: AgentProgram | undefined, { id }: GuestVcpu): boolean {
    try {
      return program === undefined || program.holds(id, this.#baseOf(id));
    } catch {
      return true;
    }
  }
  // False when it failed.
  #run(program: AgentProgram | undefined, { id }: GuestVcpu): boolean {
    try {
      program?.run(id, this.#baseOf(id));
      return true;
    } catch {
      return false;
    }
  }

  #baseOf(vcpu: number): number {
    return this.#guest.registerPlaces?.base(vcpu) ?? 0;
  }

  #textAt(vcpu: number, address: bigint): string {
    let text = '';
    while (text.length < MOST_TEXT) {
      const found = this.#guest.readMemory(vcpu, address + BigInt(text.length), TEXT_PIECE);
      const end = found.indexOf(0);
      text += Buffer.from(end < 0 ? found : found.subarray(0, end)).toString('latin1');
      if (end >= 0 || found.length < TEXT_PIECE) break;
    }
    return text;
  }
}
