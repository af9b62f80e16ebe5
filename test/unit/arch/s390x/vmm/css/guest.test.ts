import { beforeEach, describe, expect, test } from 'vitest';
import { VmChannelStorage } from '../../../../../../src/arch/s390x/kvm/channel-storage.ts';
import { noUserSpace } from '../../../../../../src/arch/s390x/kvm/user-space.ts';
import { ChannelSubsystem } from '../../../../../../src/arch/s390x/vmm/css/channel-subsystem.ts';
import { executeIo } from '../../../../../../src/arch/s390x/vmm/css/instructions.ts';
import { virtioHypercall } from '../../../../../../src/arch/s390x/vmm/virtio-ccw/hypercall.ts';
import { hexToBytes } from '../../../../../../src/bits/hex.ts';
import { encode, KvmBench, MASK_64 } from '../../kvm/harness.ts';
import { schid, TestDevice } from './channel.ts';

const bench = new KvmBench({ vcpus: 1 });
const OPERAND = 0x30000n;
const PGM_PROTECTION = 4n;
const PGM_ADDRESSING = 5n;
const PGM_SPECIFICATION = 6n;
let device = new TestDevice();
let css = attach();

function attach(): ChannelSubsystem {
  const { vm } = bench;
  const made = new ChannelSubsystem({
    storage: new VmChannelStorage(vm),
    raiseIo: (io) => vm.floating.raiseIo(io),
    withdrawIo: (id, number) => vm.floating.withdrawIo(id, number),
    channelReportPending: () => vm.floating.raiseChannelReport(),
  });
  vm.userSpace = { ...noUserSpace, io: (instruction) => executeIo(made, instruction) };
  device = new TestDevice();
  made.attach(device);
  return made;
}

beforeEach(() => {
  bench.fresh();
  css = attach();
});

const s = (mnemonic: string): Uint8Array => encode(mnemonic, { b2: 5, d2: 0 });
function put(address: bigint | number, hex: string): void {
  bench.put(Number(address), hexToBytes(hex.replaceAll(' ', '')) ?? new Uint8Array(0));
}

describe('TEST PENDING INTERRUPTION', () => {
  const io = { subchannelId: 1, subchannelNumber: 7, parameter: 0x1234_5678, word: 3 << 27 };
  /** Executes it with ISC 3 waiting, CR6 as given. */
  function tpi(address: bigint, cr6 = 0x1000_0000n, key = 0n): ReturnType<KvmBench['vcpu']> {
    bench.vm.floating.raiseIo(io);
    const v = bench.program([s('TPI')], { mask: MASK_64 | (key << 52n) });
    v.vcpu.setGr(5, address);
    v.vcpu.setCr(6, cr6);
    v.vcpu.setCr(0, 0x1000_0000n);
    v.sync();
    bench.run(v);
    return v;
  }

  test('stores the code at its operand, and takes the interruption', () => {
    expect(tpi(OPERAND).vcpu.cc).toBe(1);
    expect(bench.hex(Number(OPERAND), 12)).toBe('000100071234567800000000');
    expect(bench.vm.floating.anyIo).toBe(false);
  });
  test('stores the code and the word at the assigned locations when the address is zero, protected or not', () => {
    expect(tpi(0n).vcpu.cc).toBe(1);
    expect(bench.hex(0xb8, 12)).toBe('000100071234567818000000');
  });
  test('finds nothing that CR6 does not enable', () => {
    expect(tpi(OPERAND, 0xef00_0000n).vcpu.cc).toBe(0);
    expect(bench.hex(Number(OPERAND), 8)).toBe('0000000000000000');
    expect(bench.vm.floating.anyIo).toBe(true);
  });
  test.each([
    ['off its boundary', OPERAND + 2n, PGM_SPECIFICATION],
    ['outside storage', 0x7000_0000n, PGM_ADDRESSING],
    ['at a protected place', 0x100n, PGM_PROTECTION],
  ])('an operand %s: nothing is taken', (_, address, code) => {
    const v = tpi(address);
    expect([bench.taken(v), bench.low('programCode')]).toEqual(['program', code]);
    expect(bench.vm.floating.anyIo).toBe(true);
  });
});

