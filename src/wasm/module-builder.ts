import { ByteWriter } from './byte-writer.ts';
import { FunctionBuilder, type TypeSpace } from './function-builder.ts';
import { type FuncType, type Limits, type ValType, valTypeByte } from './types.ts';

/** Numbers of the sections, in the order in which they must stand; the name section is a custom one. */
const section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
} as const;

const externalKind = { func: 0, table: 1, memory: 2, global: 3 } as const;
const funcref = 0x70;

/** A vector of a section: entries and how many there are. */
class Entries {
  readonly body = new ByteWriter(64);
  count = 0;

  next(): ByteWriter {
    this.count++;
    return this.body;
  }
}

/** Where the body of a function goes that was declared before it was written. */
interface Declared {
  readonly type: number;
  readonly params: number;
  code: ByteWriter | undefined;
}

/**
 * Builds one WebAssembly module. Everything that has an index (function, table, memory, global) gets it at once, so that
 * code can refer to it; imports of a kind come before definitions of that kind, and a breach of that throws.
 */
export class ModuleBuilder implements TypeSpace {
  readonly #name: string | undefined;
  readonly #typeIndices = new Map<string, number>();
  readonly #types = new Entries();
  readonly #imports = new Entries();
  readonly #tables = new Entries();
  readonly #memories = new Entries();
  readonly #globals = new Entries();
  readonly #exports = new Entries();
  readonly #elements = new Entries();
  readonly #data = new Entries();
  readonly #functions: Declared[] = [];
  readonly #functionNames: (readonly [index: number, name: string])[] = [];
  readonly #imported = { func: 0, table: 0, memory: 0, global: 0 };

  /** `name` is for debuggers and profilers. */
  constructor(name?: string) {
    this.#name = name;
  }

  /** Index of a function type; equal types have one index. */
  typeIndex(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.#typeIndices.get(key);
    if (known !== undefined) return known;
    const index = this.#typeIndices.size;
    this.#typeIndices.set(key, index);
    const out = this.#types.next();
    out.byte(0x60);
    valTypes(out, params);
    valTypes(out, results);
    return index;
  }

  /** Imports a function; its index. */
  importFunction(module: string, name: string, type: FuncType): number {
    const index = this.#import('func', module, name, this.#functions.length);
    this.#imports.body.u32(this.typeIndex(type.params, type.results));
    this.#functionNames.push([index, `${module}.${name}`]);
    return index;
  }

