import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { pastCommands } from '../../src/monitor/past/commands.ts';
import { differences } from '../support/plain.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';

/** Lines for every command, so that each way through it is gone. */
const lines: Readonly<Record<string, readonly string[]>> = {
  attr: ['', 'memory', 'tod'],
  'break-asce': ['', '0x11000 primary', '0x11000 any'],
  clock: [''],
  cmma: ['', '0x10000-0x20000'],
  dirty: ['status'],
  dump: ['core'],
  'break-cpu': ['', '0x11000 0', '0x11000 any'],
  catch: ['', 'pgm', 'delete all'],
  gmap: [''],
  ignore: ['', '0x11000 0'],
  intercepts: ['', '5'],
  irq: [''],
  level: [''],
  lowcore: ['', '0x2000'],
  map: ['', 'home', 'real'],
  migration: ['status'],
  per: [''],
  psw: ['', '0x11000', '0x0000000180000000 0x11000'],
  read: ['0x10000 64', '0x10000 64 real', '0x10000 64 absolute', '0x3ffc000 64 primary'],
  sie: [''],
  skeys: ['0x10000-0x20000', 'status'],
  stats: [''],
  'step-mode': ['', 'over', 'mask'],
  trace: ['', '5'],
  translate: ['0x10000', '0x10000 home'],
  translator: ['', '0x10000'],
  vcpu: ['', '0'],
  'watch-if': ['', '0x11000 == 5', '0x11000 any'],
  walk: ['0x10000', '0x10000 home', '0x3ffc000'],
};

/** Lines that are there to change something, with what of the state that is; and one that is refused without them. */
const changing: Readonly<Record<string, RegExp>> = {
  'dirty start': /^\/parts\/dirty log\//,
  'dirty peek': /^(?!)/,
  'dirty get': /^\/parts\/dirty log\//,
  'dirty stop': /^\/parts\/dirty log\//,
  'intercepts reset': /^\/parts\/CPU \d+\/state\/intercepts\b/,
};

function demo(vcpus: number): Assembly<S390xGuest> {
  const assembly = assemble(s390xWing, {
    memory: 64 << 20,
    vcpus,
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  });
  const image = new Uint8Array(readFileSync(`${root}guests/demo/demo.elf`));
  const plan = assembly.guest.boot(() => loadImage({ storage: assembly.guest.storage, image }));
  if (!plan.ok) throw new Error(plan.error.message);
  return assembly;
}

/** What a line says, to the end. */
function say({ monitor }: Assembly<S390xGuest>, line: string, vcpu: number): string[] {
  return [line, `${line} --json`].flatMap((words) => [...monitor.execute(words, vcpu)]);
}

describe.each([1, 4])('monitor commands on the demo with %i vCPUs', (vcpus) => {
  test('leave all of its state as it is, and its way from there', () => {
    const looked = demo(vcpus);
    const alone = demo(vcpus);
    // Those about the past are there to move the guest; test/gdb/reverse.test.ts has them.
    const others = looked.monitor.commands.filter(({ name }) => !pastCommands.some((past) => past.name === name));
    expect(others.map(({ name }) => name).filter((name) => !(name in lines))).toEqual([]);
    const words = randomWords(700 + vcpus);
    const answered = new Set<string | undefined>();
    let at = 0n;
    for (let i = 0; i < 2; i++) {
      at += BigInt(1 + (words() % 3_000_000));
      expect(looked.machine.runTo(at)).toBe(true);
      const vcpu = words() % vcpus;
      const all = Object.entries(lines).flatMap(([name, rest]) => rest.map((more) => `${name} ${more}`));
      for (const line of [...all, 'help', ...Object.keys(lines).map((name) => `help ${name}`)]) {
        // All but storage, which is compared at the end: it is large.
        const before = looked.machine.save(['storage']);
        const said = say(looked, line, vcpu);
        expect(said.length, line).toBeGreaterThan(1);
        expect(said.join('\n'), line).not.toMatch(/^there is no command/m);
        // An address that nothing lies behind just then is refused, which must change nothing either.
        if (!/^usage: /m.test(said.join('\n'))) answered.add(line.split(' ')[0]);
        expect(differences(looked.machine.save(['storage']), before), line).toEqual([]);
      }
    }
    expect(Object.keys(lines).filter((name) => !answered.has(name))).toEqual([]);
    // What is no part of the state would be seen in what the guest does later.
    const end = at + 2_000_000n;
    expect(looked.machine.runTo(end)).toBe(true);
    expect(alone.machine.runTo(end)).toBe(true);
    expect(differences(looked.machine.save(), alone.machine.save())).toEqual([]);
  });

  test('change nothing else where they are there to change something', () => {
    const looked = demo(vcpus);
    const alone = demo(vcpus);
    let at = 0n;
    for (const line of Object.keys(changing)) {
      at += 500_000n;
      expect(looked.machine.runTo(at)).toBe(true);
      const before = looked.machine.save();
      expect(say(looked, line, 0).join('\n'), line).not.toMatch(/^usage: /m);
      const changed = differences(looked.machine.save(), before, 10_000);
      expect(
        changed.filter((path) => changing[line]?.test(path) !== true),
        line,
      ).toEqual([]);
    }
    const meant = Object.values(changing);
    expect(alone.machine.runTo(at)).toBe(true);
    const later = differences(looked.machine.save(), alone.machine.save(), 10_000);
    expect(later.filter((path) => !meant.some((known) => known.test(path)))).toEqual([]);
    expect(later).not.toEqual([]);
  });
});
