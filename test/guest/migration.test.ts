import { expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { kinds } from '../../src/machine/migration/protocol.ts';
import { type Cut, goWith, move, s390xMoving } from '../support/moving.ts';
import { differences } from '../support/plain.ts';
import { encode, MASK_64 } from '../support/s390x/isa.ts';
import { randomWords } from '../support/seed.ts';

const MEMORY = 8 << 20;
/** Guests that move; GUESTSCOPE_MIGRATIONS=100 for as many as anybody could want. */
const TIMES = Number(process.env.GUESTSCOPE_MIGRATIONS ?? '12');

function machine(cpu = 'max,cmm=on'): Assembly<S390xGuest> {
  return assemble(s390xWing, {
    memory: MEMORY,
    vcpus: 2,
    cpu,
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  });
}

/** Machines are costly to build: each is used again, from the state in which it was new. */
class Pool {
  readonly #fresh: Assembly<S390xGuest>[] = [];
  readonly #new = machine().machine.save();

  take(): Assembly<S390xGuest> {
    const found = this.#fresh.pop() ?? machine();
    found.machine.restore(this.#new);
    return found;
  }
  giveBack(...used: readonly Assembly<S390xGuest>[]): void {
    for (const { machine: m } of used) m.halt();
    this.#fresh.push(...used);
  }
}
const pool = new Pool();

/** A machine whose CPUs store into pages here and there for ever, set keys and say what they need of blocks; `mask` are the pages. */
function busy(mask = 0x7_f000n): Assembly<S390xGuest> {
  const assembly = pool.take();
  const { guest } = assembly;
  const loop = [
    encode('MGHI', { r1: 1, i2: 25173 }),
    encode('AGHI', { r1: 1, i2: 13849 }),
    encode('LGR', { r1: 2, r2: 1 }),
    encode('NGR', { r1: 2, r2: 3 }),
    encode('STG', { r1: 1, x2: 2, b2: 4, d2: 0 }),
    encode('LA', { r1: 5, x2: 2, b2: 4, d2: 0 }),
    encode('LGHI', { r1: 6, i2: 0x70 }),
    encode('SSKE', { r1: 6, r2: 5, m3: 0 }),
    encode('ESSA', { r1: 7, r2: 5, m3: 4 }),
  ];
  const length = loop.reduce((n, text) => n + text.length, 0);
  let at = 0x1000;
  for (const text of [...loop, encode('BRC', { m1: 15, ri2: -length })]) {
    guest.storage.write(at, text);
    at += text.length;
  }
  for (const v of guest.vm.vcpus) {
    v.vcpu.setGr(1, BigInt(v.id + 1));
    v.vcpu.setGr(3, mask);
    v.vcpu.setGr(4, BigInt(0x20_0000 + v.id * 0x20_0000));
    v.setPsw({ mask: MASK_64, address: 0x1000n });
    v.start();
  }
  return assembly;
}

const dwords = (...values: readonly bigint[]): Uint8Array => {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64BE(value, 8 * i);
  return bytes;
};

/** A machine whose CPUs wait for their timers, and again: what it does in between takes no time. */
function waiting(): Assembly<S390xGuest> {
  const assembly = pool.take();
  const { storage, vm } = assembly.guest;
  const program = [encode('SPT', { b2: 0, d2: 0x800 }), encode('LPSWE', { b2: 0, d2: 0x810 })];
  storage.write(0x1000, Buffer.concat(program));
  // 20 us, in which 20,000 instructions could be executed.
  storage.write(0x800, dwords(20n << 12n, 0n, MASK_64 | (1n << 56n) | (1n << 49n), 0n));
  for (const v of vm.vcpus) {
    storage.write(Number(v.vcpu.prefix) + 0x1b0, dwords(MASK_64, 0x1000n));
    v.vcpu.setCr(0, 0x400n);
    v.setPsw({ mask: MASK_64, address: 0x1000n });
    v.start();
  }
  return assembly;
}

/** Both go on for a while, and come to the same. */
function expectAlike(a: Assembly<S390xGuest>, b: Assembly<S390xGuest>): void {
  expect(differences(a.machine.save(), b.machine.save())).toEqual([]);
  const end = a.machine.time + 5_000n;
  for (const { machine: m } of [a, b]) expect(m.runTo(end)).toBe(true);
  expect(differences(a.machine.save(), b.machine.save())).toEqual([]);
}

test('a guest that runs moves: storage, keys, states and registers are the same, and it goes on at the same instruction', async () => {
  const [from, to] = [busy(0x1f_f000n), pool.take()];
  from.machine.runTo(10_000n);
  from.machine.start();
  const { how, arrived, source } = await move(s390xMoving(from), s390xMoving(to));
  expect([how, arrived, from.machine.running, to.machine.running]).toEqual(['moved', true, false, false]);
  expect(source.progress).toMatchObject({ phase: 'moved', pagesLeft: 0, reason: undefined });
  expect(source.progress.downtime).toBeGreaterThan(0);
  expect(source.progress.pagesSent).toBeGreaterThan(100);
  expect(to.machine.time).toBeGreaterThan(10_000n);
  expectAlike(from, to);
});

test('a guest that stands still stands still there', async () => {
  const [from, to] = [busy(), pool.take()];
  from.machine.runTo(10_000n);
  const { how, arrived } = await move(s390xMoving(from), s390xMoving(to));
  expect([how, arrived]).toEqual(['moved', false]);
  expectAlike(from, to);
});

test('under load, broken off at any byte in half of the cases: one side has it, and nothing is lost', {
  timeout: 0,
}, async () => {
  const words = randomWords(5);
  let moved = 0;
  for (let i = 0; i < TIMES; i++) {
    const [from, to] = [busy(), pool.take()];
    from.machine.runTo(BigInt(words() % 20_000) + 1n);
    from.machine.start();
    // The end of what is said is where it matters most.
    const inside = (kind: number): Cut => ({ inside: { kind, at: words() } });
    const breaks = [
      { forth: words() % 12_000 },
      inside(kinds.state),
      inside(kinds.commit),
      { back: words() % 10 },
      inside(kinds.started),
      inside(kinds.ready),
    ];
    const breaking = (i & 1) === 1 ? breaks[(i >> 1) % breaks.length] : undefined;
    const { how, arrived } = await move(s390xMoving(from), s390xMoving(to), breaking);
    from.machine.halt();
    if (how === 'moved') {
      moved++;
      expect(arrived).toBe(true);
      // What was handed over, and that alone, survives the end of a connection.
      if (breaking !== undefined) expect(breaking.inside?.kind).toBe(kinds.started);
      expectAlike(from, to);
    } else {
      expect([how, arrived, breaking !== undefined]).toEqual(['failed', undefined, true]);
      const undisturbed = busy();
      goWith(undisturbed.machine, from.machine);
      expectAlike(from, undisturbed);
      expect(from.guest.vm.dirtyLog.readers()).toEqual([]);
      pool.giveBack(undisturbed);
    }
    pool.giveBack(from, to);
  }
  expect(moved).toBeGreaterThanOrEqual(TIMES / 2);
});

test('a guest that waits most of the time is where an undisturbed one comes to, rounds without an instruction included', async () => {
  const words = randomWords(6);
  for (let i = 0; i < 6; i++) {
    const [from, to] = [waiting(), pool.take()];
    from.machine.runTo(BigInt(words() % 50_000) + 1n);
    from.machine.start();
    const cut: Cut = (i & 1) === 0 ? { forth: words() % 12_000 } : { inside: { kind: kinds.commit, at: words() } };
    expect(await move(s390xMoving(from), s390xMoving(to), cut)).toMatchObject({ how: 'failed' });
    from.machine.halt();
    // Into a round that has just begun, behind another one at the same time.
    from.machine.start();
    for (let n = 0; n < 100 && from.machine.instant.order === 0; n++) from.machine.runFor(0);
    from.machine.halt();
    expect(from.machine.instant.order).toBeGreaterThan(0);
    const undisturbed = waiting();
    goWith(undisturbed.machine, from.machine);
    expectAlike(from, undisturbed);
    pool.giveBack(from, to, undisturbed);
  }
});

test('cancelled, the guest goes on here; at the hand-over it is too late', async () => {
  const [from, to] = [busy(), pool.take()];
  from.machine.start();
  const { how, source } = await move(s390xMoving(from), s390xMoving(to), {}, (moving) =>
    expect(moving.cancel()).toBe(true),
  );
  expect([how, source.progress.reason, from.machine.running]).toEqual(['failed', 'cancelled', true]);
  const { source: done } = await move(s390xMoving(from), s390xMoving(to));
  expect([done.progress.phase, done.cancel()]).toEqual(['moved', false]);
});

test('what broke off leaves no trace there: another attempt succeeds', async () => {
  const [from, to] = [busy(), pool.take()];
  from.machine.start();
  expect(await move(s390xMoving(from), s390xMoving(to), { forth: 20_000 })).toMatchObject({ how: 'failed' });
  expect(from.machine.running).toBe(true);
  expect(await move(s390xMoving(from), s390xMoving(to))).toMatchObject({ how: 'moved' });
  expectAlike(from, to);
});

test.each<[string, (to: Assembly<S390xGuest>) => void, () => Assembly<S390xGuest>, string]>([
  ['another model', () => undefined, () => machine('z14'), 'machine type'],
  ['a machine that runs', ({ machine: m }) => m.runTo(5n), busy, 'runs a guest already'],
])('%s is refused, and the guest goes on', async (_, prepare, make, why) => {
  const [from, to] = [busy(), make()];
  prepare(to);
  from.machine.start();
  const { how, source } = await move(s390xMoving(from), s390xMoving(to));
  expect([how, from.machine.running]).toEqual(['failed', true]);
  expect(source.progress.reason).toContain(why);
  from.machine.halt();
});
