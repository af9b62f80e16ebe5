import { bigEndian } from '../../../bits/hex.ts';
import type { KernelStorage } from './kernel-storage.ts';

/**
 * What a module shows in /sys/module/NAME/sections, `struct module_sect_attrs`: a group of attributes, of which the first thing
 * is the name, the number of sections, and an attribute for each.
 */
const GROUP = { name: 'sections', count: 40n, first: 48n } as const;
/** Bytes of `struct module` in which the pointer to that is. */
const MODULE_BYTES = 1600;
/** An attribute begins with its name, and ends with the section's address; how long it is depends on the kernel. */
const ATTRIBUTE = { least: 24, most: 160, unit: 8 } as const;
const MOST_SECTIONS = 256;
const MOST_NAME = 64;

/** Where the sections of a module lie, of a kernel of which there are no types; undefined when that is not found. */
export function ownSections(storage: KernelStorage, module: bigint): ReadonlyMap<string, bigint> | undefined {
  const bytes = storage.read(module, MODULE_BYTES);
  if (bytes === undefined) return undefined;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const group = bigEndian(bytes.subarray(at, at + 8));
    if (group === 0n || group % 8n !== 0n) continue;
    const name = storage.doubleword(group);
    if (name === 0n || storage.text(name, GROUP.name.length + 1) !== GROUP.name) continue;
    const found = sectionsIn(storage, group);
    if (found !== undefined) return found;
  }
  return undefined;
}

function sectionsIn(storage: KernelStorage, group: bigint): ReadonlyMap<string, bigint> | undefined {
  const count = storage.word(group + GROUP.count);
  if (count < 2 || count > MOST_SECTIONS) return undefined;
  for (let bytes = ATTRIBUTE.least; bytes <= ATTRIBUTE.most; bytes += ATTRIBUTE.unit) {
    const sections = new Map<string, bigint>();
    for (let i = 0; i < count; i++) {
      const at = group + GROUP.first + BigInt(i * bytes);
      const name = storage.text(storage.doubleword(at), MOST_NAME);
      const address = storage.doubleword(at + BigInt(bytes - 8));
      if (!/^[._][!-~]+$/.test(name) || address === 0n) break;
      sections.set(name, address);
    }
    if (sections.size === count) return sections;
  }
  return undefined;
}
