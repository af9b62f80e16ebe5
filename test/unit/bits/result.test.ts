import { expect, test } from 'vitest';
import { err, ok, type Result } from '../../../src/bits/result.ts';

function half(value: number): Result<number, string> {
  return value % 2 === 0 ? ok(value / 2) : err(`${value} is odd`);
}

test('a result is told apart by its tag alone', () => {
  expect(half(4)).toEqual({ ok: true, value: 2 });
  expect(half(3)).toEqual({ ok: false, error: '3 is odd' });
});

test('falsy values and errors keep their tag', () => {
  expect(ok(undefined).ok).toBe(true);
  expect(err(0).ok).toBe(false);
});
