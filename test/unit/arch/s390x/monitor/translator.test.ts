import { expect, test } from 'vitest';
import { makeConsole } from './harness.ts';

test('translator says how much there is before there is any', () => {
  const { ask, value } = makeConsole();
  expect(value('translator', 'regions')).toEqual(['0']);
  expect(ask('translator 0x10000')[0]).toContain('no region is entered there');
});
