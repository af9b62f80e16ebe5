import { expect, test } from 'vitest';
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
