/** Runs instructions of the message-security assist to their end and tells what they left. */

import { Bench, encode, type Outcome, type Setup } from '../../../support/s390x/isa.ts';

const machine = new Bench();

/** A machine whose outcomes keep their storage when it runs something else. */
export const bench = {
  run(setup: Setup): Outcome {
    const out = machine.run(setup);
    const { bytes, top, size } = machine.complex.storage;
    const mirrored = Buffer.from(bytes.slice(top - size, top));
    const storage = (address: number, length: number): string =>
      Buffer.from(mirrored.subarray(size - address - length, size - address).toReversed()).toString('hex');
    return { ...out, storage };
  },
};

/** Where the operands of a vector lie. */
export const place = { parameters: 0x2000, source: 0x100000, target: 0x200000, counters: 0x180000 } as const;
export const DECIPHER = 0x80n;

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** Bytes that do not repeat soon. */
export const message = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 167 + (i >> 8) * 31) & 0xff);

/** One message through one function. */
export interface Vector {
  readonly code: bigint;
  readonly parameters: Uint8Array;
  readonly data: Uint8Array;
  readonly counters?: Uint8Array;
}

/** Register operands as vectors use them: 4 target, 2 and 3 source, 6 counters. */
export const operands: Readonly<Record<string, Record<string, number>>> = {
  KM: { r1: 4, r2: 2 },
  KMC: { r1: 4, r2: 2 },
  KMF: { r1: 4, r2: 2 },
  KMO: { r1: 4, r2: 2 },
  KMCTR: { r1: 4, r2: 2, r3: 6 },
  KMAC: { r2: 2 },
  KIMD: { r2: 2 },
  KLMD: { r1: 4, r2: 2 },
  PCC: {},
  PCKMO: {},
  PRNO: { r1: 4, r2: 2 },
  KDSA: { r2: 2 },
};

export function setup(mnemonic: string, { code, parameters, data, counters }: Vector): Setup {
  return {
    code: [encode(mnemonic, operands[mnemonic]), encode('BRC', { m1: 1, ri2: -4 })],
    // Whole units of 4 KiB, each with the branch behind it.
    steps: 2 * Math.max(1, Math.ceil(data.length / 4096)),
    gr: {
      0: code,
      1: BigInt(place.parameters),
      2: BigInt(place.source),
      3: BigInt(data.length),
      4: BigInt(place.target),
      6: BigInt(place.counters),
    },
    storage: {
      [place.parameters]: parameters,
      [place.source]: data,
      ...(counters === undefined ? {} : { [place.counters]: counters }),
    },
  };
}

/** Executes until there is nothing left to do. */
export function run(mnemonic: string, vector: Vector): Outcome & { readonly output: string; readonly block: string } {
  const out = bench.run(setup(mnemonic, vector));
  return {
    ...out,
    output: out.storage(place.target, vector.data.length),
    block: out.storage(place.parameters, vector.parameters.length),
  };
}
