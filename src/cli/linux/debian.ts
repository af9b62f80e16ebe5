import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DebianPort } from '../../wing/wing.ts';
import { UserError } from '../user-error.ts';
import { instead, PrivateApt, type Teller } from './private-apt.ts';

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
  readonly port: DebianPort;
  readonly teller: Teller;
}

/** Kernel and busybox, in the cache. */
const TREE = 'tree';
/** Debug information, in the cache. */
const DEBUG = 'debug';
/** Where a fetch is under way, in the cache; one that was interrupted stays. */
const UNDER_WAY = 'fetch-';
/** A fetch that began so long ago has been given up. */
const GIVEN_UP_MS = 6 * 3600 * 1000;

/**
 * Finds Debian's kernel and busybox in the cache, or fetches them by apt with settings of its own: the system's
 * packages and their lists stay as they are, and no right but to the cache is needed. What is in the cache is whole: it
 * is put there by one rename, so a fetch may be interrupted, and several may be under way.
 */
export async function debianKernel({ cache, debuginfo, port, teller }: FetchOptions): Promise<DebianKernel> {
  const home = resolve(cache);
  const known = findKernel(home, port);
  if (known !== undefined && (!debuginfo || known.vmlinux !== undefined)) return known;
  const work = openCache(home, cache);
  try {
    teller.say(`fetching Debian's kernel for ${port.architecture} into ${cache}, once`);
    const apt = new PrivateApt(join(work, 'apt'), port, teller);
    await apt.update();
    const release = known?.release ?? (await apt.kernelRelease());
    if (known === undefined) {
      for (const part of await apt.kernelParts(`linux-image-${release}`)) await apt.unpack(part, join(work, TREE));
      await apt.unpack('busybox-static', join(work, TREE));
      if (findKernel(home, port) === undefined) putInto(home, work, TREE);
    }
    if (debuginfo) {
      await apt.unpack(`linux-image-${release}-dbg`, join(work, DEBUG));
      if (findKernel(home, port)?.vmlinux === undefined) putInto(home, work, DEBUG);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const found = findKernel(home, port);
  if (found === undefined || (debuginfo && found.vmlinux === undefined)) {
    throw new UserError(
      'linux-unavailable',
      `Debian's packages do not hold what was looked for in them: ${instead(port)}`,
    );
  }
  return found;
}

/** Where modules lie in a tree. */
const moduleFolders = ['lib/modules', 'usr/lib/modules'];

function findKernel(home: string, { kernelFile }: DebianPort): DebianKernel | undefined {
  const tree = join(home, TREE);
  const busybox = ['bin/busybox', 'usr/bin/busybox'].map((p) => join(tree, p)).find((p) => existsSync(p));
  const found = kernelIn(tree, kernelFile);
  if (found === undefined || busybox === undefined) return undefined;
  const { release } = found;
  const modules = moduleFolders.map((p) => join(tree, p, release)).find((p) => existsSync(p));
  if (modules === undefined) return undefined;
  const vmlinux = vmlinuxPaths(release)
    .map((p) => join(home, DEBUG, p))
    .find((p) => existsSync(p));
  return { release, kernel: found.kernel, modules, busybox, vmlinux };
}

/** The kernel of a tree: in the folder that it boots from, or among its modules, as newer packages have it. */
function kernelIn(
  tree: string,
  file: DebianPort['kernelFile'],
): { readonly release: string; readonly kernel: string } | undefined {
  const prefix = `${file}-`;
  const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const name = names(join(tree, 'boot')).find((f) => f.startsWith(prefix));
  if (name !== undefined) return { release: name.slice(prefix.length), kernel: join(tree, 'boot', name) };
  for (const folder of moduleFolders) {
    for (const release of names(join(tree, folder))) {
      const kernel = join(tree, folder, release, file);
      if (existsSync(kernel)) return { release, kernel };
    }
  }
  return undefined;
}

/** Where a kernel with debug information may lie. */
function vmlinuxPaths(release: string): readonly string[] {
  const debug = 'usr/lib/debug';
  const [boot, top] = [`${debug}/boot/vmlinux-${release}`, `${debug}/vmlinux-${release}`];
  return [boot, ...moduleFolders.map((f) => `${debug}/${f}/${release}/vmlinux`), top];
}

/** A new directory in the cache for a fetch; what others have left of theirs goes. */
function openCache(home: string, asTyped: string): string {
  try {
    mkdirSync(home, { recursive: true });
    for (const name of readdirSync(home).filter((n) => n.startsWith(UNDER_WAY))) {
      const left = join(home, name);
      const touched = statSync(left, { throwIfNoEntry: false })?.mtimeMs;
      if (touched !== undefined && Date.now() - touched > GIVEN_UP_MS) rmSync(left, { recursive: true, force: true });
    }
    const work = mkdtempSync(join(home, UNDER_WAY));
    writeFileSync(join(work, 'README'), 'A fetch of guestscope that is under way, or was interrupted.\n');
    return work;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError('linux-unavailable', `cannot write to ${asTyped} (${why}): give another directory by --cache`);
  }
}

/** Moves what was unpacked into the cache, in place of what is there and cannot be used. */
function putInto(home: string, work: string, name: string): void {
  const old = join(home, name);
  if (existsSync(old)) renameSync(old, join(work, `old-${name}`));
  try {
    renameSync(join(work, name), old);
  } catch (error) {
    // Somebody else has just put the same there.
    if (!existsSync(old)) throw error;
  }
}
