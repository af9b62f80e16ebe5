import { beforeAll, describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { findLinux, type LinuxAssembly, type LinuxImages, linuxImages } from '../support/linux.ts';
import { differences } from '../support/plain.ts';
import { expectRestoredAlike } from '../support/restored.ts';
import { randomWords } from '../support/seed.ts';
import { describeUnless } from '../support/tools.ts';

const long = process.env.GUESTSCOPE_LONG === '1';
/** Instants in a boot, whose console is there behind 2.1e9 instructions; without much time, one early in it. */
const [instants, last] = long ? [6, 2_000_000_000] : [1, 150_000_000];

const found = await findLinux();

function machine(vcpus: number): LinuxAssembly {
  return assemble(s390xWing, {
    memory: 128 << 20,
    vcpus,
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  });
}

describeUnless(found.lacks, 'a boot of Linux', () => {
  let images: LinuxImages;
  beforeAll(() => {
    if (found.kernel === undefined) throw new Error('there is no kernel');
    images = linuxImages(found.kernel, 'echo booted', []);
  });

  function boot(vcpus: number): LinuxAssembly {
    const assembly = machine(vcpus);
    const { storage } = assembly.guest;
    const { kernel: image, initramfs: initrd, commandLine } = images;
    const plan = assembly.guest.boot(() => loadImage({ storage, image, initrd, commandLine }));
    if (!plan.ok) throw new Error(plan.error.message);
    return assembly;
  }

  describe.each([1, 4])('with %i vCPUs, saved on its way', (vcpus) => {
    test('goes on in the same way when it is restored, in the same machine and in a new one', () => {
      const saved = boot(vcpus).machine;
      const words = randomWords(800 + vcpus);
      const instant = (): bigint => BigInt(1 + (words() % last));
      const ats = Array.from({ length: instants }, instant).sort((a, b) => (a < b ? -1 : 1));
      for (const at of ats) {
        const end = at + BigInt(1 + (words() % 20_000_000));
        if (saved.time < at) expect(saved.runTo(at)).toBe(true);
        expectRestoredAlike(saved, end, () => machine(vcpus).machine);
      }
      // It would have come to the same had nobody saved it.
      const undisturbed = boot(vcpus).machine;
      expect(undisturbed.runTo(saved.time)).toBe(true);
      expect(differences(undisturbed.save(), saved.save())).toEqual([]);
    });
  });
});
