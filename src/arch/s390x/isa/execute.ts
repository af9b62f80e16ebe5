import { helper } from './helper.ts';

/** Decodes the target of EXECUTE (PoP, "EXECUTE") and gives its decode-cache entry. */
export const executeTarget = helper(
  'executeTarget',
  { params: ['i64', 'i32'], result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, address, modifier) => vcpu.core.loose.target(vcpu, address, modifier),
);
