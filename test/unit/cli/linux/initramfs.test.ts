import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildInitramfs, type InitramfsParts } from '../../../../src/cli/linux/initramfs.ts';
import { type Member, members } from './cpio-reader.ts';

const least: InitramfsParts = { busybox: Buffer.from('busybox'), modules: [] };

const unpack = (parts: InitramfsParts): Member[] => members(gunzipSync(buildInitramfs(parts)));

function text(parts: InitramfsParts, path: string): string | undefined {
  const found = unpack(parts).find((m) => m.path === path);
  return found === undefined ? undefined : Buffer.from(found.data).toString();
}

test('every directory comes before what lies in it', () => {
  const seen = new Set<string>();
  for (const { path } of unpack({ ...least, script: 'true', files: { '/opt/deep/er/x': Buffer.from('x') } })) {
    const parent = path.split('/').slice(0, -1).join('/');
    if (parent !== '') expect([...seen]).toContain(parent);
    expect([...seen]).not.toContain(path);
    seen.add(path);
  }
  expect([...seen]).toContain('opt/deep/er/x');
});

test('the kernel finds a console and an init that it may execute', () => {
  const found = unpack(least);
  expect(found.find((m) => m.path === 'dev/console')).toMatchObject({ mode: 0o020600, device: [5, 1] });
  expect(found.find((m) => m.path === 'init')?.mode).toBe(0o100755);
  expect(found.find((m) => m.path === 'bin/busybox')?.mode).toBe(0o100755);
  expect(text(least, 'init')).toMatch(/^#!\/bin\/busybox sh\n/);
});

test('init loads the modules in their order', () => {
  const module = (path: string) => ({ path, data: Buffer.from(path), depends: [] });
  const modules = [module('kernel/lib/crc16.ko'), module('kernel/net/net-failover.ko')];
  expect(text({ ...least, modules }, 'init')).toMatch(
    /insmod \/lib\/modules\/crc16\.ko\ninsmod \/lib\/modules\/net_failover\.ko\n/,
  );
  expect(text({ ...least, modules }, 'lib/modules/net_failover.ko')).toBe('kernel/net/net-failover.ko');
});

describe('after its modules, init', () => {
  test('runs the script and powers off', () => {
    const parts = { ...least, script: 'echo $HOME\n' };
    expect(text(parts, 'script')).toBe('echo $HOME\n');
    expect(text(parts, 'init')).toMatch(
      /sh \/script <\/dev\/null\necho "script ended with status \$\?"\npoweroff -f\n$/,
    );
  });

  test('starts a shell again and again', () => {
    expect(text(least, 'script')).toBeUndefined();
    expect(text(least, 'init')).toMatch(/while true; do setsid sh/);
    expect(text(least, 'init')).not.toContain('/script');
  });
});

test('the same parts give the same bytes', () => {
  expect(buildInitramfs({ ...least, script: 'x' })).toEqual(buildInitramfs({ ...least, script: 'x' }));
});
