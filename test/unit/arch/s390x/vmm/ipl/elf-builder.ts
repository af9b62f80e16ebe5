/** A segment of an ELF file that a test makes. */
export interface BuiltSegment {
  readonly address: number;
  readonly data: Uint8Array;
  /** As large as `data` when not given. */
  readonly size?: number;
  readonly type?: number;
}

/** A big-endian s390 ELF file: header, program headers, the segments' bytes. */
export function buildElf(
  mode: 31 | 64,
  entry: number,
  segments: readonly BuiltSegment[],
  { machine = 22, type = 2 }: { readonly machine?: number; readonly type?: number } = {},
): Buffer {
  const wide = mode === 64;
  const [header, program] = wide ? [64, 56] : [52, 32];
  const dataAt = header + program * segments.length;
  const file = Buffer.alloc(dataAt + segments.reduce((sum, { data }) => sum + data.length, 0));
  const native = (value: number, at: number): void => {
    if (wide) file.writeBigUInt64BE(BigInt(value), at);
    else file.writeUInt32BE(value, at);
  };
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 2, 1]);
  file.writeUInt16BE(type, 16);
  file.writeUInt16BE(machine, 18);
  native(entry, 24);
  native(header, wide ? 32 : 28);
  file.writeUInt16BE(program, wide ? 54 : 42);
  file.writeUInt16BE(segments.length, wide ? 56 : 44);
  let offset = dataAt;
  for (const [i, { address, data, size = data.length, type: segmentType = 1 }] of segments.entries()) {
    const at = header + i * program;
    const [offsetAt, vaddr, paddr, filesz, memsz] = wide ? [8, 16, 24, 32, 40] : [4, 8, 12, 16, 20];
    file.writeUInt32BE(segmentType, at);
    native(offset, at + (offsetAt ?? 0));
    native(address, at + (vaddr ?? 0));
    native(address, at + (paddr ?? 0));
    native(data.length, at + (filesz ?? 0));
    native(size, at + (memsz ?? 0));
    file.set(data, offset);
    offset += data.length;
  }
  return file;
}
