import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { ok } from '../../src/bits/result.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { type EngineMode, engineOptions } from '../../src/engine/modes.ts';
import { Turns } from '../../src/machine/turns.ts';
import { findLinux, type LinuxImages, linuxImages } from '../support/linux.ts';
import { seed } from '../support/seed.ts';
import { describeUnless } from '../support/tools.ts';

/** A whole boot, in all modes and with four vCPUs, takes minutes. */
const long = process.env.GUESTSCOPE_LONG === '1';
const modes: readonly EngineMode[] = long ? ['translator', 'first', 'forgetful', 'blocks', 'merging'] : ['translator'];
const counts: readonly number[] = long ? [1, 4] : [1];
const between = long ? 300_000_000n : 60_000_000n;
const INSTANTS = 10;

/** What can be seen of a boot at some instants: instructions of each vCPU, what the console said, storage and keys. */
function watch(images: LinuxImages, mode: EngineMode, vcpus: number): string[] {
  let output = '';
  const { built, guest } = assemble(s390xWing, {
    memory: 256 << 20,
    vcpus,
    clock: 'virtual',
    now: () => 0,
    console: (bytes) => {
      output += Buffer.from(bytes).toString('latin1');
    },
    engine: engineOptions(mode, seed),
  });
  const { kernel: image, initramfs: initrd, commandLine } = images;
  const booted = built.boot(
    () => ok({ image, initrd, commandLine }),
    () => undefined,
  );
  if (!booted.ok) throw new Error(booted.error.message);
  const seen: string[] = [];
  const turns = new Turns(guest.vcpus);
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const { complex } = guest.vm;
  for (let due = between; seen.length < INSTANTS; ) {
    const before = turns.now;
    turns.beginRound();
    for (let turn = turns.next(() => true); turn !== undefined; turn = turns.next(() => true))
      turns.ran(turn.vcpu, turn.vcpu.run({ count: turn.count, checked: false, holdInterruptions: false }));
    if (turns.now === before) turns.pass((turns.earliestWake ?? before + 1n) - before);
    if (turns.now < due) continue;
    turns.bringAll();
    const executed = guest.vcpus.map((v) => v.elapsed()).join(' ');
    seen.push(
      `${executed}: ${output.length} ${hash(Buffer.from(output))} ${hash(complex.storage.read(0, complex.storage.size))} ${hash(complex.keys)}`,
    );
    due += between;
  }
  return seen;
}

const linux = await findLinux();

describeUnless(linux.lacks, 'Linux is at every instant where it is when all of it is interpreted', () => {
  test.each(counts)('with %i vCPUs', (vcpus) => {
    if (linux.kernel === undefined) throw new Error(linux.lacks.join());
    const images = linuxImages(linux.kernel, 'true', []);
    const wanted = watch(images, 'interpreter', vcpus);
    for (const mode of modes) expect(watch(images, mode, vcpus), mode).toEqual(wanted);
  });
});
