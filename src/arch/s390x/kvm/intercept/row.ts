import type { AccessPath } from '../../cpu/access-path.ts';
import { fieldBits } from '../../isa/decoder.ts';
import { type Fields, type Format, type FormatName, formats } from '../../isa/formats.ts';
import type { Outcome } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';

/** The operand fields of an intercepted instruction, by the names of its format. */
export type Operands<N extends FormatName> = { readonly [K in keyof Fields<N>]: number };

/** An instruction that SIE may hand over, with what is done for it. */
export interface InterceptRow {
  readonly mnemonic: string;
  readonly format: FormatName;
  /** The problem state may use it. */
  readonly unprivileged: boolean;
  /** What is done for it leaves the timers of its vCPU as they are. */
  readonly atOnce: boolean;
  /** What is done for one with this text: the whole instruction, of a target of EXECUTE with the bits OR'ed in. */
  bind(text: Uint8Array): InterceptHandler;
}

/** What is done for an instruction whose operand fields are known. */
export type InterceptHandler = (v: KvmVcpu) => Outcome;

/** Defines what is done for an instruction, whose format says which operands the handler gets. */
export function onIntercept<N extends FormatName>(
  mnemonic: string,
  format: N,
  handler: (v: KvmVcpu, operands: Operands<N>) => Outcome,
  { unprivileged = false, atOnce = false } = {},
): InterceptRow {
  const { fields }: Format = formats[format];
  const entries = Object.entries(fields);
  return {
    mnemonic,
    format,
    unprivileged,
    atOnce,
    bind(text) {
      const operands = Object.fromEntries(
        entries.map(([name, field]) => [name, fieldBits(field, text)]),
      ) as Operands<N>;
      return (v) => handler(v, operands);
    },
  };
}

/** A storage operand: its address in the current mode, and how it is reached. */
export interface StorageOperand {
  readonly address: bigint;
  readonly path: AccessPath;
}

/** The operand at a base register and displacement. */
export function storageOperand({ vcpu }: KvmVcpu, base: number, displacement: number): StorageOperand {
  const from = base === 0 ? 0n : vcpu.gr(base);
  const address = BigInt.asUintN(64, from + BigInt(displacement)) & vcpu.amask;
  return { address, path: { space: 'current', ar: base } };
}
