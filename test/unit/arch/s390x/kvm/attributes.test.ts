import { beforeEach, describe, expect, test } from 'vitest';
import { facilityBits } from '../../../../../src/arch/s390x/cpu/facilities.ts';
import {
  type AttributeCall,
  type AttributeGroup,
  attributeGroups,
} from '../../../../../src/arch/s390x/kvm/attributes/row.ts';
import {
  attributeRows,
  getAttribute,
  hasAttribute,
  setAttribute,
} from '../../../../../src/arch/s390x/kvm/attributes/table.ts';
import { resetSubsystem } from '../../../../../src/arch/s390x/kvm/reset.ts';
import { ecb3 } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { bigEndian, toBigEndian } from '../../../../../src/bits/hex.ts';
import { encode, KvmBench, withBase } from './harness.ts';

const bench = new KvmBench();
const without = new KvmBench({ without: ['topology', 'message-security-assist-3'] });

const set = (group: AttributeGroup, n: number, data?: Uint8Array, flags = 0, on = bench): string | undefined =>
  setAttribute(on.vm, attributeGroups[group], n, { flags, data });
const get = (group: AttributeGroup, n: number, call: Partial<AttributeCall> = {}, on = bench): Uint8Array | string => {
  const found = getAttribute(on.vm, attributeGroups[group], n, call);
  return found.ok ? found.value : found.error;
};
const has = (group: AttributeGroup, n: number, on = bench): string | undefined =>
  hasAttribute(on.vm, attributeGroups[group], n);
const word = (value: bigint): Uint8Array => toBigEndian(value, 8);

beforeEach(() => {
  bench.fresh('later');
  without.fresh('later');
});

test('numbers and names are told apart', () => {
  const numbers = attributeRows.map(({ group, attribute }) => `${group} ${attribute}`);
  const names = attributeRows.map(({ group, name }) => `${group} ${name}`);
  expect([new Set(numbers).size, new Set(names).size]).toEqual([numbers.length, names.length]);
});

test.each([
  ['a group that is none', 6, 0],
  ['memory control 3', 0, 3],
  ['clock 3', 1, 3],
  ['crypto 6', 2, 6],
  ['CPU model 6, which is for protected guests', 3, 6],
  ['CPU model 8', 3, 8],
  ['migration 3', 4, 3],
])('%s is ENXIO for every call', (_, group, attribute) => {
  const { vm } = bench;
  expect([
    hasAttribute(vm, group, attribute),
    setAttribute(vm, group, attribute, { data: new Uint8Array(4096) }),
    getAttribute(vm, group, attribute),
  ]).toEqual(['ENXIO', 'ENXIO', { ok: false, error: 'ENXIO' }]);
});

test.each([
  ['memory', 0, 'get'],
  ['memory', 1, 'get'],
  ['crypto', 0, 'get'],
  ['crypto', 4, 'get'],
  ['cpu-model', 1, 'set'],
  ['cpu-model', 3, 'set'],
  ['cpu-model', 5, 'set'],
  ['migration', 0, 'get'],
  ['migration', 1, 'get'],
  ['migration', 2, 'set'],
] as const)('%s %i has no %s', (group, attribute, call) => {
  expect(call === 'get' ? get(group, attribute) : set(group, attribute, new Uint8Array(4096))).toBe('ENXIO');
});

