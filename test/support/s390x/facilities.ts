import { facilityBits } from '../../../src/arch/s390x/cpu/facilities.ts';

/** Every facility that there is, but for the one that takes storage keys away. */
export const everyFacility: ReadonlySet<number> = new Set(
  Object.values(facilityBits).filter((bit) => bit !== facilityBits['storage-key-removal']),
);
