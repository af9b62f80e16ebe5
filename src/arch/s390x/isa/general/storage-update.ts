import type { Field } from '../../../../ir/field.ts';
import type { Address, I32, I64, Node, V128 } from '../../../../ir/node.ts';
import { helper } from '../helper.ts';
import type { Sem } from '../sem.ts';

/** An operand in storage that is fetched and then stored, as a whole, by one instruction. */
export interface Updatable {
  fetch8(): I32;
  fetch32(): I32;
  fetch64(): I64;
  fetch128(): V128;
  /** Stores the low `width` bits. */
  store(width: 8 | 32 | 64 | 128, value: Node): void;
}

/** Raises what a store of the bytes (1 to 4096) would raise. */
const requireStorable = helper(
  'requireStorable',
  { params: ['i64', 'i32', 'i32'], result: undefined, effects: { faults: true } },
  (vcpu, address, bytes, ar) => {
    const first = BigInt.asUintN(64, address);
    const last = (first + BigInt(bytes - 1)) & vcpu.amask;
    for (const at of first >> 12n === last >> 12n ? [first] : [first, last]) {
      vcpu.core.access.require(vcpu, Number(at >> 32n), Number(at & 0xffff_ffffn), 'store', { space: 'current', ar });
    }
  },
);

/**
 * Records an update of `bytes` of storage at any address. Store-type exceptions come first, before `record` has done
 * anything; `record` is called twice, for storage within reach and for all other.
 */
export function updateStorage(
  $: Sem,
  address: Address & { readonly space: Field },
  bytes: 1 | 4 | 8 | 16,
  record: (operand: Updatable) => void,
): void {
  const host = $.probe('store', address, $.i32(bytes));
  $.when(
    host,
    () =>
      record({
        fetch8: () => $.hostLoadAs('i32', 8, host),
        fetch32: () => $.hostLoadAs('i32', 32, host),
        fetch64: () => $.hostLoadAs('i64', 64, host),
        fetch128: () => $.hostLoadAs('v128', 128, host),
        store: (width, value) => $.hostStore(width, host, 0, value),
      }),
    () => {
      $.callVoid(requireStorable, address.at, bytes, $.field(address.space));
      record({
        fetch8: () => $.fetch8(address),
        fetch32: () => $.fetch32(address),
        fetch64: () => $.fetch64(address),
        fetch128: () => $.fetch128(address),
        store: (width, value) => $.storeAs(width, address, value),
      });
    },
  );
}