  /** Imports a table of functions; its index. */
  importTable(module: string, name: string, size: Limits): number {
    const index = this.#import('table', module, name, this.#tables.count);
    this.#imports.body.byte(funcref);
    limits(this.#imports.body, size);
    return index;
  }

  /** Imports the memory. */
  importMemory(module: string, name: string, pages: Limits): number {
    const index = this.#import('memory', module, name, this.#memories.count);
    limits(this.#imports.body, pages);
    return index;
  }

  /** Imports a global; its index. */
  importGlobal(module: string, name: string, type: ValType, mutable = true): number {
    const index = this.#import('global', module, name, this.#globals.count);
    this.#imports.body.byte(valTypeByte[type]);
    this.#imports.body.byte(mutable ? 1 : 0);
    return index;
  }

  /** Defines a table of functions; its index. */
  table(size: Limits): number {
    const out = this.#tables.next();
    out.byte(funcref);
    limits(out, size);
    return this.#imported.table + this.#tables.count - 1;
  }

  /** Defines the memory. */
  memory(pages: Limits): number {
    limits(this.#memories.next(), pages);
    return this.#imported.memory + this.#memories.count - 1;
  }

  /** Defines an integer global; its index. */
  global(type: 'i32' | 'i64', initial: bigint | number, mutable = true): number {
    const out = this.#globals.next();
    out.byte(valTypeByte[type]);
    out.byte(mutable ? 1 : 0);
    if (type === 'i64') {
      out.byte(0x42);
      out.s64(initial);
    } else {
      i32const(out, Number(initial));
    }
    out.byte(0x0b);
    return this.#imported.global + this.#globals.count - 1;
  }

  /** Defines a function whose body `body` writes; its index. `name` shows in stack traces and profiles. */
  func(
    name: string | undefined,
    params: readonly ValType[],
    results: readonly ValType[],
    body: (f: FunctionBuilder) => void,
  ): number {
    const index = this.declare(name, params, results);
    this.define(index, body);
    return index;
  }

  /** Gives a function its index before its body is written, so that functions can call each other. */
  declare(name: string | undefined, params: readonly ValType[], results: readonly ValType[]): number {
    const type = this.typeIndex(params, results);
    const index = this.#imported.func + this.#functions.push({ type, params: params.length, code: undefined }) - 1;
    if (name !== undefined) this.#functionNames.push([index, name]);
    return index;
  }

  /** Writes the body of a declared function. */
  define(func: number, body: (f: FunctionBuilder) => void): void {
    const declared = this.#functions[func - this.#imported.func];
    if (declared === undefined) throw new Error(`function ${func} was not declared`);
    if (declared.code !== undefined) throw new Error(`function ${func} has a body already`);
    const f = new FunctionBuilder(this, declared.params);
    body(f);
    declared.code = new ByteWriter(f.size + 16);
    f.finish(declared.code);
  }

  /** Exports a function. */
  exportFunction(name: string, func: number): void {
    this.#export('func', name, func);
  }

  /** Exports a table. */
  exportTable(name: string, table: number): void {
    this.#export('table', name, table);
  }

  /** Exports the memory. */
  exportMemory(name: string, memory = 0): void {
    this.#export('memory', name, memory);
  }

  /** Exports a global. */
  exportGlobal(name: string, global: number): void {
    this.#export('global', name, global);
  }

  /** Puts functions into a table from element `offset` on, when the module is instantiated. */
  elements(table: number, offset: number, functions: readonly number[]): void {
    const out = this.#elements.next();
    out.u32(table === 0 ? 0 : 2);
    if (table !== 0) out.u32(table);
    i32const(out, offset);
    out.byte(0x0b);
    if (table !== 0) out.byte(0); // the kind of element: a function index
    out.u32(functions.length);
    for (const func of functions) out.u32(func);
  }

  /** Copies bytes to memory at `offset`, when the module is instantiated. */
  data(offset: number, bytes: Uint8Array): void {
    const out = this.#data.next();
    out.u32(0);
    i32const(out, offset);
    out.byte(0x0b);
    out.u32(bytes.length);
    out.raw(bytes);
  }

  /** The module's bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(4096);
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.byte(byte);
    const functions = new Entries();
    const code = new Entries();
    for (const [index, declared] of this.#functions.entries()) {
      if (declared.code === undefined) throw new Error(`function ${index + this.#imported.func} has no body`);
      functions.next().u32(declared.type);
      code.next().raw(declared.code.view());
    }
    writeSection(out, section.type, this.#types);
    writeSection(out, section.import, this.#imports);
    writeSection(out, section.function, functions);
    writeSection(out, section.table, this.#tables);
    writeSection(out, section.memory, this.#memories);
    writeSection(out, section.global, this.#globals);
    writeSection(out, section.export, this.#exports);
    writeSection(out, section.element, this.#elements);
    writeSection(out, section.code, code);
    writeSection(out, section.data, this.#data);
    this.#writeNames(out);
    return out.take();
  }

  #import(kind: keyof typeof externalKind, module: string, name: string, defined: number): number {
    if (defined > 0) throw new Error(`import of ${kind} ${module}.${name} after a definition of that kind`);
    const out = this.#imports.next();
    out.name(module);
    out.name(name);
    out.byte(externalKind[kind]);
    return this.#imported[kind]++;
  }

  #export(kind: keyof typeof externalKind, name: string, index: number): void {
    const out = this.#exports.next();
    out.name(name);
    out.byte(externalKind[kind]);
    out.u32(index);
  }

  #writeNames(out: ByteWriter): void {
    if (this.#name === undefined && this.#functionNames.length === 0) return;
    const body = new ByteWriter(1024);
    body.name('name');
    if (this.#name !== undefined) {
      const module = new ByteWriter(64);
      module.name(this.#name);
      body.byte(0);
      body.sized(module);
    }
    const names = new ByteWriter(1024);
    names.u32(this.#functionNames.length);
    for (const [index, name] of this.#functionNames) {
      names.u32(index);
      names.name(name);
    }
    body.byte(1);
    body.sized(names);
    out.byte(section.custom);
    out.sized(body);
  }
}

function writeSection(out: ByteWriter, id: number, entries: Entries): void {
  if (entries.count === 0) return;
  const body = new ByteWriter(entries.body.length + 5);
  body.u32(entries.count);
  body.raw(entries.body.view());
  out.byte(id);
  out.sized(body);
}

function valTypes(out: ByteWriter, types: readonly ValType[]): void {
  out.u32(types.length);
  for (const type of types) out.byte(valTypeByte[type]);
}

function limits(out: ByteWriter, { min, max }: Limits): void {
  out.byte(max === undefined ? 0 : 1);
  out.u32(min);
  if (max !== undefined) out.u32(max);
}

function i32const(out: ByteWriter, value: number): void {
  out.byte(0x41);
  out.s32(value);
}
