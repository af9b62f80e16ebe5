/** Wrapping keys of the guest's own, and adjunct processors. */

import { ecb3 } from '../../sie/state-description.ts';
import type { Errno } from '../errno.ts';
import type { KvmVm } from '../vm.ts';
import { type AttributeRow, present } from './row.ts';

type Wrapping = { readonly bit: number; readonly on: boolean };

// The wrapping keys are the machine's, always the same: a guest is let use them, or not.
function setWrapping(vm: KvmVm, { bit, on }: Wrapping): Errno | undefined {
  if (!vm.core.has('message-security-assist-3')) return 'EINVAL';
  vm.setExecutionControls3(on ? bit : 0, on ? 0 : bit);
  return undefined;
}

const wrapping = (name: string, attribute: number, title: string, what: Wrapping): AttributeRow => ({
  group: 'crypto',
  name,
  attribute,
  title,
  has: present,
  set: (vm) => setWrapping(vm, what),
});

// There are no adjunct processors.
const adjunct = (name: string, attribute: number, title: string): AttributeRow => ({
  group: 'crypto',
  name,
  attribute,
  title,
  has: () => 'ENXIO',
  set: () => 'EOPNOTSUPP',
});

/** Handlers of this file. */
export const cryptoRows: readonly AttributeRow[] = [
  wrapping('enable-aes-key-wrap', 0, 'a wrapping key for AES', { bit: ecb3.aes, on: true }),
  wrapping('enable-dea-key-wrap', 1, 'a wrapping key for DEA', { bit: ecb3.dea, on: true }),
  wrapping('disable-aes-key-wrap', 2, 'no wrapping key for AES', { bit: ecb3.aes, on: false }),
  wrapping('disable-dea-key-wrap', 3, 'no wrapping key for DEA', { bit: ecb3.dea, on: false }),
  adjunct('enable-apie', 4, 'adjunct processors interpreted'),
  adjunct('disable-apie', 5, 'adjunct processors intercepted'),
];
