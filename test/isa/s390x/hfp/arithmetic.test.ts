import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode, type Outcome } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const bench = new Bench();
const OPERAND = 0x2_0000;
const AFP = { 0: 0x4_0000n };
const REST = 0xdead_beefn;

type Width = 'short' | 'long' | 'extended';

/** Hex text of a number in its registers: r, and r + 2 of an extended one; the right half of a short one is something. */
function registers(width: Width, r: number, hex: string): Record<number, bigint> {
  if (width === 'short') return { [r]: (BigInt(`0x${hex}`) << 32n) | REST };
  if (width === 'long') return { [r]: BigInt(`0x${hex}`) };
  return { [r]: BigInt(`0x${hex.slice(0, 16)}`), [r + 2]: BigInt(`0x${hex.slice(16)}`) };
}
function result(width: Width, r: number, out: Outcome): string {
  const high = (out.fpr[r] ?? 0n).toString(16).padStart(16, '0');
  if (width === 'short') return high.slice(0, 8);
  return width === 'long' ? high : high + (out.fpr[r + 2] ?? 0n).toString(16).padStart(16, '0');
}

interface Shape {
  readonly from: Width;
  readonly to: Width;
}

function inRegisters(mnemonic: string, { from, to }: Shape, a: string, b: string, programMask = 0): Outcome {
  return bench.run({
    code: [encode(mnemonic, { r1: 0, r2: 4 })],
    fpr: {
      ...registers(to, 0, '0'.repeat({ short: 8, long: 16, extended: 32 }[to])),
      ...registers(from, 0, a),
      ...registers(from, 4, b),
    },
    cr: AFP,
    cc: 3,
    programMask,
  });
}
function onStorage(mnemonic: string, { from, to }: Shape, a: string, b: string, programMask = 0): Outcome {
  return bench.run({
    code: [encode(mnemonic, { r1: 0, b2: 3 })],
    gr: { 3: BigInt(OPERAND) },
    fpr: { ...registers(to, 0, '0'.repeat({ short: 8, long: 16, extended: 32 }[to])), ...registers(from, 0, a) },
    storage: { [OPERAND]: b },
    cr: AFP,
    cc: 3,
    programMask,
  });
}

const s: Shape = { from: 'short', to: 'short' };
const l: Shape = { from: 'long', to: 'long' };
const x: Shape = { from: 'extended', to: 'extended' };
const zeros = (digits: string, length: number): string => digits.padEnd(length, '0');
const long = (digits: string): string => zeros(digits, 16);
const wide = (high: string, low: string): string => long(high) + long(low);

