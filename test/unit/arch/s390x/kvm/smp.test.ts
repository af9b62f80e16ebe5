import { beforeEach, describe, expect, test } from 'vitest';
import { CpuComplex } from '../../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../../src/arch/s390x/cpu/core.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import type { S390xGuest } from '../../../../../src/arch/s390x/guest.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { bigEndian, bytesToHex } from '../../../../../src/bits/hex.ts';
import { Machine } from '../../../../../src/machine/machine.ts';
import { buildTestEngine } from '../../../../support/engine.ts';
import { guestOn } from '../../../../support/s390x/guest.ts';
import { CODE, coded, encode, KvmBench, MASK_64, psw, SPIN } from './harness.ts';

/** A guest in a machine whose host clock makes pieces of turns as long as it likes. */
function machine(vcpus: number, mebibytes: number, tick: () => number) {
  const complex = new CpuComplex({ vcpus, storage: mebibytes << 20, decodePages: 64 });
  const core = new S390xCore(complex, instructionTable);
  const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);
  const guest = guestOn(core, interpreter);
  let now = 0;
  const m = new Machine(guest, {
    clock: 'virtual',
    now: () => {
      now += tick();
      return now;
    },
    instructionsPerMicrosecond: 100,
  });
  return { guest, m };
}

/** Host clocks: one that hardly moves, and one that jumps about. */
const hosts = [
  (): (() => number) => () => 0.05,
  (): (() => number) => {
    let n = 1;
    return () => {
      n = (n * 48271) % 0x7fffffff;
      return (n % 1000) / 150;
    };
  },
] as const;

describe('two CPUs on one counter', () => {
  const COUNTER = 0x3_0000n;
  const RING = 0x10_0000;
  const ROUNDS = 60_000n;
  // Takes the TOD clock between looking at the counter and raising it by one, and keeps it in the place of that number.
  const loop = [
    encode('LG', { r1: 2, x2: 0, b2: 3, d2: 0 }),
    encode('STCK', { b2: 8, d2: 0 }),
    encode('LGR', { r1: 4, r2: 2 }),
    encode('AGHI', { r1: 4, i2: 1 }),
    encode('CSG', { r1: 2, r3: 4, b2: 3, d2: 0 }),
    encode('BRC', { m1: 7, ri2: -(6 + 4 + 4 + 4 + 6) }),
    encode('SLLG', { r1: 6, r3: 4, b2: 0, d2: 3 }),
    encode('LG', { r1: 7, x2: 0, b2: 8, d2: 0 }),
    encode('STG', { r1: 7, x2: 6, b2: 9, d2: 0 }),
  ];
  const length = loop.reduce((n, text) => n + text.length, 0);
  const count = encode('BRCTG', { r1: 5, ri2: -length });
  const stop = coded('SIGP', 0, 10, 0x05);
  const restart = coded('SIGP', 0, 11, 0x06);

  async function run(tick: () => number): Promise<{ guest: S390xGuest; ring: bigint[]; counts: bigint[] }> {
    const { guest, m } = machine(2, 4, tick);
    const { vm } = guest;
    const put = (at: number, texts: readonly Uint8Array[]): void => {
      for (const text of texts) {
        vm.writeAbsolute(gpa(at), text);
        at += text.length;
      }
    };
    put(CODE, [restart, ...loop, count, stop, SPIN]);
    put(0x1a0, [psw(MASK_64, CODE + restart.length)]);
    for (const [id, v] of vm.vcpus.entries()) {
      const registers = {
        3: COUNTER,
        5: ROUNDS,
        8: 0x3_1000n + BigInt(id * 8),
        9: BigInt(RING),
        10: BigInt(id),
        11: 1n,
      };
      for (const [n, value] of Object.entries(registers)) v.vcpu.setGr(Number(n), value);
      v.sync();
    }
    guest.start({ mask: MASK_64, address: BigInt(CODE) });
    await new Promise<void>((resolve) => {
      m.onEnd = () => resolve();
      m.start();
    });
    const bytes = vm.readAbsolute(gpa(RING), Number(2n * ROUNDS + 1n) * 8) ?? new Uint8Array(0);
    const view = new DataView(bytes.buffer);
    const ring = Array.from({ length: bytes.length / 8 - 1 }, (_, i) => view.getBigUint64(i * 8 + 8));
    return { guest, ring, counts: vm.vcpus.map((v) => v.vcpu.icount) };
  }

  test('nothing is lost, no CPU sees the clock stand before what the other has seen, and it comes out the same again', async () => {
    const results = [await run(hosts[0]()), await run(hosts[1]())];
    for (const { guest, ring } of results) {
      expect(bigEndian(guest.vm.readAbsolute(gpa(Number(COUNTER)), 8) ?? new Uint8Array(0))).toBe(2n * ROUNDS);
      expect(ring.findIndex((tod, i) => tod <= (ring[i - 1] ?? 0n))).toBe(-1);
      expect(guest.end()).toMatchObject({ status: 0 });
    }
    expect(results[0]?.counts).toEqual(results[1]?.counts);
    expect(results[0]?.ring).toEqual(results[1]?.ring);
    // They took turns: both had their part before the other was done.
    expect(results[0]?.counts.every((n) => n > ROUNDS * 10n)).toBe(true);
  });
});

