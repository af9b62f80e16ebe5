/** The forms in which attributes of debug information are written (DWARF 5, "Attribute Encodings"). */

/** A place in a file's bytes; reading moves it forward. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  at: number;
}

/** The number of a form. */
export type Form = number;

/** Forms that need a name outside this file. */
export const form = { implicitConst: 0x21 } as const;

/** An unsigned LEB128 number; bits past the 53rd are lost. */
export function uleb(cursor: Cursor): number {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = cursor.bytes[cursor.at++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
}

/** A signed LEB128 number. */
export function sleb(cursor: Cursor): number {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = cursor.bytes[cursor.at++] ?? 0;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale;
  }
}

function fixed(cursor: Cursor, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) {
    const at = cursor.at + (cursor.littleEndian ? bytes - 1 - i : i);
    value = value * 256 + (cursor.bytes[at] ?? 0);
  }
  cursor.at += bytes;
  return value;
}

function skip(cursor: Cursor, bytes: number): undefined {
  cursor.at += bytes;
}

function inlineText(cursor: Cursor): string {
  const found = cursor.bytes.indexOf(0, cursor.at);
  const end = found < 0 ? cursor.bytes.length : found;
  const text = Buffer.from(cursor.bytes.subarray(cursor.at, end)).toString('latin1');
  cursor.at = end + 1;
  return text;
}

/** Bytes of the forms that are a number of a fixed width. */
const widths: Readonly<Record<number, number>> = {
  5: 2, // data2
  6: 4, // data4
  7: 8, // data8
  11: 1, // data1
  12: 1, // flag
  16: 4, // ref_addr
  17: 1, // ref1
  18: 2, // ref2
  19: 4, // ref4
  20: 8, // ref8
  23: 4, // sec_offset
  32: 8, // ref_sig8
  37: 1, // strx1
  38: 2, // strx2
  39: 3, // strx3
  40: 4, // strx4
  41: 1, // addrx1
  42: 2, // addrx2
  43: 3, // addrx3
  44: 4, // addrx4
};

/**
 * Reads an attribute's value: a number, a text, or undefined for a block. `text` gives a text of a section of texts.
 * Throws for a form that is not known, since what follows it cannot be read.
 */
export function readForm(
  cursor: Cursor,
  kind: Form,
  addressBytes: number,
  constant: number,
  text: (section: string, offset: number) => string,
): number | string | undefined {
  const width = widths[kind];
  if (width !== undefined) return fixed(cursor, width);
  switch (kind) {
    case 0x01: // addr
      return fixed(cursor, addressBytes);
    case 0x03: // block2
      return skip(cursor, fixed(cursor, 2));
    case 0x04: // block4
      return skip(cursor, fixed(cursor, 4));
    case 0x08: // string
      return inlineText(cursor);
    case 0x09: // block
    case 0x18: // exprloc
      return skip(cursor, uleb(cursor));
    case 0x0a: // block1
      return skip(cursor, fixed(cursor, 1));
    case 0x0d: // sdata
      return sleb(cursor);
    case 0x0e: // strp
      return text('.debug_str', fixed(cursor, 4));
    case 0x1f: // line_strp
      return text('.debug_line_str', fixed(cursor, 4));
    case 0x0f: // udata
    case 0x15: // ref_udata
    case 0x1a: // strx
    case 0x1b: // addrx
    case 0x22: // loclistx
    case 0x23: // rnglistx
      return uleb(cursor);
    case 0x19: // flag_present
      return 1;
    case 0x1e: // data16
      return skip(cursor, 16);
    case form.implicitConst:
      return constant;
    case 0x16: // indirect
      return readForm(cursor, uleb(cursor), addressBytes, constant, text);
    default:
      throw new Error(`debug information has a form ${kind.toString(16)}`);
  }
}
