import { bigEndian } from '../../../bits/hex.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import { lowcore } from '../cpu/lowcore.ts';
import { further, gpa } from '../dat/address.ts';
import { debugRead } from '../gdb/memory.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { assemblyFrames, chainedFrames } from './code-frames.ts';
import { findKallsyms, type KernelSymbol } from './kallsyms.ts';
import type { GuestSymbol, SymbolArea } from './kernel-elf.ts';
import type { CodeRange } from './kernel-frames.ts';
import { KernelStorage } from './kernel-storage.ts';
import { lateFrames } from './late-frames.ts';
import { type OwnModule, OwnModules } from './own-modules.ts';
import { ownSections } from './own-sections.ts';

/** A kernel by its own table. */
export interface FoundKernel {
  /** Address of its lowest symbol. */
  readonly base: bigint;
  readonly symbols: readonly GuestSymbol[];
  readonly areas: readonly SymbolArea[];
  /** How to go up from its assembly. */
  readonly frames: readonly CodeRange[];
  address(name: string): bigint | undefined;
}

/** The kernel that was found, and what shows that it is still there. */
interface Known {
  readonly kernel: FoundKernel;
  readonly tokensAt: bigint;
  readonly tokens: Uint8Array;
}

/** New PSWs of the prefix area, and where in the kernel they lead. */
const handlers = [
  [lowcore.svcNewPsw, 'system_call'],
  [lowcore.externalNewPsw, 'ext_int_handler'],
  [lowcore.ioNewPsw, 'io_int_handler'],
] as const;
/** A kernel is entered at its lowest symbol, which lies on a boundary of so many bytes. */
const ENTRY_UNIT = 0x4000n;
/** From any of its code to the end of its read-only data. */
const REACH = 48 << 20;
const PIECE = 1 << 16;
const TOKEN_BYTES = 64;
const MOST_TRIED = 256;

/** Finds the kernel in a guest by what it keeps of its symbols, and keeps it for as long as that is there. */
export class OwnKernel {
  readonly #vm: KvmVm;
  readonly #storage: KernelStorage;
  readonly #modules: OwnModules;
  #known: Known | undefined;
  /** Where no kernel was found: the handlers' addresses, and places of entry. */
  #notBy = '';
  readonly #tried = new Set<bigint>();

  constructor(vm: KvmVm) {
    this.#vm = vm;
    this.#storage = new KernelStorage(vm);
    this.#modules = new OwnModules(this.#storage);
  }

  /** The kernel that is in storage now. */
  current(): FoundKernel | undefined {
    if (this.#known !== undefined && !this.#isThere(this.#known)) {
      this.#known = undefined;
      this.#tried.clear();
    }
    this.#known ??= this.#byHandlers();
    return this.#known?.kernel;
  }

  /** The places where a kernel's first instruction may be, within `bytes` of addresses: that often they repeat. */
  entries(bytes: bigint): readonly bigint[] {
    return Array.from({ length: Number(bytes / ENTRY_UNIT) }, (_, i) => BigInt(i) * ENTRY_UNIT);
  }

