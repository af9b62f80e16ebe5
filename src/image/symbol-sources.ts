/** A file on the host that holds symbols. */
export interface SymbolFile {
  /** Absolute path, under which a debugger finds it, too. */
  readonly path: string;
  /** Its bytes; read when they are first wanted. */
  read(): Uint8Array;
}

/** Where symbols come from. */
export interface SymbolSources {
  /** The kernel as an ELF file, linked but not compressed; undefined where it is known by what it keeps of itself alone. */
  readonly vmlinux: SymbolFile | undefined;
  /** A module's file by the module's name, hyphens as underscores. */
  module(name: string): SymbolFile | undefined;
}
