import type { ByteOrder } from '../../../bits/byte-order.ts';
import { type Helper, mayLeave } from '../../../ir/node.ts';
import { Recorder } from '../../../ir/recorder.ts';
import type { EngineHooks, HelperFunction, TranslatableArch } from '../../../machine/arch.ts';
import type { StopExit } from '../../../machine/exit.ts';
import { decodeEntry, handlers, PAGE_BYTES } from '../../../machine/layout.ts';
import { LazyRow } from '../../../machine/lazy-row.ts';
import { Patience } from '../../../machine/patience.ts';
import { wordIn } from '../../../machine/storage.ts';
import { OpcodeMap, writeOperands } from '../isa/decoder.ts';
import type { BoundHelper } from '../isa/helper.ts';
import type { Row } from '../isa/row.ts';
import type { Translator } from '../mmu/translate.ts';
import { StorageAccess } from './access.ts';
import { CODE_UNIT, type CpuComplex, handlerOfRow } from './complex.ts';
import { ofTrapCode, PROGRAM, trapCode, VECTOR } from './interruptions.ts';
import { KnownWords } from './known-words.ts';
import type { CpuModel } from './model.ts';
import { MSR } from './msr.ts';
import { RowPlaces } from './row-places.ts';
import { spaces } from './state-layout.ts';
import { TranslatableCode } from './translatable.ts';
import { isUnwind, type Vcpu } from './vcpu.ts';

/** What a core is made with. */
export interface CoreOptions {
  readonly translator: Translator;
  readonly model: CpuModel;
  /** Whether the CPU has an instruction of the table. */
  readonly has: (row: Row) => boolean;
}

/**
 * The ppc64 CPUs as the engine sees them: the instruction table with its decoder, the slow paths, the helpers. Rows
 * that depend on the byte order are there twice; what is no instruction goes to the hypervisor, what nobody wrote stops the machine by name.
 */
export class Ppc64Core implements TranslatableArch {
  readonly name = 'ppc64';
  readonly byteOrder: ByteOrder;
  readonly codeUnit = CODE_UNIT;
  readonly spaces = spaces;
  readonly rows: TranslatableArch['rows'];
  readonly common: number;
  readonly hooks: EngineHooks;
  readonly translatable: TranslatableCode;
  readonly complex: CpuComplex;
  readonly translator: Translator;
  readonly access: StorageAccess;
  readonly patience = new Patience();
  readonly table: readonly Row[];
  readonly model: CpuModel;
  readonly #opcodes: OpcodeMap;
  readonly #places: RowPlaces;
  readonly #illegal: number;
  #bigWords: KnownWords | undefined;
  #littleWords: KnownWords | undefined;
  /** Asked at every instruction address that the breakpoint filter lets through: what the run ends with there. */
  stopAt: (vcpu: Vcpu, address: bigint) => StopExit | undefined = () => undefined;

