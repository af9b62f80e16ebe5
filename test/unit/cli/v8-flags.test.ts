import { expect, test } from 'vitest';
import { v8Flags } from '../../../src/cli/v8-flags.ts';

test('V8 11 is to optimize later and to know relaxed operations; from 13 on its tier in between comes later', () => {
  expect(v8Flags('11.3.244.8-node.33')).toEqual([
    '--interrupt-budget=200000',
    '--experimental-wasm-relaxed-simd',
    '--no-turbo-use-mid-tier-regalloc-for-huge-functions',
  ]);
  expect(v8Flags('12.4.254.21-node.33')).toEqual([]);
  for (const version of ['13.6.233.17-node.40', '14.6.202.9-node.20'])
    expect(v8Flags(version)).toEqual(['--invocation-count-for-maglev=2000']);
});
