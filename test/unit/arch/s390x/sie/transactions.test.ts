import { beforeEach, describe, expect, test } from 'vitest';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { slots } from '../../../../../src/arch/s390x/cpu/state-layout.ts';
import { abortCode } from '../../../../../src/arch/s390x/cpu/transaction.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { ecd } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { CODE, encode, HANDLERS, KvmBench, MASK_64, NOP, OPEN } from '../kvm/harness.ts';

const bench = new KvmBench();
/** CR0: transactions, and the override of filters. */
const TXC = 0x80_0000n << 32n;
const OVERRIDE = 0x40_0000n << 32n;
const DATA = 0x12000;
const TDB = 0x13000;
const PROGRAM_TDB = 0x1800;
const ALL = 0xff00;
const KEY_1 = 0x0010_0000n << 32n;
const [ACCESS_REGISTERS, FLOATING_POINT] = [0x08, 0x04];

/** GR 2 leads to data, 3 to nothing, 4 to the TDB, 6 holds the value that `store` stores. */
const registers = { 2: BigInt(DATA), 3: 0x4000_0000n, 4: BigInt(TDB), 6: 0x77n };
const begin = (controls = 0) => encode('TBEGIN', { b1: 4, i2: ALL | controls });
const store = encode('STG', { r1: 6, b2: 2 });
const change = encode('LGHI', { r1: 6, i2: -1 });
const end = encode('TEND');
const divide = encode('DR', { r1: 8, r2: 10 });
const failing = encode('LG', { r1: 7, b2: 3 });

let v: KvmVcpu;

beforeEach(() => {
  bench.fresh();
});

function start(texts: readonly Uint8Array[], setup: { mask?: bigint; cr0?: bigint; cr?: Record<number, bigint> } = {}) {
  v = bench.program(texts, setup.mask === undefined ? {} : { mask: setup.mask });
  for (const [n, value] of Object.entries(registers)) v.vcpu.setGr(Number(n), value);
  v.vcpu.setCr(0, TXC | (setup.cr0 ?? 0n));
  for (const [n, value] of Object.entries(setup.cr ?? {})) v.vcpu.setCr(Number(n), value);
  v.vcpu.controlsChanged();
  v.sync();
}
const data = () => bench.hex(DATA, 8);
const stored = '0000000000000077';
const nothing = '0000000000000000';
const told = (at = TDB) => ({
  format: Number.parseInt(bench.hex(at, 1), 16),
  depth: Number.parseInt(bench.hex(at + 6, 2), 16),
  code: Number.parseInt(bench.hex(at + 8, 8), 16),
  at: Number.parseInt(bench.hex(at + 0x18, 8), 16),
  identification: bench.hex(at + 0x24, 4),
});
const where = () => ({ address: Number(v.psw.address), cc: v.vcpu.cc });
/** Behind the first instruction, TBEGIN. */
const BEHIND = CODE + 6;

