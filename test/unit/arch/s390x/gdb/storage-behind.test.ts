import { expect, test } from 'vitest';
import { PSW_HIGH } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { debugRead } from '../../../../../src/arch/s390x/gdb/memory.ts';
import { storageBehind } from '../../../../../src/arch/s390x/gdb/storage-behind.ts';
import { KvmBench, NOP, STORAGE } from '../kvm/harness.ts';

test('a huge range takes few looks, however little of it there is: a debugger waits for them at each resume', () => {
  const bench = new KvmBench();
  const vm = bench.fresh();
  // Its addresses are of 64 bits.
  bench.program([NOP]);
  const { gmap } = vm;
  const peek = gmap.peek.bind(gmap);
  let looks = 0;
  gmap.peek = (address) => {
    looks++;
    return peek(address);
  };
  expect(storageBehind(vm, bench.vcpu().vcpu, BigInt(STORAGE) * 4n, 2 ** 52).pieces).toEqual([]);
  const { pieces } = storageBehind(vm, bench.vcpu().vcpu, 0x10_0000n, 2 ** 52);
  expect(pieces).toEqual([{ address: 0x10_0000n, at: 0x10_0000, length: STORAGE - 0x10_0000 }]);
  expect(looks).toBeLessThan(5000);
});

test('a CPU that has ended, in a wait without DAT, has its home space where there is no storage at real addresses', () => {
  const bench = new KvmBench();
  const vm = bench.fresh();
  bench.program([NOP]);
  const { vcpu } = bench.vcpu();
  const [table, far, frame] = [0x4000, 0x7000_0000, 0x20_0000];
  // A segment table of 2048 entries, one of which is for 1 MiB at once.
  const { storage } = vm.complex;
  storage.fill(table, table + 0x4000, 0);
  for (let at = 0; at < 0x4000; at += 8) storage.write(table + at, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x20));
  storage.write(table + (far >> 20) * 8, Uint8Array.of(0, 0, 0, 0, 0, 0x20, 0x04, 0));
  storage.write(frame + 16, Buffer.from('far away'));
  vcpu.setCr(0, vcpu.cr(0) | (1n << 23n));
  vcpu.setCr(13, BigInt(table | 3));
  const address = BigInt(far + 16);
  const seen = (): string => Buffer.from(debugRead(vm, vcpu, address, 8)).toString();
  expect(seen()).toBe('');
  expect(storageBehind(vm, vcpu, address, 8).pieces).toEqual([]);
  vcpu.setPswHigh(PSW_HIGH.wait | PSW_HIGH.ea);
  expect(seen()).toBe('far away');
  expect(storageBehind(vm, vcpu, address, 8)).toEqual({
    pieces: [{ address, at: frame + 16, length: 8 }],
    spaces: [BigInt(table)],
  });
  // What is at real addresses is seen there first.
  storage.write(0x3000, Buffer.from('real'));
  expect(Buffer.from(debugRead(vm, vcpu, 0x3000n, 4)).toString()).toBe('real');
  vcpu.setPswHigh(PSW_HIGH.wait | PSW_HIGH.ea | PSW_HIGH.external);
  expect(seen()).toBe('');
});
