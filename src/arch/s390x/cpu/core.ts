import { type Helper, mayLeave } from '../../../ir/node.ts';
import { Recorder } from '../../../ir/recorder.ts';
import type { Arch, EngineHooks, HelperFunction } from '../../../machine/arch.ts';
import { commonFirst } from '../../../machine/common-rows.ts';
import type { StopExit } from '../../../machine/exit.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import { LazyRow } from '../../../machine/lazy-row.ts';
import { Patience } from '../../../machine/patience.ts';
import type { QuickTests } from '../../../machine/quick-test.ts';
import { RandomSource } from '../../../machine/random.ts';
import { instructionLength, OpcodeMap, writeOperands } from '../isa/decoder.ts';
import type { BoundHelper } from '../isa/helper.ts';
import type { Row } from '../isa/row.ts';
import { StorageAccess } from './access.ts';
import { type AccessPath, operand } from './access-path.ts';
import { Clock } from './clock.ts';
import { commonRows } from './common-rows.ts';
import { CODE_UNIT, type CpuComplex, handlerOfRow } from './complex.ts';
import { announcedOf, facilityBits } from './facilities.ts';
import { PGM } from './interruption-codes.ts';
import { LooseDecoder } from './loose-decoder.ts';
import { type CpuModel, type MachineType, maxModel } from './model.ts';
import { PerRecorder } from './per.ts';
import { RealAddresses } from './real-addresses.ts';
import { INSTRUCTION_SPACE, ZERO_REGISTER } from './state-layout.ts';
import { Transactions } from './transactions.ts';
import { TranslatableCode } from './translatable.ts';
import { isUnwind, type Vcpu } from './vcpu.ts';

/** Facilities by number in the list that a guest is told of. */
export type FacilitySet = ReadonlySet<number>;

/**
 * The s390x CPUs as the engine sees them: the instruction table with its decoder, the slow paths, and the helpers. What
 * no installed facility brings is an operation exception; what one does and nobody wrote stops the machine by name.
 */
export class S390xCore implements Arch {
  readonly name = 's390x';
  readonly byteOrder = 'big';
  readonly codeUnit = CODE_UNIT;
  readonly spaces = { data: ZERO_REGISTER, instruction: INSTRUCTION_SPACE };
  readonly rows: Arch['rows'];
  readonly common: number;
  readonly hooks: EngineHooks;
  readonly translatable: TranslatableCode;
  readonly complex: CpuComplex;
  readonly access: StorageAccess;
  readonly realAddresses: RealAddresses;
  readonly per: PerRecorder;
  readonly transactions: Transactions;
  readonly clock = new Clock();
  readonly patience = new Patience();
  readonly random = new RandomSource();
  #model: CpuModel = maxModel;
  #told: FacilitySet = new Set();
  /** By row: 1 for one that was found to be installed and implemented. */
  #can = new Uint8Array(0);
  readonly table: readonly Row[];
  /** Decodes what has no place in a decode page. */
  readonly loose: LooseDecoder;
  readonly #opcodes: OpcodeMap;
  readonly #operation: number;
  /** @inheritdoc */
  readonly quickTests: QuickTests = new Map();
  /** Asked at every instruction address that the breakpoint filter lets through: what the run ends with there. */
  stopAt: (vcpu: Vcpu, address: bigint) => StopExit | undefined = () => undefined;

  /**
   * Asked by an intercepted instruction: whether the hypervisor has carried it out here and now, be it that the run ends behind it. False:
   * nothing has happened, and generated code is left for the interception.
   */
  carriesOut: (vcpu: Vcpu) => boolean = () => false;

  constructor(complex: CpuComplex, rows: readonly Row[], model: Partial<CpuModel> = {}) {
    this.complex = complex;
    const { table, common } = commonFirst(rows, commonRows);
    this.table = table;
    this.common = common;
    this.useModel({ ...maxModel, ...model });
    this.access = new StorageAccess(complex);
    this.realAddresses = new RealAddresses();
    this.per = new PerRecorder(this.access);
    this.transactions = new Transactions(complex, this.access, this.random);
    this.#opcodes = new OpcodeMap(table);
    const recorder = new Recorder();
    recorder.trap(PGM.operation);
    const unknown = recorder.finish();
    this.rows = [
      ...table.map((row) => new LazyRow(row.mnemonic, () => row.body ?? unknown)),
      { mnemonic: 'operation-exception', body: unknown },
    ];
    this.#operation = table.length;
    this.loose = new LooseDecoder(this);
    this.hooks = this.#makeHooks();
    this.translatable = new TranslatableCode(this);
    for (const vcpu of [...complex.vcpus, ...complex.inners]) vcpu.join(this);
  }

  /** Is another machine from now on. Nothing may have been executed yet. */
  useModel(model: CpuModel): void {
    const { complex } = this;
    this.#model = model;
    this.#can = new Uint8Array(this.table.length);
    this.#told = announcedOf(model.facilities);
    complex.dat.edat1 = this.has('edat-1');
    complex.dat.edat2 = this.has('edat-2');
    complex.dat.iep = this.has('instruction-execution-protection');
  }
  /** What is there, told or not. */
  get installed(): FacilitySet {
    return this.#model.facilities;
  }
  get machine(): MachineType {
    return this.#model.machine;
  }
  /** What the guest is told of. */
  get facilities(): FacilitySet {
    return this.#told;
  }
  /** True when the facility is installed; that is more than what the guest is told of. */
  has(facility: keyof typeof facilityBits): boolean {
    return this.hasBit(facilityBits[facility]);
  }
  /** The same by the number of a facility bit. */
  hasBit(bit: number): boolean {
    return this.#model.facilities.has(bit);
  }