describe('memory control', () => {
  test('is there', () => {
    expect([0, 1, 2].map((n) => has('memory', n))).toEqual([undefined, undefined, undefined]);
  });
  test('the limit is 2^44 until it is set, and slots keep their places', () => {
    expect(get('memory', 2)).toEqual(word(2n ** 44n));
    expect(set('memory', 2, word(0x40_0000n))).toBeUndefined();
    expect([get('memory', 2), bench.vm.gmap.segments().length]).toEqual([word(0x40_0000n), 4]);
    expect(set('memory', 2, word(0xffff_ffff_ffff_ffffn))).toBeUndefined();
    expect(get('memory', 2)).toEqual(word(2n ** 44n));
  });
  test.each([
    ['nothing to read', undefined, 'EFAULT'],
    ['too few bytes', new Uint8Array(7), 'EFAULT'],
    ['more than the host has', word(2n ** 44n + 1n), 'E2BIG'],
    ['zero', word(0n), 'EINVAL'],
  ])('%s, looked at before vCPUs are', (_, data, error) => {
    bench.createVcpus();
    expect(set('memory', 2, data)).toBe(error);
  });
  test('with vCPUs it is too late', () => {
    bench.createVcpus();
    expect([set('memory', 2, word(2n ** 40n)), get('memory', 2)]).toEqual(['EBUSY', word(2n ** 44n)]);
  });
});

describe('the clock', () => {
  test('is there, but for what is not told of', () => {
    expect([0, 1, 2].map((n) => has('tod', n))).toEqual([undefined, undefined, 'ENXIO']);
  });
  test('set for all vCPUs, as the guest sees it', () => {
    bench.createVcpus();
    expect(set('tod', 0, word(0x1234_5678_0000_0000n))).toBeUndefined();
    expect(get('tod', 0)).toEqual(word(0x1234_5678_0000_0000n));
    for (const v of bench.vm.vcpus) expect(v.vm.tod(v.vcpu)).toBe(0x1234_5678_0000_0000n);
    expect(new Set(bench.vm.vcpus.map((v) => v.block.big('epoch'))).size).toBe(1);
    bench.one([withBase('STCK', 3)], { 3: 0x3_0000n });
    expect(bigEndian(bench.bytes(0x3_0000, 4))).toBe(0x1234_5678n);
  });
  test('before there are vCPUs, it is what they begin with', () => {
    set('tod', 0, word(0x1234_5678_0000_0000n));
    bench.createVcpus();
    bench.one([withBase('STCK', 3)], { 3: 0x3_0000n });
    expect(bigEndian(bench.bytes(0x3_0000, 4))).toBe(0x1234_5678n);
  });
  test('extended: the epoch index is what STCKE stores in front, and setting the clock alone makes it 0', () => {
    const value = Uint8Array.of(0x5a, ...new Uint8Array(7), ...word(5n << 40n));
    expect([set('tod', 2, value), get('tod', 2)]).toEqual([undefined, value]);
    bench.createVcpus();
    bench.one([withBase('STCKE', 3)], { 3: 0x3_0000n });
    expect(bigEndian(bench.bytes(0x3_0000, 4))).toBe(0x5a00_0005n);
    set('tod', 0, word(6n << 40n));
    expect(get('tod', 2)).toEqual(Uint8Array.of(...new Uint8Array(8), ...word(6n << 40n)));
  });
  test('extended: epoch index 0 alone without the facility', () => {
    const facilities = new Set(bench.vm.core.installed);
    facilities.delete(facilityBits['multiple-epoch']);
    bench.vm.core.useModel({ machine: bench.vm.core.machine, facilities });
    const value = (index: number): Uint8Array => Uint8Array.of(index, ...new Uint8Array(7), ...word(5n << 40n));
    expect([set('tod', 2, value(1)), set('tod', 2, new Uint8Array(15)), set('tod', 2)]).toEqual([
      'EINVAL',
      'EFAULT',
      'EFAULT',
    ]);
    expect([set('tod', 2, value(0)), get('tod', 2)]).toEqual([undefined, value(0)]);
  });
  test('the byte in front is 0', () => {
    expect([set('tod', 1, Uint8Array.of(0)), set('tod', 1, Uint8Array.of(1)), set('tod', 1), get('tod', 1)]).toEqual([
      undefined,
      'EINVAL',
      'EFAULT',
      Uint8Array.of(0),
    ]);
  });
  test.each([0, 1, 2, 3])('flags are refused before anything else (%i)', (n) => {
    expect([set('tod', n, undefined, 1), get('tod', n, { flags: 1 })]).toEqual(['EINVAL', 'EINVAL']);
  });
});

