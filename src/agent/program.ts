import { ok, type Result } from '../bits/result.ts';
import type { FunctionBuilder, Label } from '../wasm/function-builder.ts';
import { ModuleBuilder } from '../wasm/module-builder.ts';
import { type AgentBlock, type AgentCode, type AgentInstruction, decodeAgent } from './decode.ts';
import type { AgentOp } from './opcodes.ts';

/** A software TLB: for each page an entry with a tag and a number by which an address becomes one of the memory. */
export interface AgentTlb {
  /** Offset of the bank's address from the base that a run is given. */
  readonly bank: number;
  /** Bits of an address that are the place in its page, entries of a bank, and how many bits an entry's bytes are. */
  readonly pageShift: number;
  readonly entries: number;
  readonly entryShift: number;
  /** Offsets in an entry: of the tag, whose upper bits are the page's unless it is 0, and of the number. */
  readonly tag: number;
  readonly addend: number;
  /** Storage is upside down: the number minus the address is 16 bytes in front of the end of what is at the address. */
  readonly mirrored: boolean;
}

/** What an expression asks of the machine. */
export interface AgentWorld {
  /** Absent where all storage is asked for. */
  readonly tlb?: AgentTlb | undefined;
  /** Where a register lies as 64 bits in the memory, from the base that a run is given; undefined for one that must be asked for. */
  place(register: number): number | undefined;
  readonly memory: WebAssembly.Memory;
  register(vcpu: number, register: number): bigint;
  /** The number in storage; throws when it cannot be fetched. */
  fetch(vcpu: number, address: bigint, bytes: number): bigint;
  /** Bytes are collected; up to a NUL when `text`. */
  trace(vcpu: number, address: bigint, length: number, text: boolean): void;
  /** Trace state variables; `traceVariable` collects one. */
  variable(n: number): bigint;
  setVariable(n: number, value: bigint): void;
  traceVariable(n: number): void;
  /** The format as it came, escapes included, and the values. */
  print(vcpu: number, format: Uint8Array, values: readonly bigint[]): void;
}

/** An expression as WebAssembly. */
export interface AgentProgram {
  /** The value on top of the stack at the end, 0 when there is none. Throws for a fault, a division by zero, and when it goes on too long. */
  run(vcpu: number, base: number): bigint;
  /** Whether that is not 0, which costs less to hear. */
  holds(vcpu: number, base: number): boolean;
}

/** Blocks that an evaluation goes through at most. */
const MOST_BLOCKS = 100_000;

/** Compiles an expression; the error says why it cannot be carried out. */
export function compileAgent(text: Uint8Array, world: AgentWorld): Result<AgentProgram, string> {
  const code = decodeAgent(text);
  if (!code.ok) return code;
  const formats: Uint8Array[] = [];
  const values: bigint[] = [];
  const module = new ModuleBuilder('agent');
  module.importMemory('world', 'memory', pagesOf(world.memory));
  const imports: Imports = {
    world,
    formats,
    register: module.importFunction('world', 'register', { params: ['i32', 'i32'], results: ['i64'] }),
    fetch: module.importFunction('world', 'fetch', { params: ['i32', 'i64', 'i32'], results: ['i64'] }),
    value: module.importFunction('world', 'value', { params: ['i64'], results: [] }),
    print: module.importFunction('world', 'print', { params: ['i32', 'i32'], results: [] }),
    trace: module.importFunction('world', 'trace', { params: ['i32', 'i64', 'i64', 'i32'], results: [] }),
    variable: module.importFunction('world', 'variable', { params: ['i32'], results: ['i64'] }),
    setVariable: module.importFunction('world', 'setVariable', { params: ['i32', 'i64'], results: [] }),
    traceVariable: module.importFunction('world', 'traceVariable', { params: ['i32'], results: [] }),
  };
  const whole = module.func('run', ['i32', 'i32'], ['i64'], (f) => emitCode(f, code.value, imports));
  module.exportFunction('run', whole);
  module.exportFunction(
    'holds',
    module.func('holds', ['i32', 'i32'], ['i32'], (f) => {
      f.get(VCPU);
      f.get(BASE);
      f.call(whole);
      f.i64const(0);
      f.op('i64.ne');
    }),
  );
  const instance = new WebAssembly.Instance<{
    run: (vcpu: number, base: number) => bigint;
    holds: (vcpu: number, base: number) => number;
  }>(new WebAssembly.Module(module.finish()), {
    world: {
      memory: world.memory,
      register: (vcpu: number, n: number) => world.register(vcpu, n),
      fetch: (vcpu: number, address: bigint, bytes: number) => world.fetch(vcpu, BigInt.asUintN(64, address), bytes),
      trace: (vcpu: number, address: bigint, length: bigint, text: number) =>
        world.trace(vcpu, BigInt.asUintN(64, address), Number(BigInt.asUintN(64, length)), text !== 0),
      variable: (n: number) => world.variable(n),
      setVariable: (n: number, value: bigint) => world.setVariable(n, value),
      traceVariable: (n: number) => world.traceVariable(n),
      value: (value: bigint) => void values.push(value),
      print: (vcpu: number, format: number) => {
        const all = values.splice(0);
        world.print(vcpu, formats[format] ?? new Uint8Array(0), all);
      },
    },
  });
  const { run, holds } = instance.exports;
  return ok({
    run: (vcpu, base) => {
      values.length = 0;
      return run(vcpu, base);
    },
    holds: (vcpu, base) => {
      if (values.length > 0) values.length = 0;
      return holds(vcpu, base) !== 0;
    },
  });
}