/** Forms of an instruction, operands and result; condition code, program interruption. */
const vectors = [
  [['AER', 'AE'], s, '41100000', '41200000', '41300000', 2],
  [['AER', 'AE'], s, '41f00000', 'c1f00000', '00000000', 0],
  [['AER', 'AE'], s, '41f00000', '41200000', '42110000', 2],
  [['AER', 'AE'], s, '42100000', 'c0100000', '41ff0000', 2],
  [['AER', 'AE'], s, '41100000', 'bb100000', '40ffffff', 2],
  [['AER', 'AE'], s, '4b000000', '41100000', '00000000', 0],
  [['SER', 'SE'], s, '41100000', '41200000', 'c1100000', 1],
  [['ADR', 'AD'], l, long('411'), long('3f1'), long('41101'), 2],
  [['SDR', 'SD'], l, long('411'), '3310000000000001', '40ffffffffffffff', 2],
  [['AXR'], x, wide('411', '33'), wide('401', '32'), wide('4111', '33'), 2],
  [['SXR'], x, wide('411', '33'), wide('411', '33'), wide('0', '0'), 0],
  [['AUR', 'AU'], s, '41100000', 'c0100000', '410f0000', 2],
  [['AUR', 'AU'], s, '41000001', 'c1000001', '00000000', 0],
  [['SUR', 'SU'], s, '42000012', '42000013', 'c2000001', 1],
  [['AWR', 'AW'], l, '4e00000000000007', '4e00000000000009', '4e00000000000010', 2],
  [['SWR', 'SW'], l, '4e00000000000007', '4e00000000000009', 'ce00000000000002', 1],
  [['CER', 'CE'], s, '41100000', '42010000', '41100000', 0],
  [['CER', 'CE'], s, '00000000', '81000000', '00000000', 0],
  [['CDR', 'CD'], l, long('411'), long('c19'), long('411'), 2],
  [['CXR'], x, wide('c11', 'b3'), wide('411', '33'), wide('c11', 'b3'), 1],
  [['MEER', 'MEE'], s, '41200000', 'c1300000', 'c1600000', 3],
  [['MEER', 'MEE'], s, '40ffffff', '40ffffff', '40fffffe', 3],
  [['MDER', 'MDE'], { from: 'short', to: 'long' }, '40ffffff', '40ffffff', '40fffffe00000100', 3],
  [['MDR', 'MD'], l, long('412'), long('4008'), long('401'), 3],
  [['MDR', 'MD'], l, long('7f'), long('c1123'), long('0'), 3],
  [
    ['MXDR', 'MXD'],
    { from: 'long', to: 'extended' },
    '40ffffffffffffff',
    '40ffffffffffffff',
    '40fffffffffffffe3200000000000001',
    3,
  ],
  [['MXR'], x, wide('412', '33'), wide('c13', 'b3'), wide('c16', 'b3'), 3],
  [['DER', 'DE'], s, '41100000', '41300000', '40555555', 3],
  [['DER', 'DE'], s, '41f00000', 'c1200000', 'c1780000', 3],
  [['DDR', 'DD'], l, long('411'), long('413'), '4055555555555555', 3],
  [['DXR'], x, wide('411', '33'), wide('413', '33'), '40555555555555553255555555555555', 3],
] as const;

describe('hexadecimal arithmetic', () => {
  test.each(vectors)('%s of %o %s and %s is %s', ([register, storage], shape, a, b, expected, cc) => {
    const out = inRegisters(register, shape, a, b);
    expect([result(shape.to, 0, out), out.cc, out.pgm]).toEqual([expected, cc, undefined]);
    if (shape.to === 'short') expect((out.fpr[0] ?? 0n) & 0xffff_ffffn).toBe(REST);
    if (storage === undefined) return;
    const stored = onStorage(storage, shape, a, b);
    expect([result(shape.to, 0, stored), stored.cc, stored.pgm]).toEqual([expected, cc, undefined]);
  });

  test.each([
    ['AER', s, '7ff00000', '7f200000', 0, '00110000', PGM.hfpExponentOverflow],
    ['MDR', l, long('7f1'), long('421'), 0, long('001'), PGM.hfpExponentOverflow],
    ['SER', s, '00200000', '001fffff', 0, '00000000', undefined],
    ['SER', s, '00200000', '001fffff', 2, '7b100000', PGM.hfpExponentUnderflow],
    ['MEER', s, '01100000', '01100000', 0, '00000000', undefined],
    ['MEER', s, '01100000', '01100000', 2, '41100000', PGM.hfpExponentUnderflow],
    ['SDR', l, long('421'), long('421'), 1, long('42'), PGM.hfpSignificance],
    ['AUR', s, '41000001', 'c1000001', 1, '41000000', PGM.hfpSignificance],
    ['SXR', x, wide('421', '34'), wide('421', '34'), 1, wide('42', '34'), PGM.hfpSignificance],
    ['DER', s, '41100000', '41000000', 0, '41100000', PGM.hfpDivide],
    ['DXR', x, wide('411', '33'), wide('41', '33'), 0, wide('411', '33'), PGM.hfpDivide],
  ] as const)('%s of %o %s and %s with the program mask %i', (mnemonic, shape, a, b, mask, expected, pgm) => {
    const out = inRegisters(mnemonic, shape, a, b, mask);
    expect([result(shape.to, 0, out), out.pgm?.code]).toEqual([expected, pgm]);
  });

  test('extended operands want pairs, and high registers the AFP-register control', () => {
    for (const mnemonic of ['AXR', 'SXR', 'MXR', 'DXR', 'CXR', 'LPXR', 'SQXR', 'FIXR', 'LXDR']) {
      const out = bench.run({ code: [encode(mnemonic, { r1: 2, r2: 4 })], cr: AFP });
      expect([mnemonic, out.pgm?.code]).toEqual([mnemonic, PGM.specification]);
    }
    const refused = bench.run({ code: [encode('AER', { r1: 1, r2: 4 })], cr: { 0: 0n } });
    expect([refused.pgm?.code, refused.pgm?.dxc]).toEqual([PGM.data, 1]);
    const allowed = bench.run({ code: [encode('AER', { r1: 6, r2: 4 })], cr: { 0: 0n } });
    expect(allowed.pgm).toBeUndefined();
  });
});

