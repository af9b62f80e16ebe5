import type { Gpa, HostAddress } from '../dat/address.ts';

/** A range of guest storage with host storage behind it. */
export interface MemorySlot {
  readonly slot: number;
  /** Guest absolute address and bytes, multiples of 1 MiB. */
  readonly guest: Gpa;
  readonly bytes: number;
  readonly host: HostAddress;
  /** The guest's stores there are protection exceptions. */
  readonly readOnly?: boolean;
}
