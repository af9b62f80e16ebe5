/** How the s390x commands show things. */

import { hex } from '../../../bits/hex.ts';
import { type Item, item } from '../../../monitor/command.ts';
import { describePsw, isValidPsw, type Psw } from '../cpu/psw.ts';

/** A PSW: raw as a debugger's registers have it, and in words. */
export function pswItem(name: string, psw: Psw): Item {
  const value = { mask: psw.mask, address: psw.address, valid: isValidPsw(psw), meaning: describePsw(psw) };
  return item(name, value, pswText(psw));
}

/** A PSW on one line. */
export function pswText(psw: Psw): string {
  const invalid = isValidPsw(psw) ? '' : ', invalid';
  return `${hex(psw.mask, 16)} ${hex(psw.address, 16)} (${describePsw(psw)}${invalid})`;
}

/** Names of the flags that are set in a word. */
export function flagNames(word: number, flags: Readonly<Record<string, number>>): string[] {
  return Object.entries(flags)
    .filter(([, bit]) => (word & bit) !== 0)
    .map(([name]) => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`));
}

/** A word with the names of its flags. */
export function flagsItem(name: string, word: number, digits: number, flags: Readonly<Record<string, number>>): Item {
  const names = flagNames(word, flags);
  return item(
    name,
    { value: BigInt(word >>> 0), flags: names },
    `${hex(word >>> 0, digits)}${inBrackets(names.join(' '))}`,
  );
}

/** ` (text)`, or nothing. */
export function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

/** A range of addresses, last byte included. */
export function rangeText(first: number, bytes: number): string {
  return `${hex(first)}-${hex(first + bytes - 1)}`;
}

/** Joins neighbours that `joins` says belong together; each run is its first element and how many follow on. */
export function runs<T>(
  all: Iterable<T>,
  joins: (last: T, next: T) => boolean,
): { readonly first: T; readonly count: number }[] {
  const found: { first: T; count: number }[] = [];
  let last: T | undefined;
  for (const one of all) {
    const run = found.at(-1);
    if (run !== undefined && last !== undefined && joins(last, one)) run.count++;
    else found.push({ first: one, count: 1 });
    last = one;
  }
  return found;
}
