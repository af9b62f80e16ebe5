/** PoP, "General Instructions": CIPHER MESSAGE and its kin, COMPUTE MESSAGE AUTHENTICATION CODE. */

import type { Effects } from '../../../../ir/node.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { addressIn, lengthIn, setAddress, setLength, UNIT } from '../storage/operands.ts';
import { encryptedCiphers, encryptedFunctions } from './cipher.ts';
import { chosen, modifier, requireNoModifier, requirePairs } from './function-code.ts';
import {
  authenticationFunctions,
  chainingFunctions,
  codebookFunctions,
  counterFunctions,
  type Functions,
  feedbackFunctions,
  type MessageFunction,
  outputFeedbackFunctions,
} from './mode.ts';
import { ParameterBlock, Stretch } from './operand.ts';
import { unwrapped } from './wrapped.ts';

/** Blocks of one execution at most: a block may be a single byte. */
const MOST_BLOCKS = 512;

/** Effects of everything here. */
const effects: Effects = { fetches: true, stores: true, faults: true };

/** General registers of the operands: the source is a pair; an instruction may lack the others. */
interface Operands {
  readonly target: number | undefined;
  readonly source: number;
  readonly counters: number | undefined;
}

/**
 * Does a unit of a message: as many blocks as the CPU is willing to do and can access. Condition code 3 says that more are
 * left; an access exception is raised when not even one can be done. Condition code 1 says that the key was wrapped elsewhere.
 */
function cipherMessage(vcpu: Vcpu, f: MessageFunction, { target, source, counters }: Operands): void {
  const length = lengthIn(vcpu, source + 1);
  if (length % BigInt(f.block) !== 0n) vcpu.raise(PGM.specification);
  if (length === 0n) {
    vcpu.cc = 0;
    return;
  }
  const parameters = new ParameterBlock(vcpu, f.parameters, f.from, f.to);
  const clear = f.wrapped === undefined ? parameters.bytes : unwrapped(parameters.bytes, f.wrapped);
  if (clear === undefined) {
    vcpu.cc = 1;
    return;
  }
  const most = f.block * Math.min(Math.floor(UNIT / f.block), MOST_BLOCKS);
  const wanted = length < BigInt(most) ? Number(length) : most;
  const reach = (register: number, kind: 'fetch' | 'store'): Stretch =>
    new Stretch(vcpu, addressIn(vcpu, register), wanted, kind, register);
  const from = reach(source, 'fetch');
  const counted = counters === undefined ? undefined : reach(counters, 'fetch');
  const to = target === undefined ? undefined : reach(target, 'store');
  const operands = [from, counted, to].filter((o) => o !== undefined);
  for (const operand of operands) operand.require(f.block);
  const found = Math.min(...operands.map((o) => o.length));
  const n = found - (found % f.block);
  const counterBlocks = counted?.read(n) ?? new Uint8Array(0);
  const { output, chaining } = f.unit(clear, from.read(n), modifier(vcpu), counterBlocks);
  to?.write(output);
  parameters.store(chaining);
  const registers = new Set([target, source, counters].filter((r) => r !== undefined));
  for (const r of registers) setAddress(vcpu, r, (addressIn(vcpu, r) + BigInt(n)) & vcpu.amask);
  setLength(vcpu, source + 1, length - BigInt(n));
  vcpu.cc = BigInt(n) === length ? 0 : 3;
}

/** Encrypted keys came with the extension 3, XTS with the extension 4; no other instruction here has functions of its codes. */
const later: ReadonlyMap<number, Facility> = new Map<number, Facility>([
  ...[...encryptedCiphers.keys()].map((code) => [code, 'message-security-assist-3'] as const),
  ...[50, 52, 58, 60].map((code) => [code, 'message-security-assist-4'] as const),
]);

const cipher = (name: string, functions: Functions) =>
  helper(name, { params: ['i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2) => {
    requirePairs(vcpu, r1, r2);
    const f = chosen(vcpu, functions, later, encryptedFunctions);
    if (f === undefined) vcpu.cc = 0;
    else cipherMessage(vcpu, f, { target: r1, source: r2, counters: undefined });
  });

const km = cipher('cipherMessage', codebookFunctions);
const kmc = cipher('cipherMessageWithChaining', chainingFunctions);
const kmo = cipher('cipherMessageWithOutputFeedback', outputFeedbackFunctions);

const kmf = helper(
  'cipherMessageWithCipherFeedback',
  { params: ['i32', 'i32'], result: undefined, effects },
  (vcpu, r1, r2) => {
    requirePairs(vcpu, r1, r2);
    const make = chosen(vcpu, feedbackFunctions, later, encryptedFunctions);
    if (make === undefined) {
      vcpu.cc = 0;
      return;
    }
    // The length of cipher feedback stands in bits 32-39.
    const f = make(vcpu.grLow(0) >>> 24) ?? vcpu.raise(PGM.specification);
    cipherMessage(vcpu, f, { target: r1, source: r2, counters: undefined });
  },
);

const kmctr = helper(
  'cipherMessageWithCounter',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, r1, r2, r3) => {
    requirePairs(vcpu, r1, r2, r3);
    const f = chosen(vcpu, counterFunctions, later, encryptedFunctions);
    if (f === undefined) vcpu.cc = 0;
    else cipherMessage(vcpu, f, { target: r1, source: r2, counters: r3 });
  },
);

const kmac = helper('computeMessageAuthenticationCode', { params: ['i32'], result: undefined, effects }, (vcpu, r2) => {
  requirePairs(vcpu, r2);
  requireNoModifier(vcpu);
  const f = chosen(vcpu, authenticationFunctions, later, encryptedFunctions);
  if (f === undefined) vcpu.cc = 0;
  else cipherMessage(vcpu, f, { target: undefined, source: r2, counters: undefined });
});

/** Instructions that encipher, decipher and authenticate. */
export const messageRows: readonly Row[] = [
  ...(
    [
      ['KM', 0xb92e, 'CIPHER MESSAGE', 'message-security-assist', km, codebookFunctions],
      ['KMC', 0xb92f, 'CIPHER MESSAGE WITH CHAINING', 'message-security-assist', kmc, chainingFunctions],
      ['KMF', 0xb92a, 'CIPHER MESSAGE WITH CIPHER FEEDBACK', 'message-security-assist-4', kmf, feedbackFunctions],
      ['KMO', 0xb92b, 'CIPHER MESSAGE WITH OUTPUT FEEDBACK', 'message-security-assist-4', kmo, outputFeedbackFunctions],
    ] as const
  ).map(([mnemonic, op, title, facility, run, functions]) =>
    insn(mnemonic, { op, fmt: 'RRE', title, facility, functions: [0, ...functions.keys()], later }, ($, f) => {
      $.callVoid(run, $.field(f.r1), $.field(f.r2));
    }),
  ),
  insn(
    'KMCTR',
    {
      op: 0xb92d,
      fmt: 'RRF_b',
      title: 'CIPHER MESSAGE WITH COUNTER',
      facility: 'message-security-assist-4',
      ignores: ['m4'],
      functions: [0, ...counterFunctions.keys()],
      later,
    },
    ($, f) => $.callVoid(kmctr, $.field(f.r1), $.field(f.r2), $.field(f.r3)),
  ),
  insn(
    'KMAC',
    {
      op: 0xb91e,
      fmt: 'RRE',
      title: 'COMPUTE MESSAGE AUTHENTICATION CODE',
      facility: 'message-security-assist',
      ignores: ['r1'],
      functions: [0, ...authenticationFunctions.keys()],
      later,
    },
    ($, f) => $.callVoid(kmac, $.field(f.r2)),
  ),
];
