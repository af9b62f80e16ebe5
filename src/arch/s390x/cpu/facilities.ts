/**
 * Facilities by their bit number in the facility list (PoP, "Facility Indications"). A row names the facility that brings
 * it; the list that STFL and STFLE give a guest is `announcedOf` what is installed.
 */
export const facilityBits = {
  /** What every z/Architecture machine has. */
  zarch: 1,
  idte: 3,
  'asn-and-lx-reuse': 6,
  stfle: 7,
  'edat-1': 8,
  'sense-running-status': 9,
  'conditional-sske': 10,
  topology: 11,
  'ipte-range': 13,
  'nonquiescing-key-setting': 14,
  'extended-translation-2': 16,
  'message-security-assist': 17,
  'long-displacement': 18,
  'hfp-multiply-add': 20,
  'extended-immediate': 21,
  'extended-translation-3': 22,
  'hfp-unnormalized': 23,
  'etf2-enhancement': 24,
  'store-clock-fast': 25,
  'parsing-enhancement': 26,
  mvcos: 27,
  'tod-clock-steering': 28,
  'etf3-enhancement': 30,
  'extract-cpu-time': 31,
  'compare-and-swap-and-store': 32,
  'compare-and-swap-and-store-2': 33,
  'general-instructions-extension': 34,
  'execute-extensions': 35,
  'enhanced-monitor': 36,
  'floating-point-extension': 37,
  'order-preserving-compression': 38,
  'load-program-parameter': 40,
  'floating-point-support': 41,
  dfp: 42,
  'dfp-high-performance': 43,
  pfpo: 44,
  'zenterprise-196': 45,
  'cmpsc-enhancement': 47,
  'dfp-zoned-conversion': 48,
  'zenterprise-ec12': 49,
  'constrained-transactional-execution': 50,
  'local-tlb-clearing': 51,
  'interlocked-access-2': 52,
  'zenterprise-z13': 53,
  'message-security-assist-5': 57,
  'miscellaneous-extensions-2': 58,
  'miscellaneous-extensions-3': 61,
  'reset-reference-bits-multiple': 66,
  'transactional-execution': 73,
  'hypervisor-information': 74,
  'access-exception-fetch-store': 75,
  'message-security-assist-3': 76,
  'message-security-assist-4': 77,
  'edat-2': 78,
  'dfp-packed-conversion': 80,
  'miscellaneous-extensions-4': 84,
  vector: 129,
  'instruction-execution-protection': 130,
  /** With the enhanced suppression on protection 2, by which a guest knows which protection it was. */
  'side-effect-access': 131,
  'guarded-storage': 133,
  'vector-packed-decimal': 134,
  'vector-enhancements-1': 135,
  'multiple-epoch': 139,
  'insert-reference-bits-multiple': 145,
  'message-security-assist-8': 146,
  'vector-enhancements-2': 148,
  'vector-packed-decimal-enhancement': 152,
  'message-security-assist-9': 155,
  'storage-key-removal': 169,
  'vector-packed-decimal-enhancement-2': 192,
  'bear-enhancement': 193,
  'vector-enhancements-3': 198,
} as const;

export type Facility = keyof typeof facilityBits;

/**
 * Facilities that this machine can have, each working whole: those of a z17 but for its own control instructions and
 * what only LPARs have. The message-security assist has no functions with encrypted keys, as its queries tell.
 */
export const installed: readonly number[] = [
  0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30, 31, 32, 33, 34, 35, 37,
  40, 41, 42, 43, 44, 45, 47, 48, 49, 50, 51, 52, 53, 57, 58, 61, 66, 73, 74, 75, 76, 77, 78, 80, 84, 129, 130, 131,
  133, 134, 135, 139, 146, 148, 152, 155, 192, 193, 198,
];

/** Bits of the facility list that are one only when another one is, too (PoP, "Facility Indications"). */
const implications: readonly (readonly [bit: number, implied: number])[] = [
  [4, 3],
  [5, 3],
  [5, 4],
  [14, 8],
  [19, 18],
  [30, 22],
  [33, 32],
  [37, 42],
  [43, 42],
  [48, 42],
  [57, 17],
  [61, 45],
  [50, 73],
  [73, 49],
  [76, 17],
  [77, 17],
  [78, 8],
  [80, 42],
  [130, 131],
  [134, 129],
  [135, 129],
  [139, 25],
  [139, 28],
  [146, 76],
  [148, 129],
  [148, 135],
  [152, 129],
  [152, 134],
  [155, 76],
  [155, 77],
  [192, 134],
  [192, 152],
  [198, 148],
];

/** Bits that are zero when another one is one: without storage keys there is nothing for them to do. */
const exclusions: readonly (readonly [bit: number, excluded: readonly number[]])[] = [[169, [10, 14, 66, 145]]];

/** Bits that cannot be one beside `bit`. */
export function excludedBy(bit: number): readonly number[] {
  return exclusions.find(([excluding]) => excluding === bit)?.[1] ?? [];
}

/** Bits that cannot be one without `bit`, whether directly or not. */
export function impliedBy(bit: number): readonly number[] {
  const found = new Set([bit]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [implying, implied] of implications) if (found.has(implied)) found.add(implying);
  }
  found.delete(bit);
  return [...found];
}

/**
 * What a guest is told of facilities that are installed. One whose bit would say of another that it is there, and which is
 * not, stays out of the list: its instructions work all the same, as they do under KVM when a CPU model leaves a bit out.
 */
export function announcedOf(facilities: Iterable<number>): ReadonlySet<number> {
  const told = new Set(facilities);
  for (let before = 0; before !== told.size; ) {
    before = told.size;
    for (const [bit, implied] of implications) if (!told.has(implied)) told.delete(bit);
  }
  return told;
}
