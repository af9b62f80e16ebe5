import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { s390xWing } from '../../../../src/api/s390x-wing.ts';
import { ppc64Wing } from '../../../../src/arch/ppc64/wing.ts';
import { type DebianKernel, debianKernel } from '../../../../src/cli/linux/debian.ts';
import { type FakeApt, fakeApt, release } from './fake-apt.ts';

let apt: FakeApt;
let said: (string | number)[];
beforeEach(() => {
  apt = fakeApt();
  said = [];
});
afterEach(() => apt.dispose());

const ports = { s390x: s390xWing.debian, ppc64: ppc64Wing.debian } as const;

function get({
  debuginfo = false,
  cache = apt.cache,
  arch = 's390x' as keyof typeof ports,
} = {}): Promise<DebianKernel> {
  return debianKernel({
    cache,
    debuginfo,
    port: ports[arch],
    teller: { say: (line) => said.push(line), done: (percent) => said.push(percent) },
  });
}

const inCache = (): string[] => readdirSync(apt.cache).sort();

test('a first fetch leaves a whole tree and nothing else, and says what takes its time', async () => {
  const found = await get();
  expect(found).toEqual({
    release,
    kernel: join(apt.cache, 'tree/boot', `vmlinuz-${release}`),
    modules: join(apt.cache, 'tree/lib/modules', release),
    busybox: join(apt.cache, 'tree/bin/busybox'),
    vmlinux: undefined,
  });
  expect(readFileSync(found.kernel, 'utf8')).toBe('kernel');
  expect(inCache()).toEqual(['tree']);
  expect(said).toContain(`fetching linux-image-${release} (62 MB)`);
  expect(said).toContain('unpacking busybox-static');
  // While the lists are read, while the first package is fetched.
  expect(said.slice(1, 3)).toEqual(['reading the lists of packages', 50.5]);
  expect(said[said.indexOf(`fetching linux-image-${release} (62 MB)`) + 1]).toBe(50.5);
});

test('a kernel whose package only names those that hold it and its modules', async () => {
  apt.set('split', '');
  const found = await get({ debuginfo: true });
  expect(found).toMatchObject({
    release,
    kernel: join(apt.cache, 'tree/usr/lib/modules', release, 'vmlinuz'),
    modules: join(apt.cache, 'tree/usr/lib/modules', release),
    vmlinux: join(apt.cache, 'debug/usr/lib/debug/usr/lib/modules', release, 'vmlinux'),
  });
  expect(readFileSync(join(found.modules, 'kernel/one.ko'), 'utf8')).toBe('module\n');
});

test('a port whose kernel is not packed has it under its own name', async () => {
  apt.set('unpacked', '');
  const found = await get({ arch: 'ppc64' });
  expect(found).toMatchObject({ release, kernel: join(apt.cache, 'tree/boot', `vmlinux-${release}`) });
  expect(
    apt
      .commands()
      .filter((c) => c.startsWith('apt-'))
      .join('\n'),
  ).toContain('APT::Architectures=ppc64el');
  expect(apt.commands().join('\n')).toContain('linux-image-powerpc64le');
  await expect(get()).rejects.toMatchObject({ message: expect.stringContaining('take any s390x kernel') });
});

test('what is in the cache is taken from there, without a command and without a word', async () => {
  const first = await get();
  const commands = apt.commands().length;
  said = [];
  expect(await get()).toEqual(first);
  expect({ commands: apt.commands().length, said }).toEqual({ commands, said: [] });
});

test("apt keeps its state in the cache, and nothing of the system's is asked to change", async () => {
  await get({ debuginfo: true });
  for (const command of apt.commands().filter((c) => c.startsWith('apt-'))) {
    for (const place of ['Dir::State=', 'Dir::State::status=', 'Dir::Cache=']) {
      expect(command).toContain(`${place}${apt.cache}/`);
    }
    expect(command).toContain('APT::Architectures=s390x');
    expect(command).not.toMatch(/\b(install|upgrade|remove)\b/);
  }
});

test('a cache by a relative path is the same cache', async () => {
  await get({ cache: relative(process.cwd(), apt.cache) });
  expect(inCache()).toEqual(['tree']);
  expect(apt.commands().join('\n')).toContain(`Dir::State=${apt.cache}/`);
});