  /** @inheritdoc */
  implementation(helper: () => Helper): HelperFunction {
    const { complex } = this;
    let run: ((vcpu: Vcpu, ...args: unknown[]) => number | bigint | undefined) | undefined;
    // As many as a helper can have: to gather those that there are would cost more than what most helpers do.
    return (base: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown) => {
      run ??= (helper() as BoundHelper).run as NonNullable<typeof run>;
      const vcpu = complex.vcpuAt(base);
      this.patience.spend(vcpu);
      try {
        return run(vcpu, a, b, c, d, e, f);
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
      decode: (vcpu, entry) => this.#decodeOrLeave(slowly(vcpu), entry),
      crossing: (vcpu) => orLeft(() => this.loose.crossing(slowly(vcpu))) ?? 0,
      ifetchMiss: (vcpu) => access.ifetchMiss(at(vcpu)),
      fetchSlow: (vcpu, high, low, bytes, ar) => access.fetchSlow(slowly(vcpu), high >>> 0, low >>> 0, bytes, ar),
      storeSlow: (vcpu, high, low, bytes, ar) => access.storeSlow(slowly(vcpu), high >>> 0, low >>> 0, bytes, ar),
      probeSlow: (vcpu, high, low, length, kind, ar) =>
        access.probeSlow(slowly(vcpu), high >>> 0, low >>> 0, length, kind, ar),
      trap: (vcpu, code) => at(vcpu).endWith(code),
      breakpoint: (vcpu) => {
        const v = at(vcpu);
        const exit = this.stopAt(v, v.psw.address);
        if (exit === undefined) return 0;
        v.stopAhead(exit);
        return 1;
      },
    };
  }

  // No closure: a boot comes here for each of its instructions.
  #decodeOrLeave(vcpu: Vcpu, entry: number): number {
    try {
      this.#decode(vcpu, entry);
    } catch (error) {
      if (!isUnwind(error)) throw error;
    }
    return 1;
  }

  #decode(vcpu: Vcpu, entry: number): void {
    const at = this.complex.frames.decodePages.storageOffset(entry);
    if (at === undefined) throw new Error('decode: the entry is in no decode page');
    const { storage } = this.complex;
    const start = storage.half(at);
    const length = instructionLength(start >>> 8);
    if ((at & (PAGE_BYTES - 1)) + length > PAGE_BYTES) return this.complex.setEntry(entry, 1, length);
    const first = ((start << 16) | (length > 2 ? storage.half(at + 2) : 0)) >>> 0;
    this.enter(vcpu, entry, first, length > 4 ? storage.half(at + 4) : 0, length, 0n);
  }

  /** Fetches instruction text, an instruction-fetch access for every halfword. */
  fetchInstruction(vcpu: Vcpu, address: bigint, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i += 2) {
      const a = (address + BigInt(i)) & vcpu.amask;
      const from = this.access.require(vcpu, Number(a >> 32n), Number(a & 0xffff_ffffn), 'ifetch', ifetchPath);
      this.complex.storage.readInto(from, out.subarray(i, i + 2));
    }
    return out;
  }

  /** Fills a decode-cache entry for an instruction text, bytes 0-3 and 4-5. `ilc` is what the PSW advances by. */
  enter(vcpu: Vcpu, entry: number, first: number, last: number, ilc: number, distance: bigint): void {
    const index = this.#opcodes.findWords(first, last);
    if (this.#can[index] === 1) return this.fillEntry(entry, index, first, last, ilc, distance);
    const row = this.table[index];
    if (row === undefined || !this.has(row.facility)) {
      this.complex.setEntry(entry, handlerOfRow(this.#operation), ilc);
      return;
    }
    if (!row.implemented) return vcpu.leave({ kind: 'unimplemented', mnemonic: row.mnemonic }, 0);
    this.#can[index] = 1;
    this.fillEntry(entry, index, first, last, ilc, distance);
  }

  /** Fills a decode-cache entry for an instruction that can be executed, given by its place in the table. */
  fillEntry(entry: number, index: number, first: number, last: number, ilc: number, distance: bigint): void {
    const row = this.table[index];
    if (row === undefined) throw new Error(`no row ${index}`);
    writeOperands(this.complex.view, entry, row, first, last, distance);
    this.complex.setEntry(entry, handlerOfRow(index), ilc);
  }

  /** Place in the table of the row of an instruction text, if it is installed and implemented; -1 else. */
  executable(text: Uint8Array): number {
    const index = this.#opcodes.find(text);
    const row = this.table[index];
    return row?.implemented === true && this.has(row.facility) ? index : -1;
  }

  /** The row of an instruction text, its facility installed or not. */
  rowOf(text: Uint8Array): Row | undefined {
    return this.table[this.#opcodes.find(text)];
  }
}

const ifetchPath: AccessPath = operand;

/** What a slow path gives; undefined when it has ended the instruction in execution. */
function orLeft<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!isUnwind(error)) throw error;
    return undefined;
  }
}