describe('crypto', () => {
  test('wrapping keys, on and off, for vCPUs of now and later', () => {
    expect([0, 1].map((n) => set('crypto', n))).toEqual([undefined, undefined]);
    bench.createVcpus();
    const bits = (): number[] => bench.vm.vcpus.map(({ block }) => block.get('ecb3'));
    expect(bits()).toEqual([ecb3.aes | ecb3.dea, ecb3.aes | ecb3.dea]);
    set('crypto', 2);
    expect(bits()).toEqual([ecb3.dea, ecb3.dea]);
    set('crypto', 3);
    expect(bits()).toEqual([0, 0]);
  });
  test('need their facility, which has does not look at', () => {
    expect([0, 1, 2, 3].map((n) => [has('crypto', n, without), set('crypto', n, undefined, 0, without)])).toEqual(
      [0, 1, 2, 3].map(() => [undefined, 'EINVAL']),
    );
  });
  test('there are no adjunct processors', () => {
    expect([4, 5].map((n) => [has('crypto', n), set('crypto', n)])).toEqual([
      ['ENXIO', 'EOPNOTSUPP'],
      ['ENXIO', 'EOPNOTSUPP'],
    ]);
  });
});

describe('the CPU model', () => {
  const bytesOf = (n: number): Uint8Array => {
    const found = get('cpu-model', n);
    if (typeof found === 'string') throw new Error(found);
    return found;
  };
  test('processor and machine: identification, facilities', () => {
    const [processor, machine] = [bytesOf(0), bytesOf(1)];
    expect([processor.length, machine.length]).toEqual([2064, 4112]);
    expect(machine.subarray(0, 8)).toEqual(processor.subarray(0, 8));
    expect(processor[0]).toBe(0xff);
    expect(machine.subarray(16, 2064)).toEqual(processor.subarray(16));
    expect(machine.subarray(2064)).toEqual(processor.subarray(16));
    // Facilities 0 to 7: z/Architecture among them.
    expect((processor[16] ?? 0) & 0x40).toBe(0x40);
  });
  test('what is set is what the guest sees; what the machine has not it does not get', () => {
    const wanted = bytesOf(0).slice();
    wanted.set(toBigEndian(0xff12_3456_2964_8000n, 8));
    wanted[16] = 0xff;
    const edat = 16 + 1;
    wanted[edat] = (wanted[edat] ?? 0) & 0x7f;
    expect(set('cpu-model', 0, wanted)).toBeUndefined();
    expect([bench.core.has('edat-1'), bench.core.facilities.has(78), bench.core.machine.type]).toEqual([
      false,
      false,
      '2964',
    ]);
    expect((bytesOf(0)[16] ?? 0) & (bytesOf(1)[16] ?? 0)).toBe(bytesOf(0)[16]);
    bench.createVcpus();
    bench.one([withBase('STIDP', 3), withBase('STFL', 0)], { 3: 0x3_0000n });
    expect([bench.hex(0x3_0000, 8), bench.low('facilityList') & 0x0080_0000n]).toEqual(['ff12345629648000', 0n]);
    bench.core.useModel({ machine: bench.core.machine, facilities: bench.vm.model.machine.facilities });
  });
  test('too late with vCPUs, before what is read', () => {
    bench.createVcpus();
    expect([set('cpu-model', 0), set('cpu-model', 0, bytesOf(0))]).toEqual(['EBUSY', 'EBUSY']);
  });
  test('too few bytes', () => {
    expect([set('cpu-model', 0, bytesOf(0).subarray(1)), set('cpu-model', 2, new Uint8Array(127))]).toEqual([
      'EFAULT',
      'EFAULT',
    ]);
  });
  test('subfunctions are what the queries of the instructions store', () => {
    const all = bytesOf(5);
    expect([all.length, bytesOf(4)]).toEqual([2048, all]);
    // PERFORM LOCKED OPERATION has functions 0 to 23.
    expect([...all.subarray(0, 4)]).toEqual([0xff, 0xff, 0xff, 0]);
    bench.createVcpus();
    const queries = [
      ['PTFF', encode('PTFF', {}), 32],
      ['KMAC', encode('KMAC', { r1: 0, r2: 4 }), 48],
      ['KMC', encode('KMC', { r1: 2, r2: 4 }), 64],
      ['KM', encode('KM', { r1: 2, r2: 4 }), 80],
      ['KIMD', encode('KIMD', { r1: 0, r2: 4 }), 96],
      ['KLMD', encode('KLMD', { r1: 0, r2: 4 }), 112],
      ['PCKMO', encode('PCKMO', {}), 128],
      ['KMCTR', encode('KMCTR', { r1: 2, r2: 4, r3: 6 }), 144],
      ['KMF', encode('KMF', { r1: 2, r2: 4 }), 160],
      ['KMO', encode('KMO', { r1: 2, r2: 4 }), 176],
      ['PCC', encode('PCC', {}), 192],
      ['PRNO', encode('PRNO', { r1: 2, r2: 4 }), 208],
      ['KMA', encode('KMA', { r1: 2, r2: 4, r3: 6 }), 224],
      ['KDSA', encode('KDSA', { r1: 0, r2: 4 }), 240],
    ] as const;
    for (const [name, text, at] of queries) {
      bench.put(0x3_0000, new Uint8Array(16));
      bench.one([text], { 0: 0n, 1: 0x3_0000n });
      expect([name, Buffer.from(all.subarray(at, at + 16)).toString('hex')]).toEqual([name, bench.hex(0x3_0000, 16)]);
    }
  });
  test('subfunctions are kept as they were set, until there are vCPUs', () => {
    const some = new Uint8Array(2048).fill(0x11);
    expect([set('cpu-model', 4, some.subarray(1)), set('cpu-model', 4, some), bytesOf(4)]).toEqual([
      'EFAULT',
      undefined,
      some,
    ]);
    bench.createVcpus();
    expect(set('cpu-model', 4)).toBe('EBUSY');
  });
  test('a guest without interpretive execution has no START INTERPRETIVE EXECUTION, and is not told of any', () => {
    const some = bytesOf(3).slice();
    // Feature 1.
    some[0] = (some[0] ?? 0) & ~0x40;
    expect(set('cpu-model', 2, some)).toBeUndefined();
    bench.createVcpus();
    bench.one([withBase('SIE', 3)], { 3: 0x3_0000n });
    expect([bench.low('programCode'), bench.low('programIlc')]).toEqual([1n, 4n]);
    bench.fresh();
    bench.one([withBase('SIE', 3)], { 3: 0x3_0000n });
    expect(bench.low('programCode')).toBe(0n);
  });
  test('features: what the machine has and no more; vCPUs are looked at last', () => {
    const all = bytesOf(3);
    expect(bytesOf(2)).toEqual(all);
    const more = all.slice();
    more[127] = 1;
    const none = new Uint8Array(128);
    expect([set('cpu-model', 2, more), set('cpu-model', 2, none), bytesOf(2)]).toEqual(['EINVAL', undefined, none]);
    bench.createVcpus();
    expect([set('cpu-model', 2, more), set('cpu-model', 2, all)]).toEqual(['EINVAL', 'EBUSY']);
  });
});