describe('what one CPU does to the translations of another', () => {
  const bench = new KvmBench();
  const SEGMENT_TABLE = 0x2_8000;
  const PAGE_TABLE = 0x2_9000;
  const VIRTUAL = 0x5_0000;
  const ENTRY = PAGE_TABLE + (VIRTUAL >> 12) * 8;
  let reader: KvmVcpu;
  const word = (value: number): Uint8Array => Uint8Array.of(...psw(BigInt(value), 0)).slice(0, 8);

  beforeEach(() => {
    bench.fresh();
    bench.put(SEGMENT_TABLE, word(PAGE_TABLE));
    for (let i = 0; i < 0x40; i++) bench.put(PAGE_TABLE + i * 8, word(i << 12));
    bench.put(ENTRY, word(0x3_0000));
    bench.put(0x3_0000, Uint8Array.of(0x11));
    bench.put(0x3_1000, Uint8Array.of(0x22));
    reader = bench.program([encode('LLC', { r1: 1, x2: 0, b2: 3, d2: 0 }), encode('BRC', { m1: 15, ri2: -6 })], {
      id: 1,
      at: 0x1_8000,
      mask: MASK_64 | PSW.dat,
    });
    reader.vcpu.setCr(1, BigInt(SEGMENT_TABLE));
    reader.vcpu.controlsChanged();
    reader.vcpu.setGr(3, BigInt(VIRTUAL));
    reader.sync();
    expect(read()).toBe(0x11n);
  });
  const read = (): bigint => {
    bench.run(reader, 2);
    return reader.vcpu.gr(1);
  };

  test('a changed table alone is not seen at once: the TLB is one', () => {
    bench.put(ENTRY, word(0x3_1000));
    expect(read()).toBe(0x11n);
  });

  test.each([
    ['IPTE', encode('IPTE', { r1: 2, r2: 4, r3: 0, m4: 0 }), { 2: BigInt(PAGE_TABLE), 4: BigInt(VIRTUAL) }],
    ['IDTE of the segment', encode('IDTE', { r1: 2, r2: 5, r3: 0, m4: 0 }), { 2: BigInt(SEGMENT_TABLE), 5: 0n }],
    ['IDTE of the space', encode('IDTE', { r1: 2, r2: 5, r3: 6, m4: 0 }), { 5: 0x800n, 6: BigInt(SEGMENT_TABLE) }],
    ['CSP', encode('CSP', { r1: 6, r2: 5 }), { 5: 0x3_8001n, 6: 0n, 7: 1n }],
    ['CSPG', encode('CSPG', { r1: 6, r2: 5 }), { 5: 0x3_8001n, 6: 0n, 7: 1n }],
  ])('%s reaches every CPU', (_, text, gr) => {
    bench.one([text], gr);
    expect(bench.low('programCode')).toBe(0n);
    bench.put(SEGMENT_TABLE, word(PAGE_TABLE));
    bench.put(ENTRY, word(0x3_1000));
    expect(read()).toBe(0x22n);
  });

  test('PTLB is for the CPU itself', () => {
    bench.one([encode('PTLB')]);
    bench.put(ENTRY, word(0x3_1000));
    expect(read()).toBe(0x11n);
  });

  test('instructions that another CPU stores are executed as they are', () => {
    bench.put(0x1_8000, encode('LHI', { r1: 1, i2: 0x77 }));
    const writer = bench.program([encode('STG', { r1: 2, x2: 0, b2: 4, d2: 0 })]);
    const text = Uint8Array.of(...encode('LHI', { r1: 1, i2: 0x66 }), ...encode('BRC', { m1: 15, ri2: -4 }));
    reader.setPsw({ mask: MASK_64 | PSW.dat, address: 0x1_8000n });
    bench.run(reader, 1);
    expect(reader.vcpu.grLow(1)).toBe(0x77);
    writer.vcpu.setGr(2, BigInt(`0x${bytesToHex(text)}`));
    writer.vcpu.setGr(4, 0x1_8000n);
    writer.sync();
    bench.run(writer);
    reader.setPsw({ mask: MASK_64 | PSW.dat, address: 0x1_8000n });
    bench.run(reader, 1);
    expect(reader.vcpu.grLow(1)).toBe(0x66);
  });
});
