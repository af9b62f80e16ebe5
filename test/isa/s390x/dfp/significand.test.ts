import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { bits, extended, fromRegister, inRegister, long, run, text } from './vector.ts';

const formats = { D: long, X: extended } as const;

describe.each(['D', 'X'] as const)('quanta, exponents and digits, format %s', (letter) => {
  const f = formats[letter];
  const nines = '9'.repeat(f.precision);
  // The third operand, in register 8, gets the quantum of the second one, in register 4.
  const quantized = (value: string, quantum: string, m4 = 0) => {
    const fpr = { ...inRegister(f, 4, bits(f, quantum)), ...inRegister(f, 8, bits(f, value)) };
    const out = run(`QA${letter}TR`, { m4 }, { fpr });
    return [text(f, fromRegister(f, 0, out)), out.fpc >>> 16];
  };
  // QADTR, QAXTR.
  test.each([
    ['123', '1e-2', '12300e-2', 0],
    ['12345e-3', '1e-1', '123e-1', 0x08],
    ['-12350e-3', '7', '-12', 0x08],
    ['0e9', '5e-7', '0e-7', 0],
    [nines, '1e-1', 'nan', 0x80],
    ['1', '1e300', '0e300', 0x08],
    ['inf', '-inf', 'inf', 0],
    ['inf', '1', 'nan', 0x80],
    ['1', 'inf', 'nan', 0x80],
    ['1', 'nan4', 'nan4', 0],
    ['snan', 'nan4', 'nan', 0x80],
  ] as const)('QUANTIZE of %s as %s is %s', (a, b, result, flags) => {
    expect(quantized(a, b)).toEqual([result, flags]);
  });
  test('QUANTIZE rounds as M4 says', () => {
    expect([quantized('15e-1', '1', 9), quantized('15e-1', '1', 14)]).toEqual([
      ['1', 0x08],
      ['2', 0x08],
    ]);
  });
  const reround = (a: string, digits: bigint, m4 = 0) => {
    const out = run(`RR${letter}TR`, { r2: 5, m4 }, { fpr: inRegister(f, 8, bits(f, a)), gr: { 5: digits } });
    return [text(f, fromRegister(f, 0, out)), out.fpc >>> 16];
  };
  // RRDTR, RRXTR.
  test.each([
    ['12345', 3n, '123e2', 0x08],
    ['12345', 0xff43n, '123e2', 0x08],
    ['99999', 2n, '10e4', 0x08],
    ['12345', 0n, '12345', 0],
    ['12345', 5n, '12345', 0],
    ['12300', 3n, '123e2', 0],
    ['-0e5', 1n, '-0e5', 0],
    ['snan1', 3n, 'nan1', 0x80],
    ['-inf', 3n, '-inf', 0],
  ] as const)('REROUND of %s to %i digits is %s', (a, digits, result, flags) => {
    expect(reround(a, digits)).toEqual([result, flags]);
  });
  test('REROUND to a quantum that is too large is invalid', () => {
    expect(reround(`${nines}e${f.emax - f.precision + 1}`, 2n)).toEqual(['nan', 0x80]);
    expect(reround('15', 1n, 9)).toEqual(['1e1', 0x08]);
  });
  const insert = (a: string, exponent: bigint) => {
    const out = run(
      `IE${letter}TR`,
      { r2: 5 },
      { fpr: inRegister(f, 8, bits(f, a)), gr: { 5: BigInt.asUintN(64, exponent) } },
    );
    return text(f, fromRegister(f, 0, out));
  };
  const bias = BigInt(f.emax + f.precision - 2);
  // IEDTR, IEXTR.
  test('INSERT BIASED EXPONENT', () => {
    expect(insert('-12e7', bias - 3n)).toBe('-12e-3');
    expect(insert('snan12', bias)).toBe('12');
    expect(insert(`9${nines.slice(1)}`, -1n)).toBe(`inf${nines.slice(1)}`);
    expect([insert('-5', -2n), insert('5', -3n), insert('5', -4n)]).toEqual(['-nan5', 'snan5', 'nan5']);
    expect(insert('5', BigInt(3 * 2 ** (f.combination - 5)))).toBe('nan5');
    expect(insert('5', BigInt(3 * 2 ** (f.combination - 5)) - 1n)).toBe(`5e${f.emax - f.precision + 1}`);
  });
  const extract = (mnemonic: string, a: string): bigint =>
    BigInt.asIntN(64, run(mnemonic.replace('*', letter), { r1: 5 }, { fpr: inRegister(f, 4, bits(f, a)) }).gr[5] ?? 0n);
  // EEDTR, EEXTR, ESDTR, ESXTR.
  test('EXTRACT BIASED EXPONENT and EXTRACT SIGNIFICANCE', () => {
    expect(['-12e-3', '0', '-inf', 'nan', 'snan7'].map((a) => extract('EE*TR', a))).toEqual([
      bias - 3n,
      bias,
      -1n,
      -2n,
      -3n,
    ]);
    expect(['-1200e-3', '0e5', 'inf', '-nan', 'snan7'].map((a) => extract('ES*TR', a))).toEqual([
      4n,
      0n,
      -1n,
      -2n,
      -3n,
    ]);
    expect(extract('ES*TR', nines)).toBe(BigInt(f.precision));
  });
  const shift = (mnemonic: string, a: string, places: number) => {
    const out = run(mnemonic.replace('*', letter), { d2: places }, { fpr: inRegister(f, 8, bits(f, a)) });
    return text(f, fromRegister(f, 0, out));
  };
  // SLDT, SLXT, SRDT, SRXT.
  test('SHIFT SIGNIFICAND', () => {
    expect([shift('SL*T', '-12e5', 3), shift('SR*T', '-12345e5', 3)]).toEqual(['-12000e5', '-12e5']);
    expect(shift('SL*T', nines, 1)).toBe(`${nines.slice(1)}0`);
    expect([shift('SL*T', '7', 63), shift('SR*T', '7', 64 + 0)]).toEqual(['0', '7']);
    expect([shift('SL*T', 'snan12', 1), shift('SR*T', 'inf12', 1)]).toEqual(['snan120', 'inf1']);
    expect(shift('SL*T', `nan${nines.slice(1)}`, 1)).toBe(`nan${nines.slice(2)}0`);
  });
});

