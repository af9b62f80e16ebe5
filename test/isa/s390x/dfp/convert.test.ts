import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { bits, extended, fromRegister, inRegister, long, run, short, text } from './vector.ts';

const formats = { D: long, X: extended } as const;

describe('between formats', () => {
  const moves = {
    LDETR: [short, long],
    LXDTR: [long, extended],
    LEDTR: [long, short],
    LDXTR: [extended, long],
  } as const;
  const move = (mnemonic: keyof typeof moves, a: string, fields: Readonly<Record<string, number>> = {}, fpc = 0) => {
    const [from, to] = moves[mnemonic];
    const out = run(mnemonic, fields, {
      fpr: { 0: 0x1111_2222_3333_4444n, ...inRegister(from, 4, bits(from, a)) },
      fpc,
    });
    return { out, result: text(to, fromRegister(to, 0, out)) };
  };
  test.each([
    ['LDETR', '-120e-3', '-120e-3', 0],
    ['LDETR', 'inf', 'inf', 0],
    ['LDETR', 'snan123456', 'nan123456', 0x80],
    ['LXDTR', '1234567890123456e-398', '1234567890123456e-398', 0],
    ['LXDTR', '-nan7', '-nan7', 0],
    ['LEDTR', '1234567e3', '1234567e3', 0],
    ['LEDTR', '12345678', '1234568e1', 0x0c],
    ['LEDTR', '-1e97', '-inf', 0x28],
    ['LEDTR', '9e90', '9e90', 0],
    ['LEDTR', '9e96', '9000000e90', 0x04],
    ['LEDTR', '1e-102', '0e-101', 0x1c],
    ['LEDTR', '100e-103', '1e-101', 0x04],
    ['LEDTR', 'nan1234567', 'nan234567', 0],
    ['LDXTR', '12345678901234565', '1234567890123456e1', 0x0c],
    ['LDXTR', '0e6000', '0e369', 0x04],
    ['LDXTR', '-snan1', '-nan1', 0x80],
  ] as const)('%s of %s is %s', (mnemonic, a, result, flags) => {
    const found = move(mnemonic, a);
    expect([found.result, found.out.fpc >>> 16, found.out.pgm]).toEqual([result, flags, undefined]);
  });
  test('a short result leaves the right half of its register', () => {
    expect((move('LEDTR', '5').out.fpr[0] ?? 0n) & 0xffff_ffffn).toBe(0x3333_4444n);
  });
  test('M4 keeps a signaling NaN, and leaves inexactness out', () => {
    expect([move('LDETR', 'snan5', { m4: 8 }).result, move('LDXTR', 'snan5', { m4: 8 }).result]).toEqual([
      'snan5',
      'snan5',
    ]);
    expect(move('LEDTR', '12345678', { m4: 4 }).out.fpc).toBe(0x04_0000);
    expect(move('LEDTR', '12345678', { m3: 9 }).result).toBe('1234567e1');
  });
  test('traps leave the number in the format it comes from, scaled', () => {
    const over = move('LEDTR', '12345678e100', {}, 0x2000_0000).out;
    expect([text(long, over.fpr[0] ?? 0n), over.pgm?.dxc]).toEqual(['1234568e-91', 0x2c]);
    const under = move('LEDTR', '1e-150', {}, 0x1000_0000).out;
    expect([text(long, under.fpr[0] ?? 0n), under.pgm?.dxc]).toEqual(['1e42', 0x10]);
    const extendedOver = move('LDXTR', '1e5000', {}, 0x2000_0000).out;
    expect([text(extended, fromRegister(extended, 0, extendedOver)), extendedOver.pgm?.dxc]).toEqual(['1e1928', 0x20]);
    expect(move('LDXTR', '1', { r1: 2 }).out.pgm?.code).toBe(PGM.specification);
    expect(move('LXDTR', '1', { r1: 2 }).out.pgm?.code).toBe(PGM.specification);
  });
});

