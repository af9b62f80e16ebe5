/** Bits of control registers, as masks of their low words (PoP, "Control Registers"). */

export const CR0 = {
  ssmSuppression: 1 << 30,
  lowAddressProtection: 1 << 28,
  extractionAuthority: 1 << 27,
  secondarySpace: 1 << 26,
  fetchOverride: 1 << 25,
  storageOverride: 1 << 24,
  edat: 1 << 23,
  iep: 1 << 20,
  asnReuse: 1 << 19,
} as const;

/** CR0 bits that a TLB entry may have been made by. */
export const CR0_TRANSLATION = CR0.lowAddressProtection | CR0.fetchOverride | CR0.storageOverride | CR0.edat | CR0.iep;
