import { elfMachine, elfMachineName } from '../image/elf.ts';
import type { Wing } from '../wing/wing.ts';
import { UserError } from './user-error.ts';

/** What choosing an architecture takes. A guest needs one of them: the others' instructions are not even read. */
export type WingEntry = Pick<Wing, 'name' | 'demo' | 'elfMachines' | 'rawImages' | 'mostVcpus'> & {
  readonly hasDebian: boolean;
  load(): Promise<Wing>;
};

/** The architectures that the program knows. Of several that take images that are no ELF files, the first gets them. */
export const wings: readonly WingEntry[] = [
  {
    ...{
      name: 's390x',
      demo: 'demo/demo.elf',
      elfMachines: [22, 0xa390],
      rawImages: true,
      mostVcpus: 248,
      hasDebian: true,
    },
    load: async () => (await import('../api/s390x-wing.ts')).s390xWing,
  },
  {
    ...{ name: 'ppc64', demo: 'demo-ppc64/demo.elf', elfMachines: [21], rawImages: false, mostVcpus: 8 },
    hasDebian: true,
    load: async () => (await import('../arch/ppc64/wing.ts')).ppc64Wing,
  },
];

/** As many vCPUs as any of them takes. */
export const mostVcpus = Math.max(...wings.map((w) => w.mostVcpus));

/** The architecture that an image is for. An image that is damaged goes to whoever can say so. */
export function wingOf(image: Uint8Array, known: readonly WingEntry[] = wings): WingEntry {
  const machine = elfMachine(image);
  const found =
    machine === undefined ? known.find((w) => w.rawImages) : known.find((w) => w.elfMachines.includes(machine));
  if (found !== undefined) return found;
  const what = machine === undefined ? 'the image is no ELF file' : `the ELF file is for ${elfMachineName(machine)}`;
  const names = known.map((w) => w.name).join(' or ');
  throw new UserError({ code: 'elf-machine', message: `${what}: give one that was linked for ${names}` });
}