// ---- one operand

const unary = [
  ['LPER', s, 'c1100000', '41100000', 2],
  ['LPDR', l, long('81'), long('01'), 0],
  ['LPXR', x, wide('c11', 'ff'), wide('411', '33'), 2],
  ['LNER', s, '41000000', 'c1000000', 0],
  ['LNDR', l, long('411'), long('c11'), 1],
  ['LNXR', x, wide('41', '33'), wide('8', '8'), 0],
  ['LTER', s, 'c1000001', 'c1000001', 1],
  ['LTDR', l, long('c1'), long('c1'), 0],
  ['LTXR', x, wide('411', '0'), wide('411', '33'), 2],
  ['LCER', s, '41100000', 'c1100000', 1],
  ['LCDR', l, long('c11'), long('411'), 2],
  ['LCXR', x, wide('c1', '33'), wide('0', '0'), 0],
  ['HER', s, '41100000', '40800000', 3],
  ['HER', s, '41000001', '3b800000', 3],
  ['HDR', l, long('c13'), long('c118'), 3],
  ['LEDR', { from: 'long', to: 'short' }, '4112345680000000', '41123457', 3],
  ['LEDR', { from: 'long', to: 'short' }, '41ffffff80000000', '42100000', 3],
  ['LDXR', { from: 'extended', to: 'long' }, '41123456789abcde3380000000000000', '41123456789abcdf', 3],
  ['LEXR', { from: 'extended', to: 'short' }, wide('4112345680000000', '33'), '41123457', 3],
  ['LXDR', { from: 'long', to: 'extended' }, long('c11'), wide('c11', 'b3'), 3],
  ['LXER', { from: 'short', to: 'extended' }, '81000000', wide('8', '8'), 3],
  ['SQER', s, '41400000', '41200000', 3],
  ['SQER', s, '41200000', '4116a09e', 3],
  ['SQDR', l, long('424'), long('418'), 3],
  ['SQDR', l, long('c1'), long('0'), 3],
  ['SQXR', x, wide('419', '33'), wide('413', '33'), 3],
  ['FIER', s, '411c0000', '41100000', 3],
  ['FIER', s, 'c0ffffff', '00000000', 3],
  ['FIDR', l, '4400123456789abc', long('4212'), 3],
  ['FIXR', x, '5cffffffffffffff4effffffffffffff', '5cffffffffffffff4effffffffffffff', 3],
] as const;

describe('one hexadecimal operand', () => {
  test.each(unary)('%s of %o %s is %s', (mnemonic, shape, a, expected, cc) => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 0, r2: 4 })],
      fpr: { 0: REST, ...registers(shape.from, 4, a) },
      cr: AFP,
      cc: 3,
    });
    expect([result(shape.to, 0, out), out.cc, out.pgm]).toEqual([expected, cc, undefined]);
  });
  test.each([
    ['LXD', 'extended', '411', wide('411', '33')],
    ['LXE', 'extended', 'c1123456', wide('c1123456', 'b3')],
    ['SQE', 'short', '41400000', '41200000'],
    ['SQD', 'long', '424', long('418')],
  ] as const)('%s of storage', (mnemonic, to, hex, expected) => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 0, b2: 3 })],
      gr: { 3: BigInt(OPERAND) },
      storage: { [OPERAND]: long(hex) },
      cr: AFP,
    });
    expect(result(to, 0, out)).toBe(expected);
  });
  test('the root of a number less than zero is an exception', () => {
    for (const mnemonic of ['SQER', 'SQDR', 'SQXR']) {
      const out = bench.run({
        code: [encode(mnemonic, { r1: 0, r2: 4 })],
        fpr: { 0: 7n, 4: 0xc110_0000n << 32n },
        cr: AFP,
      });
      expect([out.pgm?.code, out.fpr[0]]).toEqual([PGM.hfpSquareRoot, 7n]);
    }
  });
  test('rounding may overflow', () => {
    const out = bench.run({ code: [encode('LEDR', { r1: 0, r2: 4 })], fpr: { 4: 0x7fff_ffff_8000_0000n }, cr: AFP });
    expect([result('short', 0, out), out.pgm?.code]).toEqual(['00100000', PGM.hfpExponentOverflow]);
  });
});

