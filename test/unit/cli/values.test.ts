import { describe, expect, test } from 'vitest';
import {
  attachTarget,
  gdbAddress,
  guestDate,
  guestName,
  guestUuid,
  isLoopback,
  memorySize,
  shellWord,
  vcpuCount,
} from '../../../src/cli/values.ts';

const MIB = 1 << 20;

test('--name: up to 255 bytes of UTF-8', () => {
  for (const name of ['kvm-unit-test', 'é', 'x'.repeat(255)]) expect(guestName(name)).toBe(name);
  for (const name of ['', 'x'.repeat(256), 'é'.repeat(128)]) expect(() => guestName(name)).toThrow('--name');
});

test('--uuid: 16 bytes in hex, with hyphens', () => {
  const bytes = Uint8Array.of(0x0f, 0xb8, 0x4a, 0x86, 0x72, 0x7c, 0x11, 0xea, 0xbc, 0x55, 2, 0x42, 0xac, 0x13, 0, 3);
  expect(guestUuid('0fb84a86-727c-11EA-bc55-0242ac130003')).toEqual(bytes);
  for (const text of ['', '0fb84a86727c11eabc550242ac130003', '0fb84a86-727c-11ea-bc55-0242ac13000g'])
    expect(() => guestUuid(text)).toThrow('--uuid');
});

describe('--memory', () => {
  test.each([
    ['512M', 512 * MIB],
    ['2G', 2048 * MIB],
    ['65536K', 64 * MIB],
    ['64', 64 * MIB],
    ['64MiB', 64 * MIB],
    ['1m', MIB],
    ['3840M', 3840 * MIB],
  ])('%s', (text, bytes) => {
    expect(memorySize(text)).toBe(bytes);
  });
  test.each([
    '',
    '0',
    '1.5G',
    '-1M',
    '512X',
    '1500K',
    '3841M',
    '4G',
    '99999999999999999999G',
    'G',
    '0x100M',
  ])('refuses %j', (text) => {
    expect(() => memorySize(text)).toThrow(expect.objectContaining({ code: 'memory-size' }));
  });
});

describe('--smp', () => {
  test('takes 1 to what the architecture takes', () => {
    expect([vcpuCount('1', 248), vcpuCount('248', 248)]).toEqual([1, 248]);
  });
  test.each(['0', '249', '', '1.5', 'two', '-1'])('refuses %j', (text) => {
    expect(() => vcpuCount(text, 248)).toThrow(expect.objectContaining({ code: 'smp-count' }));
  });
});

describe('--date', () => {
  const host = { date: () => 1234 };
  test('takes now, days, and times, which are of Greenwich where they do not say', () => {
    const at = (text: string): number | undefined => guestDate(text, host).date;
    expect(guestDate(undefined, host)).toEqual({});
    expect(at('now')).toBe(1234);
    expect(at('2026-01-31')).toBe(Date.UTC(2026, 0, 31));
    expect(at('2026-01-31T12:34')).toBe(Date.UTC(2026, 0, 31, 12, 34));
    expect(at('2026-01-31T12:34:56.5Z')).toBe(Date.UTC(2026, 0, 31, 12, 34, 56, 500));
    expect(at('2026-01-31T12:00+02:00')).toBe(Date.UTC(2026, 0, 31, 10));
  });
  test.each([
    '',
    'today',
    '2026',
    '2026-13-01',
    '2026-02-31T25:00',
    '1969-12-31',
    '2043-01-01',
    '2026-01-31 12:00',
  ])('refuses %j', (text) => {
    expect(() => guestDate(text, host)).toThrow(expect.objectContaining({ code: 'guest-date' }));
  });
});

describe('--gdb', () => {
  test.each([
    ['1234', { host: '127.0.0.1', port: 1234 }],
    [':1234', { host: '127.0.0.1', port: 1234 }],
    ['0', { host: '127.0.0.1', port: 0 }],
    ['0.0.0.0:9000', { host: '0.0.0.0', port: 9000 }],
    ['example.org:65535', { host: 'example.org', port: 65535 }],
    ['[::1]:1', { host: '::1', port: 1 }],
    ['none', undefined],
  ])('%s', (text, wanted) => {
    expect(gdbAddress(text)).toEqual(wanted);
  });
  test.each(['', 'localhost', '65536', '::1:1234', '1234:', 'a:b', '-1', 'tcp::1234'])('refuses %j', (text) => {
    expect(() => gdbAddress(text)).toThrow(expect.objectContaining({ code: 'gdb-address' }));
  });
});

test('what gdb is told to attach to', () => {
  expect(attachTarget({ host: '127.0.0.1', port: 1234 })).toBe(':1234');
  expect(attachTarget({ host: '0.0.0.0', port: 1 })).toBe(':1');
  expect(attachTarget({ host: '192.0.2.1', port: 2 })).toBe('192.0.2.1:2');
  expect(attachTarget({ host: '::1', port: 3 })).toBe('[::1]:3');
});

test.each([
  ['guests/demo/demo.elf', 'guests/demo/demo.elf'],
  ['my kernel', "'my kernel'"],
  ["it's", "'it'\\''s'"],
  ['$HOME', "'$HOME'"],
  ['', "''"],
])('%j as a word for a shell', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('only loopback addresses go without a warning', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
  expect(['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.example.org'].map(isLoopback)).toEqual([false, false, false, false]);
});
