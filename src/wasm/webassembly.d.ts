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
  // biome-ignore lint/complexity/noBannedTypes: an exported function's type is known to the module's author alone
  type ExportValue = Function | Memory | Table | Global;
  type Exports = Readonly<Record<string, ExportValue>>;
  type Imports = Readonly<Record<string, Readonly<Record<string, ExportValue | number | bigint>>>>;

  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  class Table {
    constructor(descriptor: TableDescriptor);
    readonly length: number;
    // biome-ignore lint/complexity/noBannedTypes: as for ExportValue
    get(index: number): Function | null;
    // biome-ignore lint/complexity/noBannedTypes: as for ExportValue
    set(index: number, value?: Function | null): void;
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

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function validate(bytes: Uint8Array | ArrayBuffer): boolean;
  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