// ---- products that are added

describe('products that are added', () => {
  interface Exact {
    readonly sixteenths: number;
    readonly value: bigint;
  }
  /** A number as an integer times a power of 16. */
  const exact = (hex: string): Exact => {
    const digits = hex.length - 2;
    const head = Number.parseInt(hex.slice(0, 2), 16);
    const magnitude = BigInt(`0x${hex.slice(2)}`);
    return { sixteenths: (head & 0x7f) - 64 - digits, value: head > 127 ? -magnitude : magnitude };
  };
  const at = (n: Exact, sixteenths: number): bigint => n.value << BigInt(4 * (n.sixteenths - sixteenths));
  /** What number a sum is, cut to so many digits. */
  const cut = (a: string, b: string, c: string, sign: bigint): string => {
    const [x, y, z] = [exact(a), exact(b), exact(c)];
    const product = { sixteenths: y.sixteenths + z.sixteenths, value: y.value * z.value };
    const least = Math.min(product.sixteenths, x.sixteenths);
    const total = at(product, least) + sign * at(x, least);
    if (total === 0n) return '0'.repeat(a.length);
    const text = (total < 0n ? -total : total).toString(16);
    const head = least + text.length + 64 + (total < 0n ? 128 : 0);
    return head.toString(16).padStart(2, '0') + text.slice(0, a.length - 2).padEnd(a.length - 2, '0');
  };
  const next = randomWords(0x4f9);
  const number = (digits: number): string => {
    const head = 0x3c + (next() % 9) + (next() % 2) * 128;
    const some = next() % (digits + 1);
    const text = Array.from({ length: digits }, (_, i) =>
      i < some ? (next() % 16).toString(16) : next() % 3 ? '0' : 'f',
    );
    return head.toString(16).padStart(2, '0') + text.join('');
  };
  test.each([
    ['MAER', 'MAE', 'short', 1n],
    ['MSER', 'MSE', 'short', -1n],
    ['MADR', 'MAD', 'long', 1n],
    ['MSDR', 'MSD', 'long', -1n],
  ] as const)('%s and %s round once', (register, storage, width, sign) => {
    for (let i = 0; i < 300; i++) {
      const [a, b, c] = Array.from({ length: 3 }, () => number(width === 'short' ? 6 : 14)) as [string, string, string];
      const fpr = { ...registers(width, 0, a), ...registers(width, 4, b), ...registers(width, 8, c) };
      const inAll = bench.run({ code: [encode(register, { r1: 0, r2: 4, r3: 8 })], fpr, cr: AFP, cc: 2 });
      const stored = bench.run({
        code: [encode(storage, { r1: 0, r3: 8, b2: 3 })],
        gr: { 3: BigInt(OPERAND) },
        storage: { [OPERAND]: b },
        fpr,
        cr: AFP,
        cc: 2,
      });
      const expected = cut(a, b, c, sign);
      expect([a, b, c, result(width, 0, inAll), result(width, 0, stored), inAll.cc]).toEqual([
        a,
        b,
        c,
        expected,
        expected,
        2,
      ]);
    }
  });
  test('their exponents may leave the range', () => {
    const run = (a: string, b: string, c: string, programMask = 0) => {
      const fpr = { ...registers('short', 0, a), ...registers('short', 4, b), ...registers('short', 8, c) };
      const out = bench.run({ code: [encode('MAER', { r1: 0, r2: 4, r3: 8 })], fpr, cr: AFP, programMask });
      return [result('short', 0, out), out.pgm?.code];
    };
    expect(run('41100000', '7f100000', '7f100000')).toEqual(['3d100000', PGM.hfpExponentOverflow]);
    expect(run('00000000', '01100000', '01100000')).toEqual(['00000000', undefined]);
    expect(run('00000000', '01100000', '01100000', 2)).toEqual(['41100000', PGM.hfpExponentUnderflow]);
  });
  // MYR MY MYHR MYH MYLR MYL MAYR MAY MAYHR MAYH MAYLR MAYL.
  test.each([
    ['MY', 0, '4e', '4e00000000000003', '4e0000000000000f', '5c000000000000004e0000000000002d'],
    ['MY', 0, '4e', 'ceffffffffffffff', '4e00000000000010', 'dc0000000000000fcefffffffffffff0'],
    ['MAY', 0, '4e00000000000005', '4e00000000000003', '4e0000000000000f', '5c000000000000004e00000000000032'],
    ['MAY', 0, 'ce000000000000ff', '4e00000000000003', '4e0000000000000f', 'dc00000000000000ce000000000000d2'],
    ['MAY', 2, '4e00000000000005', '4e00000000000003', '4e0000000000000f', '5c000000000000004e00000000000032'],
    ['MAY', 0, '5e12345678000000', '4e00000000000000', '4e0000000000000f', '5c345678000000004e00000000000000'],
  ] as const)('%s with R1 %i: %s, %s, %s', (name, r1, a, b, c, expected) => {
    const operands = { ...registers('long', r1, zeros(a, 16)), ...registers('long', 4, b), ...registers('long', 8, c) };
    const run = (mnemonic: string, storage: boolean): Outcome =>
      bench.run({
        code: [encode(mnemonic, { r1, r3: 8, ...(storage ? { b2: 3 } : { r2: 4 }) })],
        gr: { 3: BigInt(OPERAND) },
        storage: { [OPERAND]: b },
        fpr: operands,
        cr: AFP,
      });
    for (const [suffix, isStored] of [
      ['R', false],
      ['', true],
    ] as const) {
      expect(result('extended', 0, run(`${name}${suffix}`, isStored))).toBe(expected);
      expect(result('long', r1, run(`${name}H${suffix}`, isStored))).toBe(expected.slice(0, 16));
      expect(result('long', r1, run(`${name}L${suffix}`, isStored))).toBe(expected.slice(16));
    }
  });
  test('MYR and MY want a pair', () => {
    for (const mnemonic of ['MYR', 'MY']) {
      expect(bench.run({ code: [encode(mnemonic, { r1: 2 })], cr: AFP }).pgm?.code).toBe(PGM.specification);
    }
  });
});

