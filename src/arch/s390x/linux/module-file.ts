import { readSections, SECTION_ADDRESS_AT, SHF_ALLOC } from './elf-file.ts';

/**
 * A module's file with its sections at the addresses that the kernel gave them: a debugger that reads it needs to be told
 * no more. Sections that the kernel did not keep stay at 0.
 */
export function placeModule(file: Uint8Array, sections: ReadonlyMap<string, bigint>): Uint8Array {
  const placed = Uint8Array.from(file);
  const view = new DataView(placed.buffer);
  for (const { name, header, flags } of readSections(file)) {
    const address = sections.get(name);
    if (address !== undefined && (flags & SHF_ALLOC) !== 0n) view.setBigUint64(header + SECTION_ADDRESS_AT, address);
  }
  return placed;
}