  /** Looks whether a vCPU is about to execute a kernel's first instruction. */
  enteredAt(vcpu: number, address: bigint): boolean {
    if (address % ENTRY_UNIT !== 0n || this.#tried.has(address) || this.#tried.size >= MOST_TRIED) return false;
    this.#tried.add(address);
    const by = this.#vm.vcpus[vcpu]?.vcpu;
    if (by === undefined) return false;
    const image = contiguous((at, length) => debugRead(this.#vm, by, at, length), address);
    this.#known = this.#find(image, address, (symbols) => (symbols[0]?.offset === 0 ? address : undefined));
    return this.#known !== undefined;
  }

  /** The modules, but for one that is about to vanish. */
  modules(leaving: bigint | undefined): readonly OwnModule[] {
    const kernel = this.current();
    return kernel === undefined ? [] : this.#modules.all(kernel).filter(({ address }) => address !== leaving);
  }

  /** How to go up from functions of a module whose frames their first instructions do not show. */
  framesOf(symbols: readonly GuestSymbol[]): readonly CodeRange[] {
    const code = symbols.filter(({ text }) => text).sort((a, b) => (a.address < b.address ? -1 : 1));
    const read = (at: bigint, length: number): Uint8Array => this.#storage.read(at, length) ?? new Uint8Array(0);
    return [...chainedFrames(code, read), ...lateFrames(code, read)];
  }
  /** Where the sections of a module lie, by name, when that can be found. */
  sectionsOf(module: bigint): ReadonlyMap<string, bigint> | undefined {
    return ownSections(this.#storage, module);
  }

  /** What is neither the kernel's nor a module's code: no caller is known of who is there. */
  elsewhere(kernel: FoundKernel, modules: readonly OwnModule[]): readonly CodeRange[] {
    const taken = [...kernel.areas, ...modules.flatMap(({ areas }) => areas)].sort((a, b) =>
      a.from < b.from ? -1 : 1,
    );
    const ranges: CodeRange[] = [];
    // gdb takes what begins at 0 for the remains of a section that a linker left out.
    let from = 2n;
    for (const area of taken) {
      if (area.from > from) ranges.push({ from, to: area.from, way: 'end' });
      if (area.to > from) from = area.to;
    }
    return [...ranges, { from, to: (1n << 63n) - 1n, way: 'end' }];
  }

  #isThere({ tokensAt, tokens }: Known): boolean {
    const now = this.#storage.read(tokensAt, tokens.length);
    if (now !== undefined && Buffer.compare(now, tokens) === 0) return true;
    // Before the kernel has its own tables, a vCPU's own space is where it is.
    return this.#vm.vcpus.some(
      ({ vcpu }) => Buffer.compare(debugRead(this.#vm, vcpu, tokensAt, tokens.length), tokens) === 0,
    );
  }

  // A kernel that has come so far as to handle interruptions is where its handlers are.
  #byHandlers(): Known | undefined {
    const prefix = this.#vm.vcpus[0]?.vcpu.prefix ?? gpa(0);
    const found = handlers.map(([[at]]) =>
      bigEndian(this.#vm.readAbsolute(further(prefix, at + 8), 8) ?? new Uint8Array(1)),
    );
    const [svc = 0n] = found;
    const key = found.join();
    if (key === this.#notBy || svc === 0n || new Set(found).size < handlers.length) return undefined;
    const from = svc & ~BigInt(PAGE_BYTES - 1);
    const image = contiguous((at, length) => this.#storage.read(at, length) ?? new Uint8Array(0), from);
    const known = this.#find(image, from, (symbols) => {
      const bases = handlers.map(([, name], i) => {
        const offset = symbols.find((s) => s.name === name)?.offset;
        return offset === undefined ? undefined : (found[i] ?? 0n) - BigInt(offset);
      });
      return bases.every((base) => base === bases[0]) ? bases[0] : undefined;
    });
    this.#notBy = known === undefined ? key : '';
    return known;
  }

  #find(
    image: Uint8Array,
    at: bigint,
    baseOf: (symbols: readonly KernelSymbol[]) => bigint | undefined,
  ): Known | undefined {
    const table = findKallsyms(image);
    const base = table === undefined ? undefined : baseOf(table.symbols);
    if (table === undefined || base === undefined) return undefined;
    const tokens = image.slice(table.tokens, table.tokens + TOKEN_BYTES);
    const end = at + BigInt(image.length);
    const kernel = describe(table.symbols, base, end, (address, length) => {
      const from = Number(address - at);
      return from >= 0
        ? image.subarray(from, from + length)
        : (this.#storage.read(address, length) ?? new Uint8Array(0));
    });
    return { kernel, tokensAt: at + BigInt(table.tokens), tokens };
  }
}

/** What lies from an address on, up to the first page that is not there. */
function contiguous(read: (at: bigint, length: number) => Uint8Array, from: bigint): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let n = 0; n < REACH; n += PIECE) {
    const part = read(from + BigInt(n), PIECE);
    if (part.length === PIECE) {
      parts.push(part);
      continue;
    }
    for (let k = 0; k < PIECE; k += PAGE_BYTES) {
      const page = read(from + BigInt(n + k), PAGE_BYTES);
      if (page.length < PAGE_BYTES) break;
      parts.push(page);
    }
    break;
  }
  return Buffer.concat(parts);
}

function describe(
  table: readonly KernelSymbol[],
  base: bigint,
  end: bigint,
  read: (address: bigint, length: number) => Uint8Array,
): FoundKernel {
  const symbols = table.map(({ name, type, offset }): GuestSymbol => {
    const letter = type.toLowerCase();
    return { name, address: base + BigInt(offset), text: letter === 't' || letter === 'w', global: letter !== type };
  });
  const byName = new Map<string, bigint>();
  for (const { name, address } of symbols) if (!byName.has(name)) byName.set(name, address);
  const address = (name: string): bigint | undefined => byName.get(name);
  const last = symbols.at(-1)?.address ?? base;
  const edges = ['_etext', '_sinittext', '_einittext', '_end'].map(address);
  const [etext = last, sinit, einit, stop = end > last ? end : last + 1n] = edges;
  const areas: SymbolArea[] = [{ name: '.text', from: base, to: etext, text: true }];
  if (sinit !== undefined && einit !== undefined && sinit >= etext && einit > sinit) {
    if (sinit > etext) areas.push({ name: '.data', from: etext, to: sinit, text: false });
    areas.push({ name: '.init.text', from: sinit, to: einit, text: true });
    if (stop > einit) areas.push({ name: '.init.data', from: einit, to: stop, text: false });
  } else if (stop > etext) areas.push({ name: '.data', from: etext, to: stop, text: false });
  return {
    base,
    symbols,
    areas,
    frames: [...assemblyFrames(symbols, address, read), ...chainedFrames(symbols, read), ...lateFrames(symbols, read)],
    address,
  };
}
