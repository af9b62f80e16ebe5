import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dependencies, findModules, moduleName } from '../../../../src/cli/linux/modules.ts';

/** A file with the information section of a module. */
const module = (depends: string): Buffer =>
  Buffer.from(`\x7fELF..\0license=GPL\0depends=${depends}\0name=x\0`, 'latin1');

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'guestscope-modules-'));
  const files = {
    'kernel/fs/ext4/ext4.ko': 'jbd2,mbcache,crc16',
    'kernel/fs/jbd2/jbd2.ko': '',
    'kernel/fs/mbcache.ko': '',
    'kernel/lib/crc16.ko': '',
    'kernel/drivers/virtio_net.ko': 'net_failover',
    'kernel/net/net-failover.ko': 'failover',
    'kernel/net/failover.ko': '',
    'kernel/odd/first.ko': 'second',
    'kernel/odd/second.ko': 'first',
    'kernel/odd/lost.ko': 'nowhere',
  };
  for (const [path, depends] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), module(depends));
  }
  writeFileSync(join(directory, 'modules.dep'), '');
});
afterAll(() => rmSync(directory, { recursive: true }));

const order = (...wanted: string[]): string[] => findModules(directory, wanted).map((m) => m.path);

test('what a module depends on comes before it, once', () => {
  expect(order('ext4', 'jbd2')).toEqual([
    'kernel/fs/jbd2/jbd2.ko',
    'kernel/fs/mbcache.ko',
    'kernel/lib/crc16.ko',
    'kernel/fs/ext4/ext4.ko',
  ]);
});

test('a hyphen in a file name is an underscore in the name of the module', () => {
  expect(moduleName('kernel/net/net-failover.ko')).toBe('net_failover');
  expect(order('virtio_net')).toEqual([
    'kernel/net/failover.ko',
    'kernel/net/net-failover.ko',
    'kernel/drivers/virtio_net.ko',
  ]);
});

test('an unknown module is left out, and so is one that another one needs: it may be built in', () => {
  expect(order('none')).toEqual([]);
  expect(order('lost')).toEqual(['kernel/odd/lost.ko']);
});

test('modules that need each other are not looked for without end', () => {
  expect(order('first').sort()).toEqual(['kernel/odd/first.ko', 'kernel/odd/second.ko']);
});

describe('a module that is packed', () => {
  let packed = '';
  const path = process.env.PATH ?? '';
  beforeAll(() => {
    packed = mkdtempSync(join(tmpdir(), 'guestscope-packed-'));
    mkdirSync(join(packed, 'bin'));
    // Unpacks what is packed by putting three bytes in front.
    writeFileSync(join(packed, 'bin/xz'), '#!/bin/sh\ntail -c +4 "$2"\n');
    chmodSync(join(packed, 'bin/xz'), 0o755);
    writeFileSync(join(packed, 'net-failover.ko.xz'), Buffer.concat([Buffer.from('XZ:'), module('failover')]));
    writeFileSync(join(packed, 'failover.ko'), module(''));
  });
  afterAll(() => {
    process.env.PATH = path;
    rmSync(packed, { recursive: true });
  });

  test('is unpacked by xz', () => {
    process.env.PATH = `${join(packed, 'bin')}${delimiter}${path}`;
    const found = findModules(packed, ['net_failover']);
    expect(found.map((m) => m.path)).toEqual(['failover.ko', 'net-failover.ko.xz']);
    expect(found[1]?.data).toEqual(module('failover'));
    expect(moduleName('net-failover.ko.xz')).toBe('net_failover');
  });

  test('is the mistake of a machine without xz', () => {
    process.env.PATH = packed;
    expect(() => findModules(packed, ['net_failover'])).toThrow(/xz-utils/);
  });
});

describe('dependencies are read from', () => {
  test.each([
    ['a list', module('a,b-c'), ['a', 'b_c']],
    ['an empty list', module(''), []],
    ['a file that has none', Buffer.from('\x7fELF'), []],
    ['the section alone, not from text that looks like it', Buffer.from('\0xdepends=a\0'), []],
  ])('%s', (_, file, wanted) => {
    expect(dependencies(file)).toEqual(wanted);
  });
});
