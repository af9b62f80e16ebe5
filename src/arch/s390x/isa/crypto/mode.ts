/** What a function does to one unit of a message: the modes of operation as the parameter blocks have them. */

import {
  type BlockCipher,
  ciphers,
  ENCRYPTED,
  electronicCodebook,
  exclusiveOr,
  join,
  type Mode,
  open,
  tdea192,
} from './cipher.ts';
import { element, elementBytes, times, timesAlpha } from './field.ts';
import { type KeyPlace, placeWithPattern } from './wrapped.ts';

/** What comes of a unit: the result, and what replaces the changeable part of the parameter block. */
export interface Outcome {
  readonly output: Uint8Array;
  readonly chaining: Uint8Array;
}

/** A function of an instruction that goes through a message block by block. */
export interface MessageFunction {
  /** Bytes of a data block, a multiple of which the message is. */
  readonly block: number;
  /** Bytes of the parameter block, and the part `from` to `to` that a unit changes. */
  readonly parameters: number;
  readonly from: number;
  readonly to: number;
  /** Where the key is, of a function with an encrypted one; `unit` gets the block with the clear key. */
  readonly wrapped?: KeyPlace;
  /** Does whole blocks. `counters` is the third operand, as long as the data. */
  unit(parameters: Uint8Array, data: Uint8Array, decipher: boolean, counters: Uint8Array): Outcome;
}

/** Functions by their codes. */
export type Functions = ReadonlyMap<number, MessageFunction>;

const none = new Uint8Array(0);

/** A function with its key encrypted. */
function encrypted(f: MessageFunction, wrapped: KeyPlace): MessageFunction {
  const moved = (place: number): number => placeWithPattern(wrapped, place);
  return { ...f, parameters: moved(f.parameters), from: moved(f.from), to: moved(f.to), wrapped };
}

/** One function for every cipher, with a clear and with an encrypted key, which stands at a place of the parameter block. */
function forCiphers(
  make: (cipher: BlockCipher) => MessageFunction,
  keyAt: (cipher: BlockCipher) => number,
): [number, MessageFunction][] {
  return [...ciphers].flatMap(([code, cipher]): [number, MessageFunction][] => {
    const f = make(cipher);
    return [
      [code, f],
      [code + ENCRYPTED, encrypted(f, { at: keyAt(cipher), cipher })],
    ];
  });
}
const atFront = (): number => 0;
const behindChaining = ({ block }: BlockCipher): number => block;

/** A function whose parameter block is a chaining value and a key. */
function chained(
  cipher: BlockCipher,
  block: number,
  run: (key: Uint8Array, chaining: Uint8Array, data: Uint8Array, decipher: boolean) => Outcome,
): MessageFunction {
  const parameters = cipher.block + cipher.keyBytes;
  return {
    block,
    parameters,
    from: 0,
    to: cipher.block,
    unit: (bytes, data, decipher) => run(bytes.subarray(cipher.block), bytes.subarray(0, cipher.block), data, decipher),
  };
}

/** A function whose parameter block is a key alone. */
function unchained(
  cipher: BlockCipher,
  run: (key: Uint8Array, data: Uint8Array, decipher: boolean, counters: Uint8Array) => Uint8Array,
): MessageFunction {
  return {
    block: cipher.block,
    parameters: cipher.keyBytes,
    from: 0,
    to: 0,
    unit: (key, data, decipher, counters) => ({ output: run(key, data, decipher, counters), chaining: none }),
  };
}

/** CIPHER MESSAGE with XTS: `first` is what the first block is masked with; gives the result and what would be next. */
function xts(
  cipher: BlockCipher,
  key: Uint8Array,
  data: Uint8Array,
  decipher: boolean,
  first: bigint,
): { readonly output: Uint8Array; readonly next: bigint } {
  const masks = new Uint8Array(data.length);
  let next = first;
  for (let at = 0; at < data.length; at += 16) {
    masks.set(elementBytes(next), at);
    next = timesAlpha(next);
  }
  const inner = electronicCodebook(cipher, key, exclusiveOr(data, masks), decipher);
  return { output: exclusiveOr(inner, masks), next };
}

/** XTS with a parameter block of the key and the XTS parameter, which becomes that of the block behind. */
function xtsByParameter(cipher: BlockCipher): MessageFunction {
  const at = cipher.keyBytes;
  return {
    block: 16,
    parameters: at + 16,
    from: at,
    to: at + 16,
    unit: (bytes, data, decipher) => {
      const { output, next } = xts(cipher, bytes.subarray(0, at), data, decipher, element(bytes.subarray(at)));
      return { output, chaining: elementBytes(next) };
    },
  };
}

/** XTS with both keys, the tweak and the next alpha power, which is the only part that changes. */
function fullXts(cipher: BlockCipher): MessageFunction {
  const at = cipher.keyBytes;
  const from = 2 * at + 16;
  return {
    block: 16,
    parameters: from + 16,
    from,
    to: from + 16,
    unit: (bytes, data, decipher) => {
      const tweak = electronicCodebook(cipher, bytes.subarray(at, 2 * at), bytes.subarray(2 * at, from));
      const first = times(element(tweak), element(bytes.subarray(from)));
      const { output } = xts(cipher, bytes.subarray(0, at), data, decipher, first);
      let power = element(bytes.subarray(from));
      for (let done = 0; done < data.length; done += 16) power = timesAlpha(power);
      return { output, chaining: elementBytes(power) };
    },
  };
}

