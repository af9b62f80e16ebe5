import { type Gpa, type Gra, gpa, gra } from './address.ts';

/** Bytes of the prefix area. */
export const PREFIX_AREA_BYTES = 8192;

/** Applies prefixing to a real address, giving the absolute one (PoP, "Prefixing"). */
export function prefixed(real: Gra, prefix: Gpa): Gpa {
  return gpa(exchanged(real, prefix));
}

/** The real address that prefixing makes an absolute one of. */
export function unprefixed(absolute: Gpa, prefix: Gpa): Gra {
  return gra(exchanged(absolute, prefix));
}

// The operation is its own inverse.
function exchanged(address: number, prefix: number): number {
  if (address < PREFIX_AREA_BYTES) return address + prefix;
  if (address >= prefix && address < prefix + PREFIX_AREA_BYTES) return address - prefix;
  return address;
}
