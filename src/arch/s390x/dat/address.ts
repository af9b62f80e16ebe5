/**
 * Kinds of guest addresses that never mix (PoP, "Address Types"), at no cost: numbers with a brand that only the types know.
 * A virtual address is a bigint, or a pair of words where speed matters, and so can be taken for none of these.
 */

declare const kind: unique symbol;

/** A guest real address: prefixing makes an absolute one of it. */
export type Gra = number & { readonly [kind]: 'real' };
/** A guest absolute address: the gmap makes a host address of it. */
export type Gpa = number & { readonly [kind]: 'absolute' };
/** A host address: an offset into the storage; `NO_HOST_ADDRESS` when there is none. */
export type HostAddress = number & { readonly [kind]: 'host' };

/** A number as a real address: one that a register or a table held. */
export function gra(address: number): Gra {
  return address as Gra;
}
/** A number as an absolute address: one that prefixing has been applied to, or that a device or a loader was given. */
export function gpa(address: number): Gpa {
  return address as Gpa;
}
/** A number as a host address: what the gmap and the memory slots say. */
export function hostAddress(offset: number): HostAddress {
  return offset as HostAddress;
}

/** There is no storage: negative, as callers test for. */
export const NO_HOST_ADDRESS: HostAddress = hostAddress(-1);

/** The address so many bytes further on, of the same kind. */
export function further<A extends Gra | Gpa | HostAddress>(address: A, bytes: number): A {
  return (address + bytes) as A;
}
