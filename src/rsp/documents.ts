import type { TargetDescription } from '../machine/description.ts';
import type { Documents } from './context.ts';
import { elfHeader } from './elf-header.ts';
import { targetXml } from './target-xml.ts';

const EXEC_PATH = '/guestscope/guest.elf';

/** The documents of a target and the files that vFile serves, made once for all clients. */
export interface Library {
  readonly documents: Documents;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Makes the documents of a target. */
export function makeLibrary(description: TargetDescription): Library {
  return {
    documents: { targetXml: Buffer.from(targetXml(description)), execPath: EXEC_PATH },
    files: new Map([[EXEC_PATH, elfHeader(description.elf)]]),
  };
}
