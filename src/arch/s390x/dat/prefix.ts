/**
 * Applies prefixing to a real address, giving the absolute one (PoP, "Prefixing"). The operation is its own inverse.
 */
export function prefixed(real: number, prefix: number): number {
  if (real < 8192) return real + prefix;
  if (real >= prefix && real < prefix + 8192) return real - prefix;
  return real;
}
