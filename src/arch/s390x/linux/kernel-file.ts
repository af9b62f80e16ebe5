import { DebugInfo, type StructLayout } from '../../../image/dwarf.ts';
import { elfMachine } from '../../../image/elf.ts';
import { cString, readBuildId, readSections } from '../../../image/elf-file.ts';
import { ElfReader, elfLayouts, elfShape } from '../../../image/elf-layout.ts';
import type { SymbolFile } from '../../../image/symbol-sources.ts';
import { ImageSymbols } from '../../../image/symbols.ts';

/** Source file that includes what a structure is declared in, and the structures to be found there. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  'init/main.c': ['task_struct', 'module', 'list_head', 'lowcore'],
  'kernel/module/sysfs.c': ['module_sect_attrs', 'module_sect_attr'],
  // Before Linux 5.19.
  'kernel/module.c': ['module_sect_attrs', 'module_sect_attr'],
};

const RELEASE = /^Linux version (\S+)/;

/** What a kernel's ELF file says, read when it is first asked for. */
export class KernelFile {
  readonly #file: SymbolFile;
  #parsed: Parsed | undefined;
  readonly #structs = new Map<string, StructLayout | undefined>();

  constructor(file: SymbolFile) {
    this.#file = file;
  }

  get path(): string {
    return this.#file.path;
  }
  get bytes(): Uint8Array {
    return this.#all.bytes;
  }
  /** The build-id in hex. */
  get buildId(): string | undefined {
    return this.#all.buildId;
  }
  /** Address of the first instruction as linked. */
  get entry(): bigint {
    return this.#all.entry;
  }
  /** The dynamic section's address as linked; 0 without one. */
  get dynamic(): bigint {
    return this.#all.dynamic;
  }
  /** The kernel's release, such as `6.1.0-50-s390x`. */
  get release(): string | undefined {
    return this.#all.release;
  }

  /** A symbol's address as linked. */
  symbol(name: string): bigint | undefined {
    return this.#all.symbols.named(name)?.address;
  }

  /** The first bytes of what lies at a linked address; none when nothing does. */
  at(address: bigint, length: number): Uint8Array {
    return contents(this.#all.bytes, address, length);
  }

  /** The layout of a structure; undefined when the file has no debug information about it. */
  struct(name: string): StructLayout | undefined {
    if (!this.#structs.has(name)) this.#readStructs(name);
    return this.#structs.get(name);
  }

  #readStructs(name: string): void {
    this.#structs.set(name, undefined);
    for (const [source, names] of Object.entries(wanted)) {
      if (!names.includes(name)) continue;
      for (const [found, layout] of this.#all.debugInfo.structs(source, names)) this.#structs.set(found, layout);
    }
  }

  get #all(): Parsed {
    this.#parsed ??= parse(this.#file.read());
    return this.#parsed;
  }
}

interface Parsed {
  readonly bytes: Uint8Array;
  readonly symbols: ImageSymbols;
  readonly debugInfo: DebugInfo;
  readonly entry: bigint;
  readonly dynamic: bigint;
  readonly buildId: string | undefined;
  readonly release: string | undefined;
}

function isS390xKernel(bytes: Uint8Array): boolean {
  const found = elfShape(bytes);
  return found?.wide === true && !found.littleEndian && elfMachine(bytes) === EM_S390;
}

function parse(bytes: Uint8Array): Parsed {
  const whole = isS390xKernel(bytes) ? bytes : new Uint8Array(0);
  const sections = readSections(whole);
  const symbols = new ImageSymbols(whole);
  const banner = symbols.named('linux_banner');
  const text = banner === undefined ? '' : cString(contents(whole, banner.address, 512), 0);
  return {
    bytes: whole,
    symbols,
    debugInfo: new DebugInfo(whole),
    entry: new ElfReader(whole, shape).native(elfLayouts[64].header.entry),
    dynamic: sections.find((s) => s.name === '.dynamic')?.address ?? 0n,
    buildId: readBuildId(whole, sections),
    release: RELEASE.exec(text)?.[1],
  };
}

const PT_LOAD = 1;
const EM_S390 = 22;
/** Of the files that are for this architecture. */
const shape = { wide: true, littleEndian: false } as const;

function contents(bytes: Uint8Array, address: bigint, length: number): Uint8Array {
  const { header, program } = elfLayouts[64];
  const file = new ElfReader(bytes, shape);
  const [table, stride] = [Number(file.native(header.phoff)), file.half(header.phentsize)];
  for (let i = 0; i < file.half(header.phnum); i++) {
    const at = table + i * stride;
    const from = address - file.native(at + program.vaddr);
    const size = file.native(at + program.filesz);
    if (file.word(at) !== PT_LOAD || from < 0n || from >= size) continue;
    const offset = Number(file.native(at + program.offset) + from);
    return bytes.subarray(offset, offset + Math.min(length, Number(size - from)));
  }
  return new Uint8Array(0);
}
