import { helper } from './helper.ts';

/** Decodes the target of EXECUTE (PoP, "EXECUTE"), at an address by words, and gives its decode-cache entry. */
export const executeTarget = helper(
  'executeTarget',
  { params: ['i32', 'i32', 'i32'], result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, high, low, modifier) => vcpu.core.loose.target(vcpu, high >>> 0, low >>> 0, modifier),
);
