/** How an access reaches its operand: space, access register, key. */

import { INSTRUCTION_SPACE, ZERO_REGISTER } from './state-layout.ts';

export type AccessKind = 'fetch' | 'store' | 'ifetch';

/**
 * Which space an operand lies in: the PSW's choice for operands or for instructions, or another; `access-register` is the
 * one that `ar` names.
 */
export type SpaceChoice =
  | 'current'
  | 'instruction'
  | 'primary'
  | 'access-register'
  | 'secondary'
  | 'home'
  | 'real'
  | 'absolute';

/** Where an access goes and with which right. */
export interface AccessPath {
  readonly space: SpaceChoice;
  /** Base register, whose access register counts in access-register mode. */
  readonly ar: number;
  /** Access key; the PSW's when undefined. */
  readonly key?: number | undefined;
}

/** The access of an ordinary operand. */
export const operand: AccessPath = { space: 'current', ar: ZERO_REGISTER };

/** The access of an operand by relative address. */
export const relativeOperand: AccessPath = { space: 'instruction', ar: ZERO_REGISTER };

/** The access of an operand whose base register, or what stands for it, came from generated code. */
export function operandPath(ar: number): AccessPath {
  return ar === ZERO_REGISTER ? operand : ar === INSTRUCTION_SPACE ? relativeOperand : { space: 'current', ar };
}