describe('migration mode', () => {
  test('without collaborative memory management it is a mode and no more', () => {
    bench.createVcpus();
    expect([0, 1, 2].map((n) => has('migration', n))).toEqual([undefined, undefined, undefined]);
    expect([get('migration', 2), set('migration', 1), get('migration', 2)]).toEqual([word(0n), undefined, word(1n)]);
    expect([set('migration', 1), set('migration', 0), get('migration', 2), set('migration', 0)]).toEqual([
      undefined,
      undefined,
      word(0n),
      undefined,
    ]);
  });
  test('not without storage', () => {
    bench.vm.removeSlot(0);
    expect(set('migration', 1)).toBe('EINVAL');
  });
});

describe('the topology', () => {
  test('its change report is the number of the attribute', () => {
    expect([has('cpu-topology', 0), set('cpu-topology', 1), get('cpu-topology', 0)]).toEqual([
      undefined,
      undefined,
      Uint8Array.of(1),
    ]);
    set('cpu-topology', 0);
    expect(get('cpu-topology', 0)).toEqual(Uint8Array.of(0));
  });
  test('is told to the guest that asks, once', () => {
    bench.createVcpus();
    set('cpu-topology', 1);
    const asks = (): number => bench.one([encode('PTF', { r1: 2, r2: 0 })], { 2: 2n }).vcpu.cc;
    expect([asks(), get('cpu-topology', 0), asks()]).toEqual([1, Uint8Array.of(0), 0]);
  });
  test('comes of a change of polarization by the guest; what there is already is refused', () => {
    bench.createVcpus();
    const ptf = (code: bigint): readonly [number, bigint] => {
      const { vcpu } = bench.one([encode('PTF', { r1: 2, r2: 0 })], { 2: code });
      return [vcpu.cc, vcpu.gr(2)];
    };
    expect([ptf(0n), ptf(2n)]).toEqual([
      [2, 0x100n],
      [0, 2n],
    ]);
    expect([ptf(1n), ptf(2n), ptf(2n), ptf(1n)]).toEqual([
      [0, 1n],
      [1, 2n],
      [0, 2n],
      [2, 0x101n],
    ]);
    expect([ptf(0n), ptf(2n)]).toEqual([
      [0, 0n],
      [1, 2n],
    ]);
    ptf(1n);
    resetSubsystem(bench.vm);
    expect([ptf(2n), ptf(0n)]).toEqual([
      [0, 2n],
      [2, 0x100n],
    ]);
  });
  test.each([3n, 0xffn, 0x100n, 1n << 63n])('%i is no function', (code) => {
    bench.createVcpus();
    const v = bench.one([encode('PTF', { r1: 2, r2: 0 })], { 2: code });
    expect([bench.taken(v), bench.low('programCode')]).toEqual(['program', 6n]);
  });
  test('is not there without its facility', () => {
    expect([
      has('cpu-topology', 0, without),
      set('cpu-topology', 1, undefined, 0, without),
      get('cpu-topology', 0, {}, without),
    ]).toEqual(['ENXIO', 'ENXIO', 'ENXIO']);
  });
});

