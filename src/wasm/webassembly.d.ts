/**
 * The part of the WebAssembly JavaScript interface that guestscope uses. The compiler knows it only with all of the DOM.
 */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }

  interface TableDescriptor {
    readonly element: 'anyfunc' | 'externref';
    readonly initial: number;
    readonly maximum?: number;
  }

  interface GlobalDescriptor<T extends GlobalType = GlobalType> {
    readonly value: T;
    readonly mutable?: boolean;
  }

  type GlobalType = 'i32' | 'i64' | 'f32' | 'f64';
  type GlobalValue<T extends GlobalType> = T extends 'i64' ? bigint : number;
  /** What JavaScript may hand in as a function: operands and results are converted by the types of the import. */
  type HostFunction = (...operands: never[]) => unknown;
  type ExportedFunction = (...operands: (number | bigint)[]) => unknown;
  type Exports = Readonly<Record<string, ExportedFunction | Memory | Table | Global>>;
  type ImportValue = HostFunction | Memory | Table | Global | number | bigint;
  type Imports = Readonly<Record<string, Readonly<Record<string, ImportValue>>>>;

  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  class Table {
    constructor(descriptor: TableDescriptor);
    readonly length: number;
    get(index: number): ExportedFunction | null;
    set(index: number, value?: HostFunction | null): void;
    grow(elements: number): number;
  }

  class Global<T extends GlobalType = GlobalType> {
    constructor(descriptor: GlobalDescriptor<T>, value?: GlobalValue<T>);
    get value(): GlobalValue<T>;
    set value(value: GlobalValue<T>);
  }

  interface ImportDescription {
    readonly module: string;
    readonly name: string;
    readonly kind: 'function' | 'table' | 'memory' | 'global';
  }

  interface ExportDescription {
    readonly name: string;
    readonly kind: 'function' | 'table' | 'memory' | 'global';
  }

  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer);
    static imports(module: Module): ImportDescription[];
    static exports(module: Module): ExportDescription[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }

  /** `E` is what the module's author knows of its exports; nothing checks it. */
  class Instance<E extends object = Exports> {
    constructor(module: Module, imports?: Imports);
    readonly exports: E;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function validate(bytes: Uint8Array | ArrayBuffer): boolean;
  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  function instantiate<E extends object = Exports>(module: Module, imports?: Imports): Promise<Instance<E>>;
}
