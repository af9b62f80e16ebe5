/** CPUs that a guest may have. */

/** A model by the name that `--cpu` knows. */
export interface CpuModel {
  readonly name: 'power7' | 'power8';
  readonly pvr: number;
  /** The node of the device tree, before the number of the CPU. */
  readonly node: string;
  /** `ibm,pa-features`: what the processor has, by the bits that the platform's architecture gives meaning to. */
  readonly features: readonly number[];
}

export const cpuModels = {
  power7: {
    ...{ name: 'power7', pvr: 0x003f_0203, node: 'PowerPC,POWER7' },
    features: [0x06, 0x00, 0xf6, 0x3f, 0xc7, 0x00, 0x80, 0xc0],
  },
  // Transactional memory, bit 0 of byte 22, is not there.
  power8: {
    ...{ name: 'power8', pvr: 0x004d_0200, node: 'PowerPC,POWER8' },
    features: [
      ...[0x18, 0x00, 0xf6, 0x1f, 0xc7, 0xc0, 0x80, 0xf0, 0x80, 0x00, 0x00, 0x00, 0x00],
      ...[0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00],
    ],
  },
} as const satisfies Record<CpuModel['name'], CpuModel>;

/** The model of a name. */
export function cpuModelOf(name: string): CpuModel | undefined {
  return Object.values<CpuModel>(cpuModels).find((model) => model.name === name);
}