function pagesOf(memory: WebAssembly.Memory): { readonly min: number; readonly max: number } {
  const pages = memory.buffer.byteLength / 65536;
  return { min: pages, max: pages };
}

interface Imports {
  readonly world: AgentWorld;
  readonly formats: Uint8Array[];
  readonly register: number;
  readonly fetch: number;
  readonly value: number;
  readonly print: number;
  readonly trace: number;
  readonly variable: number;
  readonly setVariable: number;
  readonly traceVariable: number;
}

/** Parameters of the function. */
const [VCPU, BASE] = [0, 1];

/**
 * Each value of the stack has a local. Blocks are gone to by their number:
 *
 *     loop { if (--fuel == 0) trap; switch (next) { case 0: ...; next = 2; continue; case 1: ... return top } }
 */
function emitCode(f: FunctionBuilder, { blocks, depth }: AgentCode, imports: Imports): void {
  const next = f.local('i32');
  const fuel = f.local('i32');
  const stack = Array.from({ length: depth + 1 }, () => f.local('i64'));
  const numbers = new Map(blocks.map(({ at }, i) => [at, i]));
  const [whole] = blocks;
  if (blocks.length === 1 && whole?.instructions.at(-1)?.op === 'end') {
    for (const one of whole.instructions) emitOne(f, one, stack, imports);
    f.unreachable();
    return;
  }
  f.i32const(MOST_BLOCKS);
  f.set(fuel);
  const loop = f.beginLoop();
  f.get(fuel);
  f.i32const(1);
  f.op('i32.sub');
  f.tee(fuel);
  f.op('i32.eqz');
  f.if(undefined, () => f.unreachable());
  const labels: Label[] = blocks.map(() => f.beginBlock()).reverse();
  const [first] = labels;
  if (first === undefined) throw new Error('an expression has at least one block');
  f.get(next);
  f.brTable(labels, first);
  for (const block of blocks) {
    f.end();
    emitBlock(f, block, { next, loop, numbers, stack, imports });
  }
  f.end();
  f.unreachable();
}

interface BlockPlace {
  readonly next: number;
  readonly loop: Label;
  readonly numbers: ReadonlyMap<number, number>;
  readonly stack: readonly number[];
  readonly imports: Imports;
}

function emitBlock(f: FunctionBuilder, block: AgentBlock, place: BlockPlace): void {
  const goTo = (at: number): void => {
    f.i32const(place.numbers.get(at) ?? 0);
    f.set(place.next);
    f.br(place.loop);
  };
  for (const one of block.instructions) {
    if (one.op === 'goto') return goTo(Number(one.operand));
    if (one.op === 'if_goto') {
      f.get(place.stack[one.depth - 1] ?? 0);
      f.op('i64.eqz');
      f.op('i32.eqz');
      f.if(undefined, () => goTo(Number(one.operand)));
    } else emitOne(f, one, place.stack, place.imports);
  }
  if (block.next === undefined) f.unreachable();
  else goTo(block.next);
}