describe('the log of a slot', () => {
  test('needs its slot, and to be on', () => {
    const { logs } = bench.vm;
    expect([logs.get(1), logs.set(1, true), logs.get(0)]).toEqual([
      { ok: false, error: 'EINVAL' },
      'EINVAL',
      { ok: false, error: 'ENOENT' },
    ]);
  });
  test('tells of pages, once each; other readers do not notice', () => {
    const { logs, dirtyLog } = bench.vm;
    logs.set(0, true);
    const other = dirtyLog.open('other');
    bench.put(0x9000, Uint8Array.of(1));
    bench.put(0x9800, Uint8Array.of(1));
    const found = logs.get(0);
    expect(found.ok && [found.value.length, found.value[1], found.value.filter((b) => b !== 0).length]).toEqual([
      128, 2, 1,
    ]);
    const again = logs.get(0);
    expect(again.ok && again.value.every((b) => b === 0)).toBe(true);
    expect(other.count()).toBe(1);
    logs.set(0, false);
    expect([logs.get(0), dirtyLog.reader('slots')]).toEqual([{ ok: false, error: 'ENOENT' }, undefined]);
  });
  test('goes with its slot', () => {
    bench.vm.logs.set(0, true);
    bench.vm.removeSlot(0);
    expect([bench.vm.logs.isOn(0), bench.vm.dirtyLog.reader('slots')]).toEqual([false, undefined]);
  });
});
