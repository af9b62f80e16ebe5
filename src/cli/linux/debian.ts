import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../user-error.ts';

const run = promisify(execFile);

/** Where a Debian kernel and its user space lie after unpacking. */
export interface DebianKernel {
  readonly release: string;
  readonly kernel: string;
  /** Directory of the kernel's modules. */
  readonly modules: string;
  readonly busybox: string;
  /** The kernel with symbols and debug information, when it was asked for. */
  readonly vmlinux: string | undefined;
}

/** What is to be had, and where to keep it. */
export interface FetchOptions {
  /** Directory outside the project. */
  readonly cache: string;
  readonly debuginfo: boolean;
  readonly say: (line: string) => void;
}

const instead = 'take any s390x kernel instead: guestscope run vmlinuz --initrd initrd.img --append "console=ttyS1"';

/**
 * Finds Debian's s390x kernel and busybox in the cache, or fetches them by apt with settings of its own: the system's
 * packages and their lists stay as they are, and no right but to the cache is needed.
 */
export async function debianKernel(options: FetchOptions): Promise<DebianKernel> {
  const tree = join(options.cache, 'tree');
  const known = findKernel(tree);
  if (known !== undefined && (!options.debuginfo || known.vmlinux !== undefined)) return known;
  const apt = await prepareApt(options);
  const release = known?.release ?? (await newestRelease(apt));
  const packages = known === undefined ? [`linux-image-${release}`, 'busybox-static'] : [];
  if (options.debuginfo) packages.push(`linux-image-${release}-dbg`);
  for (const name of packages) await fetchPackage(apt, name, tree, options);
  const found = findKernel(tree);
  if (found === undefined) throw new UserError('linux-unavailable', `the packages hold no kernel: ${instead}`);
  return found;
}

function findKernel(tree: string): DebianKernel | undefined {
  const boot = join(tree, 'boot');
  if (!existsSync(boot)) return undefined;
  const kernel = readdirSync(boot)
    .filter((f) => f.startsWith('vmlinuz-'))
    .sort()
    .at(-1);
  const busybox = ['bin/busybox', 'usr/bin/busybox'].map((p) => join(tree, p)).find((p) => existsSync(p));
  if (kernel === undefined || busybox === undefined) return undefined;
  const release = kernel.slice('vmlinuz-'.length);
  const modules = ['lib/modules', 'usr/lib/modules'].map((p) => join(tree, p, release)).find((p) => existsSync(p));
  if (modules === undefined) return undefined;
  const vmlinux = join(tree, 'usr/lib/debug/boot', `vmlinux-${release}`);
  return {
    release,
    kernel: join(boot, kernel),
    modules,
    busybox,
    vmlinux: existsSync(vmlinux) ? vmlinux : undefined,
  };
}

/** An apt that knows s390x packages and keeps all its state in the cache. */
interface PrivateApt {
  readonly options: readonly string[];
  readonly downloads: string;
}

async function prepareApt({ cache, say }: FetchOptions): Promise<PrivateApt> {
  const home = join(cache, 'apt');
  const downloads = join(home, 'downloads');
  for (const d of ['state/lists/partial', 'cache/archives/partial', 'downloads']) {
    mkdirSync(join(home, d), { recursive: true });
  }
  writeFileSync(join(home, 'status'), '');
  const options = [
    'APT::Architecture=s390x',
    'APT::Architectures=s390x',
    `Dir::State=${join(home, 'state')}`,
    `Dir::State::status=${join(home, 'status')}`,
    `Dir::Cache=${join(home, 'cache')}`,
    'APT::Sandbox::User=root',
  ].flatMap((o) => ['-o', o]);
  say('reading the lists of Debian packages for s390x');
  await command('apt-get', [...options, '-q', 'update'], home);
  return { options, downloads };
}

async function newestRelease(apt: PrivateApt): Promise<string> {
  const text = await command('apt-cache', [...apt.options, 'depends', 'linux-image-s390x'], apt.downloads);
  const found = /Depends: linux-image-(\S+)/.exec(text);
  if (found?.[1] === undefined) {
    throw new UserError('linux-unavailable', `apt knows no linux-image-s390x package: ${instead}`);
  }
  return found[1];
}

async function fetchPackage(apt: PrivateApt, name: string, tree: string, { say }: FetchOptions): Promise<void> {
  say(`fetching ${name}`);
  await command('apt-get', [...apt.options, '-q', 'download', name], apt.downloads);
  const deb = readdirSync(apt.downloads).find((f) => f.startsWith(`${name}_`));
  if (deb === undefined) throw new UserError('linux-unavailable', `apt fetched no package ${name}: ${instead}`);
  mkdirSync(tree, { recursive: true });
  say(`unpacking ${name}`);
  await command('dpkg-deb', ['-x', join(apt.downloads, deb), tree], apt.downloads);
  rmSync(join(apt.downloads, deb));
}

async function command(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await run(program, [...args], { cwd, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing)
      throw new UserError('linux-unavailable', `this machine has no ${program} to fetch a kernel with: ${instead}`);
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : '';
    throw new UserError('linux-unavailable', `${program} failed (${text ?? ''}): ${instead}`);
  }
}
