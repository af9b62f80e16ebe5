import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { KvmVm } from '../kvm/vm.ts';

/** Storage key of the frame that holds a host address: access-control bits, F, R, C and a zero. */
export function keyAt(vm: KvmVm, host: number): number {
  return vm.complex.keys[Math.floor(host / PAGE_BYTES)] ?? 0;
}

/** A storage key in words. */
export function describeKey(key: number): string {
  const flags = [
    (key & 8) !== 0 ? 'fetch-protected' : '',
    (key & 4) !== 0 ? 'referenced' : '',
    (key & 2) !== 0 ? 'changed' : '',
  ];
  const named = flags.filter((flag) => flag !== '').join(', ');
  return `0x${key.toString(16).padStart(2, '0')} (access key ${key >>> 4}${named === '' ? '' : `, ${named}`})`;
}
