import { describe, expect, test } from 'vitest';
import { power7Instructions } from '../../../src/arch/ppc64/isa/table.ts';
import { Bench, encode, MSR_ALL } from '../../support/ppc64/isa.ts';
import { randomWords, seed, timesAsked } from '../../support/seed.ts';

// Flush to zero is not there: the bit changes nothing but that results are found the exact way.
const EXACTLY = 4n;
const random = randomWords(0xf10a7);
const word = (): bigint => (BigInt(random()) << 32n) | BigInt(random());
const SIGN = 1n << 63n;

function numberNear(exponent: number, bits: number): bigint {
  const fraction = ((word() & 0xf_ffff_ffff_ffffn) >> BigInt(52 - bits)) << BigInt(52 - bits);
  return (word() & SIGN) | (BigInt(exponent) << 52n) | fraction;
}

/** Numbers whose sums, products and quotients are exact, are rounded either way, lie between two, or leave the range. */
const kinds: readonly (() => bigint)[] = [
  word,
  () => numberNear(1023 + (random() % 5) - 2, 52),
  () => numberNear(1023 + (random() % 120) - 60, 52),
  () => numberNear(1023 + (random() % 9) - 4, 1 + (random() % 12)),
  () => numberNear(1023 + (random() % 60) - 30, 23),
  () => numberNear(1023 + (random() % 9) - 4, 26),
  () => numberNear(896 + (random() % 6) - 3, 30),
  () => numberNear(1150 + (random() % 3), 25),
  () => numberNear(random() % 3, 52),
  () => numberNear(2046 - (random() % 3), 52),
  () => word() & SIGN,
  () => BigInt.asUintN(64, BigInt((random() % 2001) - 1000)),
  () => BigInt.asUintN(64, (1n << BigInt(50 + (random() % 14))) - BigInt(random() % 2049) + 1024n),
  () => (word() & SIGN) | (0x3ffn << 52n) | (BigInt(random() % 3) << 51n) | BigInt(random() % 3),
];
const pick = (): bigint => (kinds[random() % kinds.length] ?? word)();

const long = 'fadd fsub fmul fdiv fsqrt fmadd fmsub fnmadd fnmsub frsp fctidz fctiwz'.split(' ');
const short = 'fadds fsubs fmuls fdivs fsqrts fmadds fmsubs fnmadds fnmsubs fcfid fcfids'.split(' ');
const vsx = 'xsadddp xssubdp xsmuldp xsdivdp xsmaddadp xsmsubmdp xvadddp xvmuldp xvdivdp xvsqrtdp xvnmsubadp'.split(
  ' ',
);

const rows = new Map(power7Instructions.map((row) => [row.mnemonic, row]));
/** Those of some operands that an instruction has. */
function operandsOf(name: string, all: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const fields = rows.get(name)?.fields ?? {};
  return Object.fromEntries(Object.entries(all).filter(([field]) => field in fields));
}

/** Each of the instructions on the same operands, with FPSCR as it is behind it, and comparisons. */
const programs = [long, short, vsx].map((names) => [
  ...names.flatMap((name, i) => [
    encode(name, operandsOf(name, { ...{ xt: 4 + i, xa: 1, xb: 2 }, ...{ frt: 4 + i, fra: 1, frb: 2, frc: 3 } })),
    encode('mffs', { frt: 16 + i }),
  ]),
  encode('fcmpu', { bf: 2, a: 1, b: 2 }),
  encode('xscmpodp', { bf: 3, a: 2, b: 3 }),
]);

describe.each([0n, 0x8200_0000n])('with FPSCR %i', (fpscr) => {
  test('the host rounds as the exact way does, and tells the same', () => {
    const bench = new Bench('interpreter');
    for (let i = 0; i < timesAsked(150); i++) {
      const same = random() % 8 === 0 ? pick() : undefined;
      const operand = (): readonly [bigint, bigint] => [same ?? pick(), pick()];
      const vsr: Record<number, readonly [bigint, bigint]> = { 1: operand(), 2: operand(), 3: operand() };
      for (let n = 4; n < 16; n++) vsr[n] = operand();
      for (const code of programs) {
        const [native, exact] = [fpscr, fpscr | EXACTLY].map((control) => {
          const outcome = bench.run({ code, vsr, fpscr: control, msr: MSR_ALL });
          const flags = outcome.vsr.slice(16, 28).map(([left]) => left & ~EXACTLY);
          return [outcome.vsr.slice(4, 16), flags, outcome.cr, outcome.fpscr & ~EXACTLY];
        });
        expect(native, `operands ${i} of SEED=${seed}`).toEqual(exact);
      }
    }
  });
});
