import type { Stateful } from '../../../bits/stateful.ts';
import type { S390xCore } from '../cpu/core.ts';
import type { MachineType } from '../cpu/model.ts';

/** What a CPU model tells besides its facilities. */
export interface CpuModelState {
  /** What STIDP stores. */
  readonly cpuId: bigint;
  /** Instruction-blocking control; 0 when nothing is blocked. */
  readonly ibc: number;
}

/** Features of SIE by their bits in the interface. */
export const sieFeatures = {
  esop: 0,
  sief2: 1,
  '64bscao': 2,
  siif: 3,
  gpere: 4,
  gsls: 5,
  ib: 6,
  cei: 7,
  ibs: 8,
  skey: 9,
  cmma: 10,
  pfmfi: 11,
  sigpif: 12,
  kss: 13,
} as const;

/** Those that a VM can be given, and has unless it is told otherwise. */
export const MACHINE_FEATURES: ReadonlySet<number> = new Set([
  sieFeatures.esop,
  sieFeatures.sief2,
  sieFeatures['64bscao'],
  sieFeatures.siif,
  sieFeatures.gpere,
  sieFeatures.gsls,
  sieFeatures.ib,
  sieFeatures.cei,
  sieFeatures.ibs,
  sieFeatures.sigpif,
  sieFeatures.kss,
]);

const TYPE_SHIFT = 16n;
const TYPE_BITS = 0xffffn;

/** What STIDP stores for a machine type: version FF for a guest, a CPU identification, the type. */
function cpuIdOf({ type }: MachineType): bigint {
  return 0xff00_0000_0000_8000n | (BigInt(`0x${type}`) << TYPE_SHIFT);
}

/** The machine that a VM's guest sees. It can be changed until there is a vCPU. */
export class VmCpuModel implements Stateful<CpuModelState> {
  readonly #core: S390xCore;
  readonly #installed: ReadonlySet<number>;
  /** What the host has. */
  readonly machine: CpuModelState & { readonly facilities: ReadonlySet<number> };
  state: CpuModelState;
  #features: ReadonlySet<number> = MACHINE_FEATURES;
  /** What the user said of the guest's functions, as the interface has it; those of the machine when nothing was. */
  subfunctions: Uint8Array | undefined;

  constructor(core: S390xCore) {
    this.#core = core;
    this.#installed = core.installed;
    this.state = { cpuId: cpuIdOf(core.machine), ibc: 0 };
    this.machine = { ...this.state, facilities: core.facilities };
    core.complex.interprets = true;
  }

  /** What SIE does for the guest as a hypervisor, by numbers of `sieFeatures`. */
  get features(): ReadonlySet<number> {
    return this.#features;
  }
  set features(features: ReadonlySet<number>) {
    this.#features = features;
    this.#core.complex.interprets = features.has(sieFeatures.sief2);
  }
  /** Takes a feature away. */
  without(feature: number): void {
    this.features = new Set([...this.#features].filter((f) => f !== feature));
  }
  get cpuId(): bigint {
    return this.state.cpuId;
  }

  /** A guest gets the facilities of `wanted` that the host has, and those that no guest is told of. */
  set(state: CpuModelState, wanted: ReadonlySet<number>): void {
    const { machine } = this.#core;
    const facilities = [...this.#installed].filter((bit) => wanted.has(bit) || !this.machine.facilities.has(bit));
    const type = ((state.cpuId >> TYPE_SHIFT) & TYPE_BITS).toString(16).padStart(4, '0');
    this.state = state;
    this.#core.useModel({ machine: { ...machine, type }, facilities: new Set(facilities) });
  }

  /** @inheritdoc */
  save(): CpuModelState {
    return { ...this.state };
  }
  /** What the guest's facilities are is the machine's shape, which snapshots do not change. */
  restore(state: CpuModelState): void {
    this.state = state;
  }
}
