import { err, type Result } from '../../../../bits/result.ts';
import type { Errno } from '../errno.ts';
import type { KvmVm } from '../vm.ts';

/** Groups of the VM's attributes, by their numbers in the interface. */
export const attributeGroups = {
  memory: 0,
  tod: 1,
  crypto: 2,
  'cpu-model': 3,
  migration: 4,
  'cpu-topology': 5,
} as const;

export type AttributeGroup = keyof typeof attributeGroups;

/** A call on an attribute: the flags of the call, and what the user's address points at. */
export interface AttributeCall {
  readonly flags: number;
  /** What can be read there; undefined where nothing can be. */
  readonly data: Uint8Array | undefined;
}

/** An attribute of a VM, and what its calls do. A call that is not there ends with ENXIO. */
export interface AttributeRow {
  readonly group: AttributeGroup;
  readonly name: string;
  /** The number in the interface; undefined when every number of the group is this attribute, with the number as its value. */
  readonly attribute: number | undefined;
  readonly title: string;
  /** Whether it is there. */
  has(vm: KvmVm): Errno | undefined;
  set?(vm: KvmVm, call: AttributeCall, attribute: number): Errno | undefined;
  get?(vm: KvmVm, call: AttributeCall): Result<Uint8Array, Errno>;
}

/** It is there always. */
export const present = (): undefined => undefined;

/** The first bytes that the user's address points at; EFAULT when it has fewer. */
export function taken({ data }: AttributeCall, bytes: number): Result<Uint8Array, Errno> {
  return data === undefined || data.length < bytes ? err('EFAULT') : { ok: true, value: data.subarray(0, bytes) };
}