  constructor(complex: CpuComplex, table: readonly Row[], options: CoreOptions) {
    const { order } = complex.storage;
    this.complex = complex;
    this.byteOrder = order;
    this.table = table;
    this.translator = options.translator;
    this.model = options.model;
    this.access = new StorageAccess(complex, this.translator);
    this.#opcodes = new OpcodeMap(table, options.has);
    const recorder = new Recorder();
    recorder.trap(trapCode.illegal);
    const unknown = recorder.finish();
    this.#places = new RowPlaces(table, order);
    this.common = this.#places.common;
    const rows = this.#places.rows.map(
      ({ row, little, name }) => new LazyRow(name, () => row.body(little, order) ?? unknown),
    );
    this.rows = [...rows, { mnemonic: 'illegal', body: unknown }];
    this.#illegal = rows.length;
    this.hooks = this.#makeHooks();
    this.translatable = new TranslatableCode(this);
  }

  /** A vCPU is about to execute. */
  useOrder(vcpu: Vcpu): void {
    if (this.complex.codeOrder.choose(vcpu)) vcpu.selectSpaces();
  }

  /** @inheritdoc */
  implementation(helper: () => Helper): HelperFunction {
    const { complex } = this;
    let run: ((vcpu: Vcpu, core: Ppc64Core, ...args: unknown[]) => number | bigint | undefined) | undefined;
    // As many as a helper can have: to gather those that there are would cost more than what most helpers do.
    return (base: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown) => {
      run ??= (helper() as BoundHelper).run as NonNullable<typeof run>;
      const vcpu = complex.vcpuAt(base);
      this.patience.spend(vcpu);
      try {
        return run(vcpu, this, a, b, c, d, e, f);
      } catch (error) {
        const known = helper();
        if (!isUnwind(error) || !mayLeave(known)) throw error;
        return known.result === 'i64' ? 0n : 0;
      }
    };
  }

  #makeHooks(): EngineHooks {
    const { complex, access, patience } = this;
    const at = (base: number): Vcpu => complex.vcpuAt(base);
    const slowly = (base: number): Vcpu => {
      const vcpu = complex.vcpuAt(base);
      patience.spend(vcpu);
      return vcpu;
    };
    return {
      decode: (vcpu, entry) => this.#decode(slowly(vcpu), entry),
      crossing: () => {
        throw new Error('no instruction crosses a page');
      },
      ifetchMiss: (vcpu) => access.ifetchMiss(at(vcpu)),
      fetchSlow: (vcpu, high, low, bytes) => access.fetchSlow(slowly(vcpu), high >>> 0, low >>> 0, bytes),
      storeSlow: (vcpu, high, low, bytes) => access.storeSlow(slowly(vcpu), high >>> 0, low >>> 0, bytes),
      probeSlow: (vcpu, high, low, length, kind) => access.probeSlow(slowly(vcpu), high >>> 0, low >>> 0, length, kind),
      trap: (vcpu, code) => this.#trap(at(vcpu), code),
      breakpoint: (vcpu) => {
        const v = at(vcpu);
        const exit = this.stopAt(v, v.pc);
        if (exit === undefined) return 0;
        v.leave({ kind: 'stop', exit }, v.pc);
        return 1;
      },
    };
  }

  #trap(vcpu: Vcpu, code: number): void {
    const { vector, bits } = ofTrapCode(code);
    if (vector === VECTOR.program && bits === PROGRAM.illegal) vcpu.illegal(this.textAt(vcpu));
    else vcpu.fault(vector, bits);
  }

  /** Ends the instruction in execution, which does not exist, from the middle of a helper. */
  illegal(vcpu: Vcpu): never {
    vcpu.illegal(this.textAt(vcpu));
    return vcpu.unwind();
  }

  /** The instruction at an address, that in execution when none is given; 0 when nothing is there. */
  textAt(vcpu: Vcpu, address = vcpu.ia): number {
    const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
    const at = this.translator.translate(vcpu, high, low, 'ifetch', true);
    return at < 0 ? 0 : this.word(at, (vcpu.msrLow & MSR.le) !== 0);
  }

  /** The instruction at a storage offset, in a byte order. */
  word(at: number, little: boolean): number {
    return wordIn(this.complex.storage, at, little ? 'little' : 'big');
  }

  // Gives how many entries it has filled, from this one on: what follows is executed next, most of the time.
  #decode(vcpu: Vcpu, entry: number): number {
    const at = this.complex.frames.decodePages.storageOffset(entry);
    if (at === undefined) throw new Error('decode: the entry is in no decode page');
    const little = (vcpu.msrLow & MSR.le) !== 0;
    const word = this.word(at, little);
    const known = this.#known(little);
    if (!known.fill(entry, word)) {
      const index = this.#opcodes.find(word);
      const row = this.table[index];
      if (row !== undefined && !row.implemented) {
        vcpu.leave({ kind: 'unimplemented', mnemonic: row.mnemonic }, vcpu.ia);
        return 0;
      }
      this.#fill(entry, word, index, little);
      if (index < 0) return 1;
      known.keep(entry, word);
    }
    return goesElsewhere(word) ? 1 : 1 + this.#decodeAhead(entry, at, little);
  }

  #decodeAhead(entry: number, at: number, little: boolean): number {
    const most = Math.min(AHEAD, (PAGE_BYTES - (at & (PAGE_BYTES - 1))) / CODE_UNIT - 1);
    const known = this.#known(little);
    for (let n = 1; n <= most; n++) {
      const next = entry + n * decodeEntry.bytes;
      if (this.complex.handlerOf(next) !== handlers.decode) return n - 1;
      const word = this.word(at + n * CODE_UNIT, little);
      if (!known.fill(next, word)) {
        const index = this.executable(word);
        if (index < 0) return n - 1;
        this.#fill(next, word, index, little);
        known.keep(next, word);
      }
      if (goesElsewhere(word)) return n;
    }
    return most;
  }

  #known(little: boolean): KnownWords {
    if (little) {
      this.#littleWords ??= new KnownWords(this.complex.words);
      return this.#littleWords;
    }
    this.#bigWords ??= new KnownWords(this.complex.words);
    return this.#bigWords;
  }

  /** Fills a decode-cache entry. */
  fillEntry(entry: number, word: number, little: boolean): void {
    this.#fill(entry, word, this.#opcodes.find(word), little);
  }
  #fill(entry: number, word: number, index: number, little: boolean): void {
    const row = this.table[index];
    if (row !== undefined) writeOperands(this.complex.words, entry, row, word);
    const place = row === undefined ? this.#illegal : this.placeOf(index, little);
    this.complex.setEntry(entry, handlerOfRow(place), CODE_UNIT);
  }

  /** Place in `rows` of a row of the table. */
  placeOf(index: number, little: boolean): number {
    return this.#places.placeOf(index, little);
  }
  /** Place in the table of the row of an instruction, if there is one with a meaning; -1 else. */
  executable(word: number): number {
    const index = this.#opcodes.find(word);
    return this.table[index]?.implemented === true ? index : -1;
  }
  /** The row of an instruction. */
  rowOf(word: number): Row | undefined {
    return this.table[this.#opcodes.find(word)];
  }
}

/** So many instructions behind one are decoded with it at most. */
const AHEAD = 15;

/** True for a branch behind which execution does not go on: B, and those that depend on nothing, unless they set LR. */
function goesElsewhere(word: number): boolean {
  if ((word & 1) !== 0) return false;
  const primary = word >>> 26;
  const always = (word & 0x0280_0000) === 0x0280_0000;
  return primary === 18 || ((primary === 16 || primary === 19) && always);
}