describe('what is stored', () => {
  test('is there at the end, however the run is cut', () => {
    for (const cut of [1, 2, 5]) {
      start([begin(), store, change, end, NOP]);
      for (let done = 0; done < 5; done += cut) bench.run(v, Math.min(cut, 5 - done));
      expect([data(), v.vcpu.gr(6), v.vcpu.cc]).toEqual([stored, -1n & 0xffff_ffff_ffff_ffffn, 0]);
      expect(bench.hex(TDB, 16)).toBe('0'.repeat(32));
      bench.fresh();
    }
  });

  test('and changed is as before an abort, but for what came from outside', () => {
    start([begin(), store, change, encode('TABORT', { d2: 300 }), NOP]);
    bench.run(v, 3);
    expect(data()).toBe(stored);
    bench.put(DATA + 8, Uint8Array.of(1));
    bench.run(v, 1);
    expect([data(), bench.hex(DATA + 8, 1), v.vcpu.gr(6)]).toEqual([nothing, '01', 0x77n]);
    expect([where(), told()]).toMatchObject([
      { address: BEHIND, cc: 2 },
      { format: 1, depth: 1, code: 300 },
    ]);
  });

  test('into code that has been executed is forgotten with the transaction', () => {
    const at = CODE + 0x100;
    const there = [encode('LGHI', { r1: 9, i2: 1 }), encode('BCR', { m1: 15, r2: 14 })];
    bench.fresh();
    start([
      encode('BASR', { r1: 14, r2: 5 }),
      encode('TBEGIN', { i2: 0x0100 }),
      encode('BRC', { m1: 7, ri2: 18 }),
      encode('MVI', { b1: 5, d1: 3, i2: 7 }),
      encode('BASR', { r1: 14, r2: 5 }),
      encode('TABORT', { d2: 256 }),
      NOP,
      NOP,
      encode('BASR', { r1: 14, r2: 5 }),
    ]);
    v.vcpu.setGr(5, BigInt(at));
    v.sync();
    let next = at;
    for (const text of there) {
      bench.put(next, text);
      next += text.length;
    }
    bench.run(v, 9);
    expect(v.vcpu.gr(9)).toBe(7n);
    bench.run(v, 4);
    expect([v.vcpu.gr(9), bench.hex(at + 3, 1)]).toEqual([1n, '01']);
  });

  test('is not seen by another vCPU, whose turn dooms the transaction', () => {
    start([begin(), store, NOP, end]);
    bench.run(v, 2);
    const other = bench.program([encode('LG', { r1: 9, b2: 2 })], { id: 1, at: 0x30000 });
    other.vcpu.setGr(2, BigInt(DATA));
    other.sync();
    bench.run(other, 1);
    expect(other.vcpu.gr(9)).toBe(0n);
    bench.run(v, 1);
    expect([where(), told().code, data()]).toEqual([{ address: BEHIND, cc: 2 }, abortCode.miscellaneous, nothing]);
  });

  test('and begun is part of the state', () => {
    start([begin(), store, encode('TABORT', { d2: 256 })]);
    bench.run(v, 2);
    const saved = bench.core.transactions.save();
    bench.core.transactions.drop(v.vcpu);
    bench.put(DATA, Uint8Array.of(0xff));
    bench.core.transactions.restore(saved);
    bench.run(v, 1);
    expect([data(), where().address]).toEqual([nothing, BEHIND]);
  });

  test('is taken back by a reset', () => {
    start([begin(), store]);
    bench.run(v, 2);
    v.reset('normal');
    expect([data(), bench.core.transactions.of(v.vcpu)]).toEqual([nothing, undefined]);
  });
});

describe('restricted instructions', () => {
  test.each([
    ['SVC', encode('SVC', { i: 1 }), 0],
    ['a target of EXRL', encode('EXRL', { r1: 0, ri2: 0x100 }), FLOATING_POINT],
    ['STFLE', encode('STFLE', { b2: 2 }), 0],
    ['an intercepted one', encode('STIDP', { b2: 2 }), 0],
    ['floating point', encode('LZDR', { r1: 1 }), ACCESS_REGISTERS],
    ['vectors', encode('VGBM', { v1: 1 }), ACCESS_REGISTERS],
    ['access registers', encode('SAR', { r1: 1, r2: 1 }), FLOATING_POINT],
  ])('%s: abort code 11, condition code 3, and nothing of it happens', (_, text, controls) => {
    start([begin(controls), store, text], { cr0: 0x6_0000n });
    bench.put(CODE + 12 + 0x100, encode('SVC', { i: 9 }));
    bench.run(v, 3);
    expect([where(), told()]).toMatchObject([
      { address: BEHIND, cc: 3 },
      { code: abortCode.restrictedInstruction, at: CODE + 12 },
    ]);
    expect([data(), bench.taken(v), v.intercepts.last().length]).toEqual([nothing, undefined, 0]);
  });

  test.each([
    ['floating point', encode('LZDR', { r1: 1 }), FLOATING_POINT],
    ['access registers', encode('SAR', { r1: 1, r2: 1 }), ACCESS_REGISTERS],
  ])('%s with its control, until an inner level takes that away', (_, text, controls) => {
    start([begin(controls), text, begin(), end, text, begin(), text], { cr0: 0x4_0000n });
    bench.run(v, 6);
    expect(where().cc).toBe(0);
    bench.run(v, 1);
    expect([where(), told()]).toMatchObject([
      { address: BEHIND, cc: 3 },
      { depth: 2, code: 11 },
    ]);
  });
});

