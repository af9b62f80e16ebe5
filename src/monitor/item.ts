/** What a monitor command says: named values, rendered as lines for people or as JSON for scripts. */

import { hex } from '../bits/hex.ts';

/** A value that can be said. A bigint is shown in hex, a number in decimal. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** One named value. */
export interface Item {
  readonly name: string;
  readonly value: Value;
  /** What people read when it is not the value itself; one text for each element of a list. */
  readonly text?: string | readonly string[];
}

/** A value with its name, and with what people read when that is something else. */
export function item(name: string, value: Value, text?: string | readonly string[]): Item {
  return text === undefined ? { name, value } : { name, value, text };
}

function plain(value: Value): string {
  if (value === null) return 'none';
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(plain).join(', ');
  return Object.entries(value)
    .map(([name, part]) => `${name} ${plain(part)}`)
    .join(', ');
}

/** The lines of an item: `name = value`, or one line for each element of a list. */
export function* lines({ name, value, text }: Item): Iterable<string> {
  if (typeof text === 'string') yield `${name} = ${text}`;
  else if (text !== undefined && text.length > 0) yield* text.map((one, i) => `${name}[${i}] = ${one}`);
  else if (isList(value)) yield* value.map((one, i) => `${name}[${i}] = ${plain(one)}`);
  else yield `${name} = ${plain(value)}`;
}

// A list of plain values is short enough for one line.
function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'object' && one !== null);
}

/** All items as one JSON object on one line; bigints as `0x` strings. */
export function json(items: Iterable<Item>): string {
  const object = Object.fromEntries([...items].map(({ name, value }) => [name, value]));
  return JSON.stringify(object, (_, value: unknown) => (typeof value === 'bigint' ? hex(value) : value));
}
