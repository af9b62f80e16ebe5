/** A member of an archive in the "newc" format. */
export interface Member {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly device: readonly [number, number];
  readonly data: Uint8Array;
}

/** Reads an archive as the kernel does; throws where the kernel would give up. The trailer is left out. */
export function members(archive: Uint8Array): Member[] {
  const bytes = Buffer.from(archive);
  const found: Member[] = [];
  for (let at = 0; ; ) {
    if (bytes.toString('latin1', at, at + 6) !== '070701') throw new Error(`no header at ${at}`);
    const field = (n: number): number => Number.parseInt(bytes.toString('latin1', at + 6 + 8 * n, at + 14 + 8 * n), 16);
    const nameEnd = at + 110 + field(11);
    const path = bytes.toString('utf8', at + 110, nameEnd - 1);
    if (bytes[nameEnd - 1] !== 0) throw new Error(`the name at ${at} does not end`);
    if (path === 'TRAILER!!!') return found;
    const from = (nameEnd + 3) & ~3;
    const data = bytes.subarray(from, from + field(6));
    if (data.length !== field(6)) throw new Error(`the data of ${path} are cut off`);
    found.push({ path, inode: field(0), mode: field(1), links: field(4), device: [field(9), field(10)], data });
    at = (from + field(6) + 3) & ~3;
  }
}