describe('I/O instructions of a program', () => {
  function execute(mnemonic: string, address = OPERAND): ReturnType<KvmBench['vcpu']> {
    return bench.one([s(mnemonic)], { 1: BigInt(schid(0)), 5: address });
  }
  function enable(): void {
    execute('STSCH');
    put(OPERAND + 4n, '1881');
    execute('MSCH');
  }

  test('start a channel program, whose interruption TEST SUBCHANNEL withdraws', () => {
    enable();
    put(0x31000, 'cafe0001 0080ff00 00032000');
    put(0x32000, '02 00 0010 00033000');
    expect(execute('SSCH', 0x31000n).vcpu.cc).toBe(0);
    expect(bench.hex(0x33000, 4)).toBe('a0a1a2a3');
    expect(bench.vm.floating.anyIo).toBe(true);
    expect(execute('TSCH').vcpu.cc).toBe(0);
    expect(bench.hex(Number(OPERAND), 12)).toBe('00804007000320080c000000');
    expect(bench.vm.floating.anyIo).toBe(false);
  });

  test('a store that the guest may not make: nothing else has happened', () => {
    enable();
    device.port?.alert();
    const v = bench.program([s('TSCH')]);
    v.vcpu.setCr(0, 0x1000_0000n);
    v.vcpu.setGr(1, BigInt(schid(0)));
    v.vcpu.setGr(5, 0x100n);
    v.sync();
    bench.run(v);
    expect([bench.taken(v), bench.low('programCode')]).toEqual(['program', PGM_PROTECTION]);
    expect(css.subchannels[0]?.statusPending).toBe(true);
    expect(bench.vm.floating.anyIo).toBe(true);
  });

  test('SET ADDRESS LIMIT and SET CHANNEL MONITOR leave the condition code', () => {
    for (const mnemonic of ['SAL', 'SCHM']) {
      const v = bench.program([s(mnemonic)], { mask: MASK_64 | (2n << 44n) });
      v.vcpu.setGr(1, mnemonic === 'SAL' ? 0x3_0000n : 2n);
      v.sync();
      bench.run(v);
      expect([v.vcpu.cc, v.psw.address & 0xfn]).toEqual([2, 4n]);
    }
    expect(css.addressLimit).toBe(0x3_0000);
  });

  test('CHANNEL SUBSYSTEM CALL takes its block from its first register', () => {
    put(OPERAND, '0010 000e');
    expect(bench.one([encode('CHSC', { r1: 7 })], { 7: OPERAND }).vcpu.cc).toBe(0);
    expect(bench.hex(Number(OPERAND) + 16, 8)).toBe('0008000500000000');
  });
});

describe('DIAGNOSE 500', () => {
  const call = (...gr: bigint[]): bigint => {
    const { vcpu } = bench.vcpu();
    for (const [i, value] of gr.entries()) vcpu.setGr(i + 1, value);
    virtioHypercall(css, vcpu);
    return BigInt.asIntN(64, vcpu.gr(2));
  };
  test('notifies the device of a subchannel, whose number has 32 bits', () => {
    expect(call(3n, 0xdead_0000_0000_0000n | BigInt(schid(0)), 0n)).toBe(0n);
    expect(device.log).toEqual(['notify 0']);
  });
  test.each([
    ['another function', 2n, schid(0), 0n],
    ['no subchannel', 3n, 0, 0n],
    ['a subchannel without a device', 3n, schid(1), 0n],
    ['a queue that is not there', 3n, schid(0), 1n],
    ['a queue with a large number', 3n, schid(0), 1n << 40n],
  ])('%s is an error', (_, subcode, id, queue) => {
    expect(call(subcode, BigInt(id), queue)).toBe(-22n);
  });
});

describe('storage of channel programs', () => {
  const page = 0x40000;
  const frame = page / 4096;
  const key = (value: number): void => {
    bench.complex.keys[frame] = value;
  };
  test('keys protect it, and record what is done', () => {
    const storage = new VmChannelStorage(bench.vm);
    key(0x20);
    expect(storage.store(page, Uint8Array.of(1), 3)).toBe('protection');
    expect(storage.fetch(page, 1, 3)).toEqual(Uint8Array.of(0));
    expect(bench.complex.keys[frame]).toBe(0x24);
    expect(storage.store(page, Uint8Array.of(1), 2)).toBeUndefined();
    expect(bench.complex.keys[frame]).toBe(0x26);
    key(0x28);
    expect(storage.fetch(page, 1, 3)).toBe('protection');
    expect(storage.fetch(page, 1, 0)).toEqual(Uint8Array.of(1));
  });
  test('a store into two pages, one of them protected, stores nothing', () => {
    const storage = new VmChannelStorage(bench.vm);
    key(0x20);
    expect(storage.store(page - 1, Uint8Array.of(1, 1), 3)).toBe('protection');
    expect(bench.hex(page - 1, 2)).toBe('0000');
  });
  test('what is not there', () => {
    const storage = new VmChannelStorage(bench.vm);
    for (const at of [4 << 20, (4 << 20) - 1, 2 ** 44, 2 ** 62]) {
      expect(storage.fetch(at, 2, 0)).toBe('addressing');
      expect(storage.store(at, new Uint8Array(2), 0)).toBe('addressing');
    }
  });
});