const binary = {
  add: ['i64.add'],
  sub: ['i64.sub'],
  mul: ['i64.mul'],
  div_signed: ['i64.div_s'],
  div_unsigned: ['i64.div_u'],
  rem_signed: ['i64.rem_s'],
  rem_unsigned: ['i64.rem_u'],
  lsh: ['i64.shl'],
  rsh_signed: ['i64.shr_s'],
  rsh_unsigned: ['i64.shr_u'],
  bit_and: ['i64.and'],
  bit_or: ['i64.or'],
  bit_xor: ['i64.xor'],
  equal: ['i64.eq', 'i64.extend_i32_u'],
  less_signed: ['i64.lt_s', 'i64.extend_i32_u'],
  less_unsigned: ['i64.lt_u', 'i64.extend_i32_u'],
} as const;
const refBytes = { ref8: 1, ref16: 2, ref32: 4, ref64: 8 } as const;

function emitOne(f: FunctionBuilder, one: AgentInstruction, stack: readonly number[], imports: Imports): void {
  const { op, operand, depth } = one;
  const slot = (fromTop: number): number => stack[depth - 1 - fromTop] ?? 0;
  const push = (): void => f.set(stack[depth] ?? 0);
  if (isTraceOp(op)) return emitTrace(f, { op, operand: Number(operand) }, slot, { imports, push });
  switch (op) {
    case 'end':
      if (depth === 0) f.i64const(0);
      else f.get(slot(0));
      return f.return();
    case 'const8':
    case 'const16':
    case 'const32':
    case 'const64':
      f.i64const(BigInt.asIntN(64, operand));
      return push();
    case 'reg':
      emitRegister(f, Number(operand), imports);
      return push();
    case 'dup':
      f.get(slot(0));
      return push();
    case 'pick':
      f.get(slot(Number(operand)));
      return push();
    case 'pop':
      return;
    case 'swap':
    case 'rot':
      return emitTurn(f, op === 'swap' ? [slot(0), slot(1)] : [slot(0), slot(1), slot(2)]);
    case 'printf':
      return emitPrint(f, one, slot, imports);
    case 'ext':
    case 'zero_ext':
      return emitExtension(f, op, Number(operand), slot(0));
    case 'log_not':
      f.get(slot(0));
      f.op('i64.eqz');
      f.op('i64.extend_i32_u');
      return f.set(slot(0));
    case 'bit_not':
      f.get(slot(0));
      f.i64const(-1);
      f.op('i64.xor');
      return f.set(slot(0));
    case 'ref8':
    case 'ref16':
    case 'ref32':
    case 'ref64':
      emitFetch(f, refBytes[op], slot(0), imports);
      return f.set(slot(0));
    case 'goto':
    case 'if_goto':
      throw new Error('a block ends here');
    default:
      f.get(slot(1));
      f.get(slot(0));
      for (const each of binary[op]) f.op(each);
      f.set(slot(1));
  }
}

// The top goes below the others: b a for a b, c a b for a b c.
function emitTurn(f: FunctionBuilder, slots: readonly number[]): void {
  for (const slot of [...slots].reverse()) f.get(slot);
  const [top, ...rest] = slots;
  // Pushed last was the top, which goes to the lowest place.
  f.set(rest.at(-1) ?? 0);
  for (const slot of [top ?? 0, ...rest.slice(0, -1)]) f.set(slot);
}

function emitRegister(f: FunctionBuilder, register: number, { world, register: ask }: Imports): void {
  const place = world.place(register);
  if (place !== undefined) {
    f.get(BASE);
    f.access('i64.load', place);
    return;
  }
  f.get(VCPU);
  f.i32const(register);
  f.call(ask);
}

const loads = { 1: 'i64.load8_u', 2: 'i64.load16_u', 4: 'i64.load32_u', 8: 'i64.load' } as const;