// ---- conversions

describe('conversions', () => {
  test.each([
    ['CFER', 'short', '411c0000', 0, '1', 2],
    ['CFER', 'short', '41180000', 1, '2', 2],
    ['CFER', 'short', 'c1280000', 4, 'fffffffe', 1],
    ['CFDR', 'long', '4880000000000000', 5, '7fffffff', 3],
    ['CFDR', 'long', 'c880000000000000', 5, '80000000', 1],
    ['CFXR', 'extended', wide('4111', '33'), 6, '2', 2],
    ['CGER', 'short', 'c1180000', 7, 'fffffffffffffffe', 1],
    ['CGDR', 'long', long('60'), 0, '0', 0],
    ['CGXR', 'extended', wide('511', '43'), 0, '7fffffffffffffff', 3],
    ['CGXR', 'extended', '507fffffffffffff42ff000000000000', 0, '7fffffffffffffff', 2],
  ] as const)('%s of %s %s with %i', (mnemonic, width, a, m3, expected, cc) => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 5, r2: 4, m3 })],
      gr: { 5: mnemonic.startsWith('CF') ? 0x1111_1111_0000_0000n : 0n },
      fpr: registers(width, 4, a),
      cr: AFP,
      cc: cc ^ 1,
    });
    const hex = (out.gr[5] ?? 0n).toString(16);
    expect([mnemonic.startsWith('CF') ? hex.replace(/^11111111(0*)(?=.)/, '') : hex, out.cc]).toEqual([expected, cc]);
  });
  test.each([2, 3, 8, 15])('M3 of %i is none', (m3) => {
    for (const mnemonic of ['CFER', 'CGDR', 'CGXR', 'TBDR', 'TBEDR']) {
      expect(bench.run({ code: [encode(mnemonic, { r1: 0, r2: 4, m3 })], cr: AFP }).pgm?.code).toBe(PGM.specification);
    }
  });
  test.each([
    ['CEFR', 'short', -1n, 'c1100000'],
    ['CEFR', 'short', 0x7fff_ffffn, '487fffff'],
    ['CDFR', 'long', 0xff_8000_0000n, 'c880000000000000'],
    ['CXFR', 'extended', 0n, wide('0', '0')],
    ['CEGR', 'short', 0x1234_5678_9abc_def0n, '50123456'],
    ['CDGR', 'long', -0x1234_5678_9abc_def0n, 'd0123456789abcde'],
    ['CXGR', 'extended', 0x1234_5678_9abc_def0n, '50123456789abcde42f0000000000000'],
  ] as const)('%s to %s of %i', (mnemonic, width, value, expected) => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 0, r2: 5 })],
      gr: { 5: BigInt.asUintN(64, value) },
      cr: AFP,
    });
    expect(result(width, 0, out)).toBe(expected);
  });
  test.each([
    ['THDER', 0x3f80_0000n << 32n, long('411'), 2],
    ['THDER', 0x8000_0001n << 32n, long('9b8'), 1],
    ['THDER', 0xff80_0000n << 32n, 'ffffffffffffffff', 3],
    ['THDER', 0xffc0_0000n << 32n, '7fffffffffffffff', 3],
    ['THDER', 0x8000_0000n << 32n, long('8'), 0],
    ['THDR', 0xc008_0000_0000_0000n, long('c13'), 1],
    ['THDR', 0x7fef_ffff_ffff_ffffn, '7fffffffffffffff', 3],
    ['THDR', 0x8010_0000_0000_0000n, long('8'), 1],
  ] as const)('%s of %i', (mnemonic, value, expected, cc) => {
    const out = bench.run({ code: [encode(mnemonic, { r1: 0, r2: 4 })], fpr: { 4: value }, cr: AFP, cc: cc ^ 1 });
    expect([result('long', 0, out), out.cc]).toEqual([expected, cc]);
  });
  test.each([
    ['TBDR', '411', 0, 0x3ff0_0000_0000_0000n, 2],
    ['TBDR', 'c1', 0, 0x8000_0000_0000_0000n, 0],
    ['TBDR', '40ffffffffffffff', 0, 0x3fef_ffff_ffff_ffffn, 2],
    ['TBDR', '40ffffffffffffff', 4, 0x3ff0_0000_0000_0000n, 2],
    ['TBDR', 'c0ffffffffffffff', 7, 0xbff0_0000_0000_0000n, 1],
    ['TBEDR', '7fffffffffffffff', 0, 0x7f7f_ffff_0000_0000n, 3],
    ['TBEDR', '7fffffffffffffff', 4, 0x7f80_0000_0000_0000n, 3],
    ['TBEDR', 'ffffffffffffffff', 6, 0xff7f_ffff_0000_0000n, 3],
    ['TBEDR', '1fffffffffffffef', 0, 0x0001_ffff_0000_0000n, 2],
    ['TBEDR', '001', 6, 0x0000_0001_0000_0000n, 2],
    ['TBEDR', '001', 0, 0n, 2],
  ] as const)('%s of %s with %i', (mnemonic, a, m3, expected, cc) => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 0, r2: 4, m3 })],
      fpr: registers('long', 4, long(a)),
      cr: AFP,
      cc: cc ^ 1,
    });
    expect([out.fpr[0], out.cc]).toEqual([expected, cc]);
  });
});