describe('packed numbers in general registers', () => {
  const registers = { 6: 0x1234_5678_9012_3456n, 7: 0x9876_5432_1098_765dn } as const;
  // CDUTR, CDSTR, CXUTR, CXSTR.
  test('CONVERT FROM PACKED', () => {
    const from = (mnemonic: string, r2: number): readonly unknown[] => {
      const f = mnemonic.startsWith('CX') ? extended : long;
      const out = run(mnemonic, { r2 }, { gr: registers, fpr: { 0: 9n } });
      return [out.pgm === undefined ? text(f, fromRegister(f, 0, out)) : out.fpr[0], out.pgm?.code, out.pgm?.dxc];
    };
    expect(from('CDUTR', 6)).toEqual(['1234567890123456', undefined, undefined]);
    expect(from('CDSTR', 7)).toEqual(['-987654321098765', undefined, undefined]);
    expect(from('CXSTR', 6)).toEqual(['-1234567890123456987654321098765', undefined, undefined]);
    expect(from('CXUTR', 6)).toEqual([9n, PGM.data, 0]);
    expect(from('CDUTR', 7)).toEqual([9n, PGM.data, 0]);
    expect(from('CDSTR', 6)).toEqual([9n, PGM.data, 0]);
    for (const name of ['CXUTR', 'CXSTR']) expect(from(name, 7)[1]).toBe(PGM.specification);
    const digits = run('CXUTR', { r2: 6 }, { gr: { 6: 0x12n, 7: 0x34n } });
    expect(text(extended, fromRegister(extended, 0, digits))).toBe('120000000000000034');
  });
  // CUDTR, CSDTR, CUXTR, CSXTR.
  test('CONVERT TO PACKED keeps the rightmost digits, whatever the exponent', () => {
    const to = (mnemonic: string, a: string, m4 = 0): string => {
      const f = /X/.test(mnemonic) ? extended : long;
      const fields = /^CS/.test(mnemonic) ? { m4 } : {};
      const out = run(mnemonic, { r1: 6, ...fields }, { fpr: inRegister(f, 4, bits(f, a)) });
      const hex = (v: bigint | undefined): string => (v ?? 0n).toString(16).padStart(16, '0');
      return f === long ? hex(out.gr[6]) : `${hex(out.gr[6])}${hex(out.gr[7])}`;
    };
    expect(to('CUDTR', '-1234567890123456e9')).toBe('1234567890123456');
    expect(to('CSDTR', '-1234567890123456')).toBe('234567890123456d');
    expect([to('CSDTR', '12'), to('CSDTR', '12', 1)]).toEqual(['000000000000012c', '000000000000012f']);
    expect(to('CUXTR', '9912345678901234567890123456789012')).toBe('12345678901234567890123456789012');
    expect(to('CSXTR', '-inf77')).toBe(`${'0'.repeat(29)}77d`);
    for (const name of ['CUXTR', 'CSXTR']) expect(run(name, { r1: 7 }).pgm?.code).toBe(PGM.specification);
  });
});
