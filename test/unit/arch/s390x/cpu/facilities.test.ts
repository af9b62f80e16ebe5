import { expect, test } from 'vitest';
import { announcedOf, installed } from '../../../../../src/arch/s390x/cpu/facilities.ts';

test('a bit that says of another facility that it is there stays out of the list without it', () => {
  expect([...announcedOf([8, 14, 37, 78])]).toEqual([8, 14, 78]);
  expect([...announcedOf([37, 42, 43])]).toEqual([37, 42, 43]);
});

test('and so do those that say it of what stays out', () => {
  expect([...announcedOf([129, 148, 134, 152])]).toEqual([129, 134, 152]);
  expect([...announcedOf([78, 130])]).toEqual([]);
  expect([...announcedOf([3, 5])]).toEqual([3]);
});

test('what is installed is announced, all of it', () => {
  const told = announcedOf(installed);
  expect(installed.filter((bit) => !told.has(bit))).toEqual([]);
});

test('bits that only say how well others do are announced with them', () => {
  expect([4, 19].filter((bit) => !announcedOf(installed).has(bit))).toEqual([]);
  expect([...announcedOf([4, 19])]).toEqual([]);
});
