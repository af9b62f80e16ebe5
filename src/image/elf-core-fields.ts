import type { RecordLayout } from '../bits/record.ts';

/** Fields of an ELF-64 file header, as far as cores have them. */
export const coreHeaderFields = {
  magic: [0, 4],
  wordSize: [4, 1],
  dataOrder: [5, 1],
  type: [16, 2],
  machine: [18, 2],
  programsAt: [32, 8],
  sectionsAt: [40, 8],
  programBytes: [54, 2],
  programs: [56, 2],
} as const satisfies RecordLayout;

/** Fields of a program header. */
export const programFields = {
  type: [0, 4],
  flags: [4, 4],
  offset: [8, 8],
  virtual: [16, 8],
  physical: [24, 8],
  fileBytes: [32, 8],
  memoryBytes: [40, 8],
  align: [48, 8],
} as const satisfies RecordLayout;

/** The first section's header, when it counts program headers. */
export const countFields = { programs: [44, 4] } as const satisfies RecordLayout;

/** Fields of a note in front of its owner. */
export const noteFields = { ownerBytes: [0, 4], bytes: [4, 4], type: [8, 4] } as const satisfies RecordLayout;