describe.each(['D', 'X'] as const)('integers, format %s', (letter) => {
  const f = formats[letter];
  const integral = (a: string, fields: Readonly<Record<string, number>> = {}, fpc = 0) => {
    const out = run(`FI${letter}TR`, fields, { fpr: inRegister(f, 4, bits(f, a)), fpc });
    return [text(f, fromRegister(f, 0, out)), out.fpc >>> 16, out.pgm?.dxc];
  };
  // FIDTR, FIXTR.
  test('LOAD FP INTEGER', () => {
    expect(integral('15e-1')).toEqual(['2', 0x08, undefined]);
    expect(integral('-25e-1')).toEqual(['-2', 0x08, undefined]);
    expect(integral('-25e-1', { m3: 12 })).toEqual(['-3', 0x08, undefined]);
    expect(integral('-25e-1', { m3: 12, m4: 4 })).toEqual(['-3', 0, undefined]);
    expect(integral('120e-1')).toEqual(['12', 0, undefined]);
    expect(integral('7e5')).toEqual(['7e5', 0, undefined]);
    expect(integral('-1e-9', { m3: 9 })).toEqual(['-0', 0x08, undefined]);
    expect(integral('inf')).toEqual(['inf', 0, undefined]);
    expect(integral('snan')).toEqual(['nan', 0x80, undefined]);
    expect(integral('15e-1', {}, 0x0800_0000)[2]).toBe(0x0c);
  });
  const toFixed = (mnemonic: string, a: string, fields: Readonly<Record<string, number>> = {}, fpc = 0) => {
    const out = run(
      mnemonic.replace('*', letter),
      { r1: 5, ...fields },
      {
        fpr: inRegister(f, 4, bits(f, a)),
        gr: { 5: 0x1122_3344_5566_7788n },
        fpc,
        cc: 3,
      },
    );
    return [(out.gr[5] ?? 0n).toString(16), out.cc, out.fpc >>> 16, out.pgm?.dxc];
  };
  // CGDTRA CGXTRA CFDTR CFXTR CLGDTR CLGXTR CLFDTR CLFXTR.
  test.each([
    ['CG*TRA', '-25e-1', 'fffffffffffffffe', 1, 0x08],
    ['CG*TRA', '9223372036854776e3', '7fffffffffffffff', 3, 0x88],
    ['CG*TRA', '0e9', '0', 0, 0],
    ['CG*TRA', '-inf', '8000000000000000', 3, 0x88],
    ['CF*TR', '2147483647', '112233447fffffff', 2, 0],
    ['CF*TR', '2147483648', '112233447fffffff', 3, 0x88],
    ['CF*TR', 'nan', '1122334480000000', 3, 0x88],
    ['CLG*TR', '1e19', '8ac7230489e80000', 2, 0],
    ['CLG*TR', '-1', '0', 3, 0x88],
    ['CLG*TR', '-4e-1', '0', 1, 0x08],
    ['CLF*TR', '4294967295', '11223344ffffffff', 2, 0],
    ['CLF*TR', '1e500', '11223344ffffffff', 3, 0x88],
  ] as const)('%s of %s', (mnemonic, a, result, cc, flags) => {
    if (letter === 'D' && a === '1e500') return expect(toFixed(mnemonic, '1e300')[0]).toBe(result);
    expect(toFixed(mnemonic, a)).toEqual([result, cc, flags, undefined]);
  });
  test('CONVERT TO FIXED rounds by M3, and M4 leaves inexactness out', () => {
    expect(toFixed('CG*TRA', '25e-1', { m3: 10, m4: 4 })).toEqual(['3', 2, 0, undefined]);
    expect(toFixed('CF*TR', '1e30', {}, 0x8000_0000)).toEqual(['1122334455667788', 3, 0x8000, 0x80]);
  });
  const fromFixed = (mnemonic: string, value: bigint, fields: Readonly<Record<string, number>> = {}) => {
    const out = run(mnemonic.replace('*', letter), { r2: 5, ...fields }, { gr: { 5: BigInt.asUintN(64, value) } });
    return [text(f, fromRegister(f, 0, out)), out.fpc >>> 16];
  };
  // CDGTRA CXGTRA CDFTR CXFTR CDLGTR CXLGTR CDLFTR CXLFTR.
  test('CONVERT FROM FIXED and CONVERT FROM LOGICAL', () => {
    expect(fromFixed('C*GTRA', -5n)).toEqual(['-5', 0]);
    expect(fromFixed('C*FTR', 0x1234_5678_8000_0000n)).toEqual(['-2147483648', 0]);
    expect(fromFixed('C*LFTR', -1n)).toEqual(['4294967295', 0]);
    const most = letter === 'D' ? ['1844674407370955e4', 0x0c] : ['18446744073709551615', 0];
    expect(fromFixed('C*LGTR', -1n, { m3: 9 })).toEqual(most);
    expect(fromFixed('C*GTRA', 0n)).toEqual(['0', 0]);
    if (letter === 'D')
      expect(fromFixed('C*GTRA', 12_345_678_901_234_565n, { m3: 14, m4: 4 })).toEqual(['1234567890123457e1', 4]);
  });
});
