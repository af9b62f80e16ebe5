import { err, type Result } from '../../../../bits/result.ts';
import type { Errno } from '../errno.ts';
import type { KvmVm } from '../vm.ts';
import { cpuModelRows } from './cpu-model.ts';
import { cryptoRows } from './crypto.ts';
import { memoryRows } from './memory.ts';
import { migrationRows, topologyRows } from './migration.ts';
import { type AttributeCall, type AttributeRow, attributeGroups } from './row.ts';
import { todRows } from './tod.ts';

/** All attributes of a VM. */
export const attributeRows: readonly AttributeRow[] = [
  ...memoryRows,
  ...todRows,
  ...cryptoRows,
  ...cpuModelRows,
  ...migrationRows,
  ...topologyRows,
];

/** The row of an attribute, by the interface's numbers. */
export function attributeRow(group: number, attribute: number): AttributeRow | undefined {
  return attributeRows.find(
    (row) => attributeGroups[row.group] === group && (row.attribute === undefined || row.attribute === attribute),
  );
}

/** Whether a VM has an attribute: undefined when it does. */
export function hasAttribute(vm: KvmVm, group: number, attribute: number): Errno | undefined {
  const row = attributeRow(group, attribute);
  return row === undefined ? 'ENXIO' : row.has(vm);
}

/** Sets an attribute: undefined when that was done. */
export function setAttribute(
  vm: KvmVm,
  group: number,
  attribute: number,
  { flags = 0, data }: Partial<AttributeCall> = {},
): Errno | undefined {
  const row = attributeRow(group, attribute);
  if (row?.set === undefined) return badCall(group, flags);
  return row.set(vm, { flags, data }, attribute);
}

/** What an attribute is, as the interface has it: big endian. */
export function getAttribute(
  vm: KvmVm,
  group: number,
  attribute: number,
  { flags = 0, data }: Partial<AttributeCall> = {},
): Result<Uint8Array, Errno> {
  const row = attributeRow(group, attribute);
  return row?.get === undefined ? err(badCall(group, flags)) : row.get(vm, { flags, data });
}

// Flags are looked at in front of the attribute's number by the group of the clock alone.
function badCall(group: number, flags: number): Errno {
  return group === attributeGroups.tod && flags !== 0 ? 'EINVAL' : 'ENXIO';
}
