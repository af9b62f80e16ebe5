import { s390xWing } from '../api/s390x-wing.ts';
import { ppc64Wing } from '../arch/ppc64/wing.ts';
import { elfMachine, elfMachineName } from '../image/elf.ts';
import type { Wing } from '../wing/wing.ts';
import { UserError } from './user-error.ts';

/** The architectures that the program knows. Of several that take images that are no ELF files, the first gets them. */
export const wings: readonly Wing[] = [s390xWing, ppc64Wing];

/** As many vCPUs as any of them takes. */
export const mostVcpus = Math.max(...wings.map((w) => w.mostVcpus));

/** The architecture that an image is for. An image that is damaged goes to whoever can say so. */
export function wingOf(image: Uint8Array, known = wings): Wing {
  const machine = elfMachine(image);
  const found =
    machine === undefined ? known.find((w) => w.rawImages) : known.find((w) => w.elfMachines.includes(machine));
  if (found !== undefined) return found;
  const what = machine === undefined ? 'the image is no ELF file' : `the ELF file is for ${elfMachineName(machine)}`;
  const names = known.map((w) => w.name).join(' or ');
  throw new UserError({ code: 'elf-machine', message: `${what}: give one that was linked for ${names}` });
}
