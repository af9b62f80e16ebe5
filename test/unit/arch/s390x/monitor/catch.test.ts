import { expect, test } from 'vitest';
import { makeConsole } from './harness.ts';

test('events are caught by kind and filter, listed and deleted', () => {
  const { ask, json } = makeConsole();
  expect(ask('catch')).toEqual(['catches = none']);
  ask('catch pgm page-translation,0x10');
  expect(ask('catch ext 0x1004-0x1005')).toEqual([
    'catches[0] = number 1: pgm page-translation,0x10',
    'catches[1] = number 2: ext 0x1004-0x1005',
  ]);
  expect(ask('catch delete 1')).toEqual(['catches[0] = number 2: ext 0x1004-0x1005']);
  expect(json('catch io').catches).toEqual([
    { number: 2, kind: 'ext', filter: '0x1004-0x1005' },
    { number: 3, kind: 'io', filter: '' },
  ]);
  expect(ask('catch delete all')).toEqual(['catches = none']);
});

test('what cannot be caught is a mistake', () => {
  const { ask } = makeConsole();
  expect(ask('catch pgm nonsense')[0]).toBe('catch: nonsense is no pgm number, name or range');
  expect(ask('catch pgm 99999')[0]).toBe('catch: 99999: no pgm number is larger than 0xffff');
  expect(ask('catch svc 0x13-0x10')[0]).toBe('catch: 0x13-0x10 ends before it begins');
  expect(ask('catch everything')[0]).toMatch(/^catch: everything is none of delete, pgm, /);
  expect(ask('catch delete')[0]).toBe('catch: which one? a number of the list, or all');
  expect(ask('catch delete 5')[0]).toBe('catch: there is no number 5');
});

test('filters take codes without the bits that come beside them, spaces by their tables, keys by their blocks', () => {
  const { ask, catches } = makeConsole();
  const counts = (line: string, number: bigint): boolean => {
    ask('catch delete all');
    ask(`catch ${line}`);
    return [...catches.all.values()].some((one) => one.counts(number));
  };
  expect(counts('pgm 0x11', 0x91n)).toBe(true);
  expect(counts('pgm page-translation', 0x211n)).toBe(true);
  expect(counts('pgm 0x11', 0x10n)).toBe(false);
  expect(counts('pgm 0x80', 0x80n)).toBe(true);
  expect(counts('space 0x7000', 0x7003n)).toBe(true);
  expect(counts('space 0x7000', 0x8003n)).toBe(false);
  expect(counts('key 0x12345', 0x12000n)).toBe(true);
  expect(counts('svc 1-3,7', 2n)).toBe(true);
  expect(counts('svc 1-3,7', 4n)).toBe(false);
});
