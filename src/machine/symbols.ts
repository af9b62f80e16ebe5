/** Where the symbols of what runs in a guest come from. */

/** A file that describes a part of the guest's storage, such as its kernel. */
export interface LoadedImage {
  /** Name for `SymbolPort.content`; a file that moves gets another one, unless it is `main`. */
  readonly name: string;
  /** How far everything lies from the addresses in the file. */
  readonly displacement: bigint;
  /** Address of the file's dynamic section in the guest; 0 when it has none. */
  readonly dynamic: bigint;
  /** The guest's program itself, of which there is at most one. */
  readonly main: boolean;
}

/** Where the symbols of what runs in a guest are. All is found anew at each call. */
export interface SymbolPort {
  /** Distance of the guest's main program from its linked addresses; undefined while it is not there. */
  displacement(): bigint | undefined;
  /** What is in storage now and has a file. */
  images(): readonly LoadedImage[];
  /** The bytes of an image's file; not to be changed. */
  content(name: string): Uint8Array | undefined;
  /** Addresses at which `changes` wants to be asked; others may be among them that share a place in the breakpoint filter. */
  places(): readonly bigint[];
  /** True when the instruction at `address`, which a vCPU is about to execute, changes which images there are or where. */
  changes(vcpu: number, address: bigint): boolean;
  /** Where in the guest a symbol of the main program lies; undefined when there is none of that name. */
  address?(name: string): bigint | undefined;
  /** A symbol of the main program, and where it lies in the guest: how a debugger that has it already is recognized. */
  readonly probe: string;
  probeAddress(): bigint | undefined;
}
