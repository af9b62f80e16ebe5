import type { CpuModel } from '../cpu/model.ts';
import { branches, targetBranches } from './branch/branch.ts';
import { branchEvents } from './branch/events.ts';
import { decimalArithmetic } from './dfp/arithmetic.ts';
import { decimalComparisons } from './dfp/compare.ts';
import { decimalConversions } from './dfp/convert.ts';
import { decimalFormats } from './dfp/digits.ts';
import { arithmetic } from './fixed/arithmetic.ts';
import { bcdAssist } from './fixed/bcd.ts';
import { logical } from './fixed/logical.ts';
import { rotate } from './fixed/rotate.ts';
import { floatArithmetic } from './float/arithmetic.ts';
import { floatComparisons } from './float/compare.ts';
import { floatControl } from './float/control.ts';
import { floatIntegers } from './float/integers.ts';
import { floatMoves } from './float/moves.ts';
import type { Row } from './row.ts';
import { storageControl } from './storage/control.ts';
import { loadsAndStores } from './storage/loads.ts';
import { multiples } from './storage/multiple.ts';
import { quadwords } from './storage/quadword.ts';
import { moreReservations, reservations } from './storage/reserve.ts';
import { doorbells } from './system/doorbell.ts';
import { transactional } from './system/facility.ts';
import { power8SprInstructions, sprInstructions } from './system/spr.ts';
import { supervisor } from './system/supervisor.ts';
import { vectorCiphers } from './vector/cipher.ts';
import { vectorDecimals } from './vector/decimal.ts';
import { vectorDoublewords } from './vector/doublewords.ts';
import { vectorFloats } from './vector/float.ts';
import { vectorIntegers } from './vector/integer.ts';
import { vectorProducts } from './vector/multiply.ts';
import { vectorPacks } from './vector/pack.ts';
import { vectorPolynomials } from './vector/polynomial.ts';
import { vectorSaturating } from './vector/saturating.ts';
import { vectorShifts } from './vector/shift.ts';
import { vectorStorage } from './vector/storage.ts';
import { vsxConversions } from './vector/vsx-convert.ts';
import { vsxFloat } from './vector/vsx-float.ts';
import { vsxMoves } from './vector/vsx-moves.ts';
import { vsxSingles } from './vector/vsx-single.ts';
import { vsxStorage } from './vector/vsx-storage.ts';

/** The instructions of a POWER7, each form a row. */
export const power7Instructions: readonly Row[] = [
  ...branches,
  ...arithmetic,
  ...logical,
  ...rotate,
  ...bcdAssist,
  ...loadsAndStores,
  ...multiples,
  ...quadwords,
  ...storageControl,
  ...reservations,
  ...sprInstructions,
  ...supervisor,
  ...floatMoves,
  ...floatArithmetic,
  ...floatIntegers,
  ...floatComparisons,
  ...floatControl,
  ...vectorStorage,
  ...vectorIntegers,
  ...vectorSaturating,
  ...vectorShifts,
  ...vectorPacks,
  ...vectorProducts,
  ...vectorFloats,
  ...vsxStorage,
  ...vsxMoves,
  ...vsxFloat,
  ...vsxConversions,
  ...decimalArithmetic,
  ...decimalComparisons,
  ...decimalConversions,
  ...decimalFormats,
];

/** What a POWER8 has besides. */
export const power8Instructions: readonly Row[] = [
  ...targetBranches,
  ...branchEvents,
  ...moreReservations,
  ...power8SprInstructions,
  ...transactional,
  ...doorbells,
  ...vectorDoublewords,
  ...vectorCiphers,
  ...vectorPolynomials,
  ...vectorDecimals,
  ...vsxSingles,
];

/** All of them: what is generated of them serves every CPU. */
export const instructionTable: readonly Row[] = [...power7Instructions, ...power8Instructions];

const ofPower8 = new Set(power8Instructions);

/** Whether a CPU has an instruction. */
export function hasInstruction({ name }: CpuModel, row: Row): boolean {
  return name === 'power8' || !ofPower8.has(row);
}
