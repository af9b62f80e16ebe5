import { Bench, CODE, encode, type Outcome, type Setup } from '../../../support/s390x/isa.ts';

/** One bench for a file's vectors. */
export const bench = new Bench();

/** The AFP-register control on. */
export const AFP: Readonly<Record<number, bigint>> = { 0: 0x40000n };
/** Where storage operands of vectors lie; base register 10 points there. */
export const DATA = 0x20000;

/** Runs one instruction with the AFP-register control on. */
export function run(
  mnemonic: string,
  fields: Readonly<Record<string, number>>,
  setup: Omit<Setup, 'code'> = {},
): Outcome {
  return bench.run({ cr: AFP, ...setup, code: [encode(mnemonic, fields)] });
}

/** Runs one instruction whose storage operand, at base register 10, holds the hex text. */
export function runOnStorage(
  mnemonic: string,
  fields: Readonly<Record<string, number>>,
  text: string,
  setup: Omit<Setup, 'code' | 'storage'> = {},
): Outcome {
  const gr = { 10: BigInt(DATA), ...setup.gr };
  return run(mnemonic, { b2: 10, ...fields }, { ...setup, gr, storage: { [DATA]: text } });
}

/** A bit pattern, or two of a pair, as hex text without leading zeros cut off. */
export function hex(...bits: readonly (bigint | undefined)[]): string {
  return bits.map((b) => (b ?? -1n).toString(16).padStart(16, '0')).join('_');
}

/** A short number in the left half of a register. */
export function left(bits: number | bigint, right = 0n): bigint {
  return (BigInt(bits) << 32n) | right;
}

/** Where the PSW is after an instruction of a length. */
export function after(length: number): bigint {
  return CODE + BigInt(length);
}
