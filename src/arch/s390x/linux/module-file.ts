import { BigEndianRecord, type RecordLayout } from '../../../bits/record.ts';
import { readSections, SHF_ALLOC } from '../../../image/elf-file.ts';
import { elfLayouts } from '../../../image/elf-layout.ts';

const { section } = elfLayouts[64];
const fields = { flags: [section.flags, 8], address: [section.address, 8] } as const satisfies RecordLayout;

/**
 * A module's file with its sections at the addresses that the kernel gave them: a debugger that reads it needs to be told
 * no more. Sections that the kernel did not keep are marked as not being in storage, so that nothing of them is at 0.
 */
export function placeModule(file: Uint8Array, sections: ReadonlyMap<string, bigint>): Uint8Array {
  const placed = Uint8Array.from(file);
  for (const { name, header, flags } of readSections(file)) {
    if ((flags & SHF_ALLOC) === 0n) continue;
    const address = sections.get(name);
    const record = new BigEndianRecord(fields, placed.subarray(header));
    if (address === undefined) record.setBig('flags', flags & ~SHF_ALLOC);
    else record.setBig('address', address);
  }
  return placed;
}
