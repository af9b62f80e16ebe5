/** What `printf` of an agent expression prints (gdb doc, "Dynamic Printf"; escapes come unprocessed). */

/** Gives the text at an address up to its NUL, as far as it can be fetched. */
export type TextAt = (address: bigint) => string;

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Replaces escapes as in a string of C. */
export function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g,
    (_, octal?: string, hex?: string, one?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return escapes[one ?? ''] ?? one ?? '';
    },
  );
}

/** The text of a format with values. Conversions as gdb lets them pass: of characters, integers, strings and pointers. */
export function formatted(format: string, values: readonly bigint[], textAt: TextAt): string {
  let next = 0;
  return unescaped(format).replaceAll(
    /%(%|([-+ #0]*)(\d*)(?:\.(\d+))?(hh|h|ll|l|j|z|t)?([diuxXocsp]))/g,
    (all, kind: string, flags = '', width = '', precision: string | undefined, size = '', conversion = '') => {
      if (kind === '%') return '%';
      const value = values[next++];
      if (value === undefined) return all;
      const bits = sizes[size] ?? 64;
      const text = converted(conversion, value, { bits, flags, precision, textAt });
      const zeros =
        flags.includes('0') && !flags.includes('-') && precision === undefined && /[diuxXo]/.test(conversion);
      return padded(text, Number(width), flags.includes('-') ? 'right' : zeros ? 'zeros' : 'left');
    },
  );
}

/** Bits of an integer by what stands in front of its conversion; 64 for all others. */
const sizes: Readonly<Record<string, number>> = { hh: 8, h: 16, '': 32 };

interface Conversion {
  readonly bits: number;
  readonly flags: string;
  readonly precision: string | undefined;
  readonly textAt: TextAt;
}

function converted(conversion: string, value: bigint, { bits, flags, precision, textAt }: Conversion): string {
  const unsigned = BigInt.asUintN(bits, value);
  switch (conversion) {
    case 'c':
      return String.fromCharCode(Number(value & 0xffn));
    case 's':
      return (value === 0n ? '(null)' : textAt(BigInt.asUintN(64, value))).slice(
        0,
        precision === undefined ? undefined : Number(precision),
      );
    case 'p':
      return value === 0n ? '(nil)' : `0x${BigInt.asUintN(64, value).toString(16)}`;
    case 'd':
    case 'i':
      return signed(BigInt.asIntN(bits, value), flags, Number(precision ?? 0));
    case 'u':
      return unsigned.toString().padStart(Number(precision ?? 0), '0');
    default:
      return inBase(conversion, unsigned, flags, Number(precision ?? 0));
  }
}

function signed(value: bigint, flags: string, digits: number): string {
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + (value < 0n ? -value : value).toString().padStart(digits, '0');
}

function inBase(conversion: string, value: bigint, flags: string, digits: number): string {
  const text = value.toString(conversion === 'o' ? 8 : 16).padStart(digits, '0');
  const prefix = !flags.includes('#') || value === 0n ? '' : conversion === 'o' ? '0' : '0x';
  return conversion === 'X' ? (prefix + text).toUpperCase() : prefix + text;
}

function padded(text: string, width: number, where: 'left' | 'right' | 'zeros'): string {
  if (where === 'right') return text.padEnd(width);
  if (where === 'left') return text.padStart(width);
  const prefix = /^([-+ ]|0[xX])?/.exec(text)?.[0] ?? '';
  return prefix + text.slice(prefix.length).padStart(width - prefix.length, '0');
}
