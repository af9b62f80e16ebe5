import { branches } from './branch/branch.ts';
import { byNameOnly } from './by-name.ts';
import { arithmetic } from './fixed/arithmetic.ts';
import { logical } from './fixed/logical.ts';
import { rotate } from './fixed/rotate.ts';
import { floatMoves } from './float/moves.ts';
import type { Row } from './row.ts';
import { storageControl } from './storage/control.ts';
import { loadsAndStores } from './storage/loads.ts';
import { multiples } from './storage/multiple.ts';
import { sprInstructions } from './system/spr.ts';
import { supervisor } from './system/supervisor.ts';
import { vectorIntegers } from './vector/integer.ts';
import { vectorStorage } from './vector/storage.ts';
import { vsx } from './vector/vsx.ts';

/** The instructions of a POWER7, each form a row. */
export const instructionTable: readonly Row[] = [
  ...branches,
  ...arithmetic,
  ...logical,
  ...rotate,
  ...loadsAndStores,
  ...multiples,
  ...storageControl,
  ...sprInstructions,
  ...supervisor,
  ...floatMoves,
  ...vectorStorage,
  ...vectorIntegers,
  ...vsx,
  ...byNameOnly,
];