/** Pushes the number at an address: what the TLB knows is loaded at once. */
function emitFetch(f: FunctionBuilder, bytes: 1 | 2 | 4 | 8, address: number, imports: Imports): void {
  const ask = (): void => {
    f.get(VCPU);
    f.get(address);
    f.i32const(bytes);
    f.call(imports.fetch);
  };
  const { tlb } = imports.world;
  if (tlb === undefined) return ask();
  const entry = f.local('i32');
  const tag = f.local('i64');
  f.get(BASE);
  f.access('i32.load', tlb.bank);
  f.get(address);
  f.op('i32.wrap_i64');
  f.i32const(tlb.pageShift - tlb.entryShift);
  f.op('i32.shr_u');
  f.i32const((tlb.entries - 1) << tlb.entryShift);
  f.op('i32.and');
  f.op('i32.add');
  f.tee(entry);
  f.access('i64.load', tlb.tag);
  f.tee(tag);
  // What an access of the guest's would have to do besides makes no difference here.
  f.i64const((1 << tlb.pageShift) - 1);
  f.op('i64.or');
  // The last byte must be in the page, too.
  f.get(address);
  f.i64const(bytes - 1);
  f.op('i64.add');
  f.i64const((1 << tlb.pageShift) - 1);
  f.op('i64.or');
  f.op('i64.eq');
  f.get(tag);
  f.op('i64.eqz');
  f.op('i32.eqz');
  f.op('i32.and');
  f.if(
    'i64',
    () => {
      f.get(entry);
      f.access('i32.load', tlb.addend);
      f.get(address);
      f.op('i32.wrap_i64');
      f.op(tlb.mirrored ? 'i32.sub' : 'i32.add');
      f.access(loads[bytes], tlb.mirrored ? 16 - bytes : 0);
    },
    ask,
  );
}

function emitExtension(f: FunctionBuilder, op: 'ext' | 'zero_ext', bits: number, slot: number): void {
  if (bits >= 64) return;
  f.get(slot);
  for (const each of ['i64.shl', op === 'ext' ? 'i64.shr_s' : 'i64.shr_u'] as const) {
    f.i64const(64 - bits);
    f.op(each);
  }
  if (bits === 0) {
    f.drop();
    f.i64const(0);
  }
  f.set(slot);
}

const traceOps = ['trace', 'tracenz', 'trace_quick', 'trace16', 'getv', 'setv', 'tracev'] as const;
type TraceOp = (typeof traceOps)[number];

function isTraceOp(op: AgentOp): op is TraceOp {
  return traceOps.some((each) => each === op);
}

// Whoever collects takes an address from below a length, or leaves the address where it is.
function emitTrace(
  f: FunctionBuilder,
  { op, operand }: { readonly op: TraceOp; readonly operand: number },
  slot: (n: number) => number,
  { imports, push }: { readonly imports: Imports; readonly push: () => void },
): void {
  switch (op) {
    case 'getv':
      f.i32const(operand);
      f.call(imports.variable);
      return push();
    case 'setv':
      f.i32const(operand);
      f.get(slot(0));
      return f.call(imports.setVariable);
    case 'tracev':
      f.i32const(operand);
      return f.call(imports.traceVariable);
    case 'trace_quick':
    case 'trace16':
      f.get(VCPU);
      f.get(slot(0));
      f.i64const(operand);
      f.i32const(0);
      return f.call(imports.trace);
    case 'trace':
    case 'tracenz':
      f.get(VCPU);
      f.get(slot(1));
      f.get(slot(0));
      f.i32const(op === 'tracenz' ? 1 : 0);
      return f.call(imports.trace);
  }
}

// On top the function, then the channel, then the first argument.
function emitPrint(
  f: FunctionBuilder,
  { print }: AgentInstruction,
  slot: (n: number) => number,
  imports: Imports,
): void {
  if (print === undefined) return;
  for (let i = 0; i < print.args; i++) {
    f.get(slot(2 + i));
    f.call(imports.value);
  }
  f.get(VCPU);
  f.i32const(imports.formats.push(print.format) - 1);
  f.call(imports.print);
}
