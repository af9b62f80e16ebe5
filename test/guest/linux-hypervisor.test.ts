import { expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { PAGE_BYTES } from '../../src/machine/layout.ts';
import { bootLinux, findLinux, type LinuxAssembly, linuxImages } from '../support/linux.ts';
import { move, s390xMoving } from '../support/moving.ts';
import { differences } from '../support/plain.ts';
import { describeUnless, describeWithTools } from '../support/tools.ts';
import { traced, tracedLines, tracedScript } from '../support/traced.ts';

const linux = await findLinux();

describeUnless(linux.lacks, "Linux's own program-event recording", () => {
  describeWithTools(['s390x-linux-gnu-gcc'], 'under a debugger outside', () => {
    test('single steps, a hardware watchpoint and a kprobe do what they do without it, and each stop outside is met', async () => {
      if (linux.kernel === undefined) throw new Error(linux.lacks.join());
      const { program, at } = await traced();
      const images = linuxImages(linux.kernel, tracedScript, [], { files: { '/root/traced': program } });
      const lines: string[] = [];
      const met: string[] = [];
      let guest: LinuxAssembly | undefined;
      const { status } = await bootLinux({
        images,
        cpu: 'max,cmm=on',
        onLine: (line) => {
          if (line.startsWith('| ')) lines.push(line);
        },
        prepare: (assembly) => {
          guest = assembly;
          const { target } = assembly;
          const go = new Map([[0, { kind: 'continue' } as const]]);
          target.onStop(({ reason }) => {
            met.push(reason.kind);
            setImmediate(() => target.resume(go));
          });
          for (const name of ['steps_begin', 'store', 'behind_store']) {
            target.insertBreakpoint('hardware', at(name), 2, 0);
          }
          assembly.machine.checked = true;
          target.resume(go);
        },
      });
      expect(lines).toEqual(tracedLines);
      expect(status).toBe(0);
      expect(met.length).toBeGreaterThanOrEqual(3);
      // Linux has freed pages, and said so: most of storage is unused, and of the rest nothing was lost.
      const { cmma, complex } = guest?.guest.vm ?? {};
      expect(cmma?.used).toBe(true);
      const states = cmma?.getBits({ startGfn: 0, count: (complex?.storage.size ?? 0) / PAGE_BYTES, peek: true });
      const unused = states?.ok === true ? states.value.values.filter((state) => (state & 3) === 1).length : 0;
      expect(unused).toBeGreaterThan(1000);
      // Nothing of Linux has used a storage key.
      expect([...(guest?.monitor.execute('skeys status', 0) ?? [])]).toEqual(['inUse = no', 'enabled = 0 times']);
    });
  });
});

/** A machine for Linux, with nothing in it. */
function empty(): LinuxAssembly {
  return assemble(s390xWing, {
    memory: 128 << 20,
    vcpus: 2,
    cpu: 'max,cmm=on',
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  });
}

/** A Linux at its first instruction. */
function booting(): LinuxAssembly {
  if (linux.kernel === undefined) throw new Error(linux.lacks.join());
  const { kernel: image, initramfs: initrd, commandLine } = linuxImages(linux.kernel, 'true', []);
  const assembly = empty();
  const { guest } = assembly;
  const plan = guest.boot(() => loadImage({ storage: guest.storage, image, initrd, commandLine }));
  if (!plan.ok) throw new Error(plan.error.message);
  return assembly;
}

describeUnless(linux.lacks, 'a Linux that boots', () => {
  test('moves while it does, and comes to the same there as it would have here', async () => {
    const [from, to, undisturbed] = [booting(), empty(), booting()];
    expect(from.machine.runTo(180_000_000n)).toBe(true);
    from.machine.start();
    const { how, arrived, source } = await move(s390xMoving(from), s390xMoving(to));
    expect([how, arrived]).toEqual(['moved', true]);
    expect(source.progress.pagesSent).toBeGreaterThan(1000);
    expect(differences(from.machine.save(), to.machine.save())).toEqual([]);
    const end = to.machine.time + 10_000_000n;
    for (const { machine } of [to, undisturbed]) expect(machine.runTo(end)).toBe(true);
    expect(differences(to.machine.save(), undisturbed.machine.save())).toEqual([]);
  });
});

describeUnless(linux.lacks, 'the log of stores of a Linux that boots', () => {
  test('has every page that differs between two looks, and readers do not disturb each other', () => {
    const { guest, machine } = booting();
    const { storage } = guest.vm.complex;
    const frames = storage.size / PAGE_BYTES;
    const [often, seldom] = [guest.vm.dirtyLog.open('often'), guest.vm.dirtyLog.open('seldom')];
    const all = new Set<number>();
    for (let at = 40_000_000n; at <= 200_000_000n; at += 40_000_000n) {
      const before = storage.read(0, storage.size);
      expect(machine.runTo(at)).toBe(true);
      const after = storage.read(0, storage.size);
      const page = (bytes: Uint8Array, frame: number): Buffer =>
        Buffer.from(bytes.buffer, bytes.byteOffset + frame * PAGE_BYTES, PAGE_BYTES);
      const changed = Array.from({ length: frames }, (_, frame) => frame).filter(
        (frame) => !page(before, frame).equals(page(after, frame)),
      );
      const marked = new Set(often.take(0, frames, true));
      expect(changed.filter((frame) => !marked.has(frame))).toEqual([]);
      expect(changed.length).toBeGreaterThan(10);
      for (const frame of marked) all.add(frame);
    }
    expect(seldom.take(0, frames, true)).toEqual([...all].sort((a, b) => a - b));
  });
});