describe('debug information', () => {
  const vmlinux = (): string => join(apt.cache, 'debug/usr/lib/debug/boot', `vmlinux-${release}`);

  test('is fetched when it is asked for, with a kernel or later', async () => {
    expect((await get()).vmlinux).toBeUndefined();
    const before = apt.commands().length;
    expect((await get({ debuginfo: true })).vmlinux).toBe(vmlinux());
    const later = apt.commands().slice(before).join('\n');
    expect(later).toContain(`linux-image-${release}-dbg`);
    expect(later).not.toContain('busybox');
    expect((await get()).vmlinux).toBe(vmlinux());
  });

  test('that cannot be had does not take the kernel away', async () => {
    await get();
    apt.set('fail-download', 'E: Unable to locate package\n');
    await expect(get({ debuginfo: true })).rejects.toMatchObject({ code: 'linux-unavailable' });
    expect((await get()).release).toBe(release);
  });
});

describe('a fetch begins anew after one that', () => {
  test.each(['depends', 'download', 'unpack', 'busybox'])('failed in its step %s', async (step) => {
    apt.set(`fail-${step}`, 'E: it broke\n');
    await expect(get()).rejects.toMatchObject({
      code: 'linux-unavailable',
      message: expect.stringContaining('E: it broke'),
    });
    expect(inCache()).toEqual([]);
    apt.set(`fail-${step}`, undefined);
    expect((await get()).release).toBe(release);
  });

  test('was killed: what it left is not used, and goes when nobody can be at it any more', async () => {
    for (const name of ['fetch-old', 'fetch-new']) {
      mkdirSync(join(apt.cache, name, 'tree/boot'), { recursive: true });
      writeFileSync(join(apt.cache, name, 'tree/boot/vmlinuz-half'), '');
    }
    const yesterday = Date.now() / 1000 - 86_400;
    utimesSync(join(apt.cache, 'fetch-old'), yesterday, yesterday);
    expect((await get()).release).toBe(release);
    expect(inCache()).toEqual(['fetch-new', 'tree']);
  });

  test('left a tree that lacks something', async () => {
    mkdirSync(join(apt.cache, 'tree/boot'), { recursive: true });
    writeFileSync(join(apt.cache, 'tree/boot/vmlinuz-half'), '');
    expect((await get()).release).toBe(release);
    expect(existsSync(join(apt.cache, 'tree/boot/vmlinuz-half'))).toBe(false);
    expect(inCache()).toEqual(['tree']);
  });
});

test('a source whose list cannot be read is no error where another one has what is wanted', async () => {
  apt.set('fail-update', 'E: Mirror sync in progress?\n');
  expect((await get()).release).toBe(release);
});

test('where nothing has what is wanted, the list that could not be read is said to be why', async () => {
  apt.set('fail-update', 'E: Mirror sync in progress?\n');
  apt.set('no-kernel', '');
  await expect(get()).rejects.toMatchObject({ message: expect.stringContaining('E: Mirror sync in progress?') });
});

test('two fetches at the same time do not disturb each other', async () => {
  const [one, other] = await Promise.all([get({ debuginfo: true }), get({ debuginfo: true })]);
  expect(one).toEqual(other);
  expect(inCache()).toEqual(['debug', 'tree']);
});

describe('where no kernel can be had, the message says why and what to do instead:', () => {
  const message = async (cache = apt.cache): Promise<string> => {
    const error: unknown = await get({ cache }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'UserError', code: 'linux-unavailable' });
    return error instanceof Error ? error.message : '';
  };

  test('no apt', async () => {
    process.env.PATH = apt.directory;
    expect(await message()).toMatch(/^no apt-get here.*guestscope run vmlinuz/);
  });

  test('sources without Linux for s390x', async () => {
    apt.set('no-kernel', '');
    expect(await message()).toMatch(/linux-image-s390x.*\/etc\/apt.*guestscope run/);
  });

  test('no network: apt only warns of it, and lacks the package afterwards', async () => {
    apt.set(
      'warn',
      'W: Failed to fetch http://debian/InRelease  Could not resolve debian\nW: Some index files failed\n',
    );
    apt.set('fail-depends', 'E: No packages found\n');
    expect(await message()).toContain('E: No packages found; W: Failed to fetch http://debian/InRelease');
  });

  test('a package that no source has', async () => {
    apt.set('no-uri', '');
    expect(await message()).toContain(`apt-get knows no place to fetch linux-image-${release} from`);
  });

  test('a cache that cannot be written', async () => {
    writeFileSync(join(apt.directory, 'file'), '');
    expect(await message(join(apt.directory, 'file', 'cache'))).toMatch(/^cannot write to .*--cache/);
    expect(apt.commands()).toEqual([]);
  });
});
