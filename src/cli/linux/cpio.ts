/** Entry of an archive. Paths are relative; parents must come before what they hold. */
export interface CpioEntry {
  readonly path: string;
  /** File type and permissions, as in `st_mode`. */
  readonly mode: number;
  /** Contents, or the target of a symbolic link. */
  readonly data?: Uint8Array;
  /** Device number of a special file. */
  readonly device?: { readonly major: number; readonly minor: number };
}

/** File types of `mode`. */
export const fileType = { directory: 0o040000, file: 0o100000, link: 0o120000, character: 0o020000 } as const;

/** An archive in the "newc" format, which Linux unpacks as its initial file system. Owner is root, times are zero. */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [i, entry] of entries.entries()) parts.push(...member(entry, i + 1));
  parts.push(...member({ path: 'TRAILER!!!', mode: 0 }, 0));
  return Buffer.concat(parts);
}

function member({ path, mode, data = new Uint8Array(0), device }: CpioEntry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = (mode & 0o170000) === fileType.directory ? 2 : 1;
  const fields = [
    inode,
    mode,
    0,
    0,
    links,
    0,
    data.length,
    0,
    0,
    device?.major ?? 0,
    device?.minor ?? 0,
    name.length,
    0,
  ];
  const header = Buffer.from(`070701${fields.map((f) => f.toString(16).padStart(8, '0')).join('')}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