const aes = (code: 18 | 20): BlockCipher => ciphers.get(code) ?? tdea192;

/** CIPHER MESSAGE. */
export const codebookFunctions: Functions = new Map([
  ...forCiphers(
    (cipher) => unchained(cipher, (key, data, decipher) => electronicCodebook(cipher, key, data, decipher)),
    atFront,
  ),
  [50, xtsByParameter(aes(18))],
  [52, xtsByParameter(aes(20))],
  [58, encrypted(xtsByParameter(aes(18)), { at: 0, cipher: aes(18) })],
  [60, encrypted(xtsByParameter(aes(20)), { at: 0, cipher: aes(20) })],
  [82, fullXts(aes(18))],
  [84, fullXts(aes(20))],
]);

function through(cipher: BlockCipher, mode: Mode, key: Uint8Array, cv: Uint8Array, data: Uint8Array, decipher = false) {
  return open(cipher, mode, key, cv, decipher).update(data);
}

/**
 * The pseudo-random numbers of ANSI X9.17: with I the enciphered input block, the result is R, the enciphered sum of I and
 * the chaining value, and the new chaining value is the enciphered sum of R and I. The modifier bit has no meaning.
 */
const pseudoRandom = chained(tdea192, 8, (key, cv, data) => {
  const cipher = open(tdea192, 'ecb', key, none);
  const output = new Uint8Array(data.length);
  let chaining = cv;
  for (let at = 0; at < data.length; at += 8) {
    const inner = cipher.update(data.subarray(at, at + 8));
    const result = cipher.update(exclusiveOr(inner, chaining));
    output.set(result, at);
    chaining = cipher.update(exclusiveOr(result, inner));
  }
  return { output, chaining };
});

/** CIPHER MESSAGE WITH CHAINING. */
export const chainingFunctions: Functions = new Map([
  ...forCiphers(
    (cipher) =>
      chained(cipher, cipher.block, (key, cv, data, decipher) => {
        const output = through(cipher, 'cbc', key, cv, data, decipher);
        return { output, chaining: (decipher ? data : output).slice(-cipher.block) };
      }),
    behindChaining,
  ),
  [67, pseudoRandom],
]);

/** CIPHER MESSAGE WITH OUTPUT FEEDBACK. */
export const outputFeedbackFunctions: Functions = new Map(
  forCiphers(
    (cipher) =>
      chained(cipher, cipher.block, (key, cv, data) => {
        const output = through(cipher, 'ofb', key, cv, data);
        return { output, chaining: exclusiveOr(output.slice(-cipher.block), data.slice(-cipher.block)) };
      }),
    behindChaining,
  ),
);

/** CIPHER MESSAGE WITH COUNTER. */
export const counterFunctions: Functions = new Map(
  forCiphers(
    (cipher) =>
      unchained(cipher, (key, data, _, counters) => exclusiveOr(electronicCodebook(cipher, key, counters), data)),
    atFront,
  ),
);

/** COMPUTE MESSAGE AUTHENTICATION CODE: the output has no place to go. */
export const authenticationFunctions: Functions = new Map(
  forCiphers(
    (cipher) =>
      chained(cipher, cipher.block, (key, cv, data) => {
        const chaining = through(cipher, 'cbc', key, cv, data).slice(-cipher.block);
        return { output: none, chaining };
      }),
    behindChaining,
  ),
);

function feedBack(
  cipher: BlockCipher,
  size: number,
  key: Uint8Array,
  cv: Uint8Array,
  data: Uint8Array,
  decipher: boolean,
): Uint8Array {
  if (size === cipher.block) return through(cipher, 'cfb', key, cv, data, decipher);
  if (size === 1) return through(cipher, 'cfb8', key, cv, data, decipher);
  const stream = open(cipher, 'ecb', key, none);
  const output = new Uint8Array(data.length);
  let chaining = cv;
  for (let at = 0; at < data.length; at += size) {
    const block = data.subarray(at, at + size);
    const result = exclusiveOr(block, stream.update(chaining));
    output.set(result, at);
    chaining = join(chaining, decipher ? block : result).slice(-cipher.block);
  }
  return output;
}

/** CIPHER MESSAGE WITH CIPHER FEEDBACK, by the bytes of a segment; none when the cipher's blocks are shorter. */
export const feedbackFunctions: ReadonlyMap<number, (size: number) => MessageFunction | undefined> = new Map(
  [...ciphers].flatMap(([code, cipher]): [number, (size: number) => MessageFunction | undefined][] => [
    [code, (size) => cipherFeedback(cipher, size)],
    [
      code + ENCRYPTED,
      (size) => {
        const f = cipherFeedback(cipher, size);
        return f && encrypted(f, { at: cipher.block, cipher });
      },
    ],
  ]),
);

function cipherFeedback(cipher: BlockCipher, size: number): MessageFunction | undefined {
  if (size < 1 || size > cipher.block) return undefined;
  return chained(cipher, size, (key, cv, data, decipher) => {
    const output = feedBack(cipher, size, key, cv, data, decipher);
    return { output, chaining: join(cv, decipher ? data : output).slice(-cipher.block) };
  });
}