describe('program interruptions', () => {
  test('of an arithmetic kind reach the program with bit 6, the abort PSW and a block', () => {
    start([begin(), store, divide]);
    bench.run(v, 3);
    expect(bench.taken(v)).toBe('program');
    expect(bench.low('programCode')).toBe(0x209n);
    const old = bench.low('programOldPsw');
    expect([old & 0xffff_ffffn, (old >> 108n) & 3n]).toEqual([BigInt(BEHIND), 2n]);
    for (const at of [TDB, PROGRAM_TDB])
      expect(told(at)).toMatchObject({ code: 4, at: CODE + 12, identification: '00020209' });
    expect(data()).toBe(nothing);
  });

  test.each([
    ['arithmetic', divide, 1, true],
    ['arithmetic', divide, 0, false],
    ['an operand that is not there', failing, 2, true],
    ['an operand that is not there', failing, 1, false],
    ['a privileged operation', encode('BSG', { r1: 0, r2: 0 }), 2, true],
    ['no such operation', Uint8Array.of(0, 0), 2, false],
  ])('%s under filtering control %#: filtered or not', (_, text, control, filtered) => {
    start([begin(control), store, text]);
    bench.run(v, 3);
    expect(bench.taken(v)).toBe(filtered ? undefined : 'program');
    const restricted = text[0] === 0xb2;
    expect(told().code).toBe(restricted ? 11 : filtered ? 12 : 4);
    if (filtered) expect(where()).toEqual({ address: BEHIND, cc: 3 });
  });

  test('filters can be overridden', () => {
    start([begin(2), divide], { cr0: OVERRIDE });
    bench.run(v, 2);
    expect(bench.low('programCode')).toBe(0x209n);
  });

  test('that the hypervisor intercepts come back with the block', () => {
    start([begin(), failing]);
    bench.run(v, 2);
    expect([bench.taken(v), bench.low('programCode')]).toEqual(['program', 0x205n]);
    expect(told(PROGRAM_TDB)).toMatchObject({ format: 1, code: 4, at: CODE + 6 });
  });

  test('of an instruction that cannot be fetched are not filtered', () => {
    start([begin(2), encode('BCR', { m1: 15, r2: 3 })]);
    bench.run(v, 3);
    expect([bench.taken(v), bench.low('programCode')]).toEqual(['program', 0x205n]);
    expect(told().at).toBe(0x4000_0000);
  });

  test.each([
    [0n, 'program', 0x280n],
    [0x40_0000n, undefined, 0n],
  ])('program events abort, unless %o suppresses them', (suppression, taken, code) => {
    start([begin(), NOP, NOP], { mask: MASK_64 | PSW.per, cr: { 9: 0x4000_0000n | suppression, 11: -1n } });
    bench.put(Number(HANDLERS.program), Uint8Array.of(0x07, 0));
    v.vcpu.setCr(10, BigInt(CODE + 6));
    v.sync();
    bench.run(v, 2);
    expect([bench.taken(v), bench.low('programCode')]).toEqual([taken, code]);
  });
});

test('an external interruption aborts, and its old PSW is the abort PSW', () => {
  start([begin(), store, NOP], { mask: OPEN.external, cr0: 0x4000n });
  bench.run(v, 2);
  v.local.emergency.add(1);
  v.sync();
  bench.run(v, 1);
  expect(bench.taken(v)).toBe('external');
  expect([told().code, bench.low('externalOldPsw') & 0xffff_ffffn, data()]).toEqual([2, BigInt(BEHIND), nothing]);
});

test('a TDB that cannot be stored into any more gives condition code 1', () => {
  const frame = TDB / 4096;
  const key = (value: number) => {
    bench.complex.keys[frame] = value;
    bench.complex.frames.changed(frame);
  };
  start([encode('TBEGIN', { b1: 4, i2: 0x0800 }), encode('TABORT', { d2: 257 })], { mask: MASK_64 | KEY_1 });
  key(0x10);
  bench.run(v, 1);
  key(0x20);
  bench.run(v, 1);
  expect([where(), told().format]).toEqual([{ address: BEHIND, cc: 1 }, 0]);
});

test('a guarded-storage event aborts with code 19 and comes back to the abort PSW', () => {
  const [list, area] = [0x14000, 0x8000_0000n];
  start([begin(), store, encode('LGG', { r1: 7, b2: 2, d2: 8 })], { cr: { 2: 0x10n } });
  v.vcpu.setBig(slots.gsd, area | 25n);
  v.vcpu.setBig(slots.gssm, 1n << 63n);
  v.vcpu.setBig(slots.gsepla, BigInt(list));
  bench.put(DATA + 8, Uint8Array.of(...toBigEndian(area, 8)));
  bench.put(list + 8, Uint8Array.of(...toBigEndian(BigInt(HANDLERS.svc), 8)));
  bench.run(v, 3);
  expect([bench.taken(v), v.vcpu.cc, data()]).toEqual(['svc', 2, nothing]);
  expect(told()).toMatchObject({ code: 19, at: CODE + 12 });
  expect([bench.hex(list + 1, 2), bench.hex(list + 0x28, 8)]).toEqual(['0380', BEHIND.toString(16).padStart(16, '0')]);
});

