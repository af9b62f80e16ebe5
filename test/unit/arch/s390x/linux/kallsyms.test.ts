import { describe, expect, test } from 'vitest';
import { findKallsyms } from '../../../../../src/arch/s390x/linux/kallsyms.ts';

const aligned = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]);
const words = (...values: readonly number[]): Uint8Array => {
  const out = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) out.writeUInt32BE(value, 4 * i);
  return aligned(out);
};

interface Symbol {
  readonly type: string;
  readonly name: string;
  readonly offset: number;
}

/** Symbols in the order of their addresses; one has a name that is longer than a length of one byte can say. */
const symbols: readonly Symbol[] = Array.from({ length: 1500 }, (_, i) => ({
  type: 'TtDdw'[i % 5] ?? 'T',
  name: i === 700 ? `long_${'x'.repeat(300)}` : `symbol_${i}_end`,
  offset: i * 24,
}));

/** The parts as scripts/kallsyms.c writes them; two tokens stand for several letters. */
function parts(list: readonly Symbol[]): Readonly<Record<string, Uint8Array>> {
  const tokens = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i === 0 ? 1 : i));
  tokens[0x80] = 'symbol_';
  tokens[0xff] = '_end';
  const packed = list.map(({ type, name }) =>
    Buffer.from(`${type}${name}`.replace('symbol_', '\x80').replace('_end', '\xff'), 'latin1'),
  );
  const names = packed.map((text) => {
    const { length } = text;
    return Buffer.concat([Buffer.from(length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]), text]);
  });
  const starts: number[] = [];
  let at = 0;
  for (const name of names) {
    starts.push(at);
    at += name.length;
  }
  const texts = tokens.map((token) => Buffer.from(`${token}\0`, 'latin1'));
  const index = Buffer.alloc(512);
  let offset = 0;
  for (const [i, text] of texts.entries()) {
    index.writeUInt16BE(offset, 2 * i);
    offset += text.length;
  }
  return {
    offsets: words(...list.map((s) => s.offset)),
    base: Buffer.from('0000000000100000', 'hex'),
    count: words(list.length),
    names: aligned(Buffer.concat(names)),
    markers: words(...starts.filter((_, i) => i % 256 === 0)),
    order: aligned(Buffer.alloc(3 * list.length, 7)),
    tokens: aligned(Buffer.concat(texts)),
    index,
  };
}

const layouts = {
  'up to 6.1': ['offsets', 'base', 'count', 'names', 'markers', 'tokens', 'index'],
  '6.2, and stable ones before it': ['offsets', 'base', 'count', 'names', 'markers', 'order', 'tokens', 'index'],
  'from 6.4': ['count', 'names', 'markers', 'tokens', 'index', 'offsets', 'base', 'order'],
} as const;

function image(order: readonly string[], list = symbols): Uint8Array {
  const all = parts(list);
  const noise = Buffer.alloc(4096, Buffer.from('0\x001\x002\x003\x00four', 'latin1'));
  return Buffer.concat([noise, ...order.map((name) => all[name] ?? Buffer.alloc(0)), noise]);
}

describe.each(Object.entries(layouts))("a kernel's own symbol table, %s", (_, order) => {
  test('gives every name its address, and its type', () => {
    const found = findKallsyms(image(order));
    expect(found?.symbols.map(({ type, name, offset }) => ({ type, name, offset }))).toEqual(symbols);
  });

  test('is found past tokens that lead to no table', () => {
    const decoy = Buffer.concat([parts(symbols).tokens ?? Buffer.alloc(0), parts(symbols).index ?? Buffer.alloc(0)]);
    expect(findKallsyms(Buffer.concat([decoy, image(order)]))?.symbols).toHaveLength(symbols.length);
  });

  test('is none when a part was overwritten', () => {
    const whole = image(order);
    const [names = Buffer.alloc(0), tokens = Buffer.alloc(0)] = [parts(symbols).names, parts(symbols).tokens];
    const at = Buffer.from(whole).indexOf(names);
    const tokensAt = Buffer.from(whole).indexOf(tokens);
    for (const from of [at, at + names.length + 5, tokensAt + 20]) {
      const broken = Uint8Array.from(whole);
      broken.fill(0, from, from + 3);
      expect(findKallsyms(broken)).toBeUndefined();
    }
  });

  test('is none when it ends with what can be read', () => {
    const whole = image(order);
    const end = Buffer.from(whole).indexOf(parts(symbols).tokens ?? Buffer.alloc(0)) + 300;
    expect(findKallsyms(whole.subarray(0, end))).toBeUndefined();
  });
});

test('storage without a kernel has none', () => {
  expect(findKallsyms(new Uint8Array(1 << 20))).toBeUndefined();
  expect(findKallsyms(new Uint8Array(0))).toBeUndefined();
});
