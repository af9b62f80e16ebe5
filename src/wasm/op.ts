import { plainOps } from './op-scalar.ts';
import { vectorOps } from './op-vector.ts';

/** Every instruction without immediate operands. */
export const ops = { ...plainOps, ...vectorOps } as const;

/** Name of an instruction without immediate operands. */
export type Op = keyof typeof ops;