test('the first use of guarded-storage controls turns them on and is done', () => {
  start([encode('STGSC', { b2: 2 })], { cr: { 2: 0x10n } });
  bench.put(DATA, new Uint8Array(32).fill(0xee));
  // Intercepted, and done again.
  bench.run(v, 2);
  expect([bench.hex(DATA, 32), v.block.get('ecb') & 0x40, v.block.get('ecd') & ecd.hostRegisterManagement]).toEqual([
    '00'.repeat(32),
    0x40,
    0x2000_0000,
  ]);
});

describe('constrained transactions', () => {
  const constrained = encode('TBEGINC', { i2: ALL });
  test('come to their end', () => {
    start([constrained, store, encode('BRC', { m1: 15, ri2: 4 }), end]);
    bench.run(v, 4);
    expect([data(), where()]).toEqual([stored, { address: CODE + 20, cc: 0 }]);
  });

  test.each([
    ['a branch back', encode('BRC', { m1: 15, ri2: -6 })],
    ['a long branch back', encode('BRCL', { m1: 15, ri2: -6 })],
    ['a compare and branch back', encode('CGRJ', { r1: 1, r2: 1, m3: 8, ri4: -6 })],
    ['a branch by register', encode('BCR', { m1: 15, r2: 2 })],
    ['storage to storage', encode('XC', { l: 0, b1: 2, b2: 2 })],
    ['floating point', encode('LZDR', { r1: 1 })],
    ['SVC', encode('SVC', { i: 1 })],
    ['TABORT', encode('TABORT', { d2: 256 })],
    ['NTSTG', encode('NTSTG', { r1: 6, b2: 2 })],
  ])('%s is a constraint: program interruption 18 at TBEGINC', (_, text) => {
    start([constrained, store, text]);
    bench.run(v, 3);
    expect([bench.taken(v), bench.low('programCode')]).toEqual(['program', 0x218n]);
    expect([bench.low('programOldPsw') & 0xffff_ffffn, data()]).toEqual([BigInt(CODE), nothing]);
    expect(bench.hex(PROGRAM_TDB, 2)).toBe('0140');
    expect(told(PROGRAM_TDB).at).toBe(CODE + 12);
  });

  test.each([
    [32, true],
    [33, false],
  ])('%i instructions: ends %s', (count, ends) => {
    start([constrained, ...Array.from({ length: count }, () => encode('LR', { r1: 1, r2: 1 })), end]);
    bench.run(v, count + 2);
    expect(bench.taken(v)).toBe(ends ? undefined : 'program');
  });

  test.each([
    [0x100 - 6 - 4, true],
    [0x100 - 6 - 2, false],
  ])('an end %i bytes behind: %s', (distance, ends) => {
    start([constrained, encode('BRC', { m1: 15, ri2: distance })]);
    bench.put(CODE + 6 + distance, end);
    bench.run(v, 3);
    expect(bench.taken(v)).toBe(ends ? undefined : 'program');
  });
});

describe('the diagnostic control', () => {
  const loop = [begin(), encode('BRC', { m1: 7, ri2: -6 }), ...Array.from({ length: 8 }, () => NOP), end];
  const count = (control: bigint, mask = MASK_64) => {
    start(loop, { cr: { 2: control }, mask });
    let aborts = 0;
    for (let i = 0; i < 400 && v.psw.address !== BigInt(CODE + 30); i++) {
      bench.run(v, 1);
      if (v.vcpu.cc === 2 && v.psw.address === BigInt(BEHIND)) aborts++;
    }
    return { aborts, ended: v.psw.address === BigInt(CODE + 30) };
  };
  test('1 aborts all, 2 some, 0 none', () => {
    expect(count(1n)).toMatchObject({ ended: false });
    expect(count(0n)).toEqual({ aborts: 0, ended: true });
    const some = Array.from({ length: 8 }, () => count(2n).aborts);
    expect(Math.min(...some)).toBe(0);
    expect(Math.max(...some)).toBeGreaterThan(0);
  });
  test('with its scope bit it is for the problem state alone', () => {
    expect(count(5n)).toEqual({ aborts: 0, ended: true });
    expect(count(5n, MASK_64 | PSW.problem).ended).toBe(false);
  });
});
