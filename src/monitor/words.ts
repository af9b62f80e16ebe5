/** Parsers of the words behind a monitor command: small, total, and with an answer in words when they refuse. */

import { err, ok, type Result } from '../bits/result.ts';

/** What a word may refer to besides itself. */
export interface Scope {
  /** Value of a register of the vCPU in question, undefined when there is none of that name. */
  register(name: string): bigint | undefined;
  /** Address of a symbol of what runs in the guest, undefined when there is none of that name. */
  symbol?(name: string): bigint | undefined;
}

/** Reads one word; the error says what is wrong with it. */
export interface Parser<T> {
  /** How the word stands in a usage line. */
  readonly form: string;
  parse(word: string, scope: Scope): Result<T, string>;
}

/** Reads all words of a command. */
export type WordsParser<T> = (given: readonly string[], scope: Scope) => Result<T, string>;

/** A range of addresses, `last` included. */
export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

const MAX = 0xffff_ffff_ffff_ffffn;

function literal(word: string): bigint | undefined {
  const text = word.replaceAll('_', '');
  if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= MAX ? value : undefined;
}

function value(word: string, scope: Scope): Result<bigint, string> {
  const number = literal(word);
  if (number !== undefined) return ok(number);
  const name = /^[$&]?([A-Za-z_][\w.$]*)$/.exec(word)?.[1];
  const register = name === undefined || word.startsWith('&') ? undefined : scope.register(name);
  const found = register ?? (name === undefined || word.startsWith('$') ? undefined : scope.symbol?.(name));
  if (found !== undefined) return ok(found);
  const is = `${word} is no number of up to 64 bits (decimal, or hex after 0x), no register such as $r15 and no symbol known here`;
  // A server cannot ask gdb what an expression is while a command is carried out.
  return err(`${is}; gdb puts in what it knows: eval "monitor ... %#lx", (unsigned long) (${word})`);
}

/** A 64-bit value: decimal, hex after `0x`, a register with or without `$`, or a symbol with or without `&`. */
export const value64: Parser<bigint> = { form: 'VALUE', parse: value };

/** An address: a value, or a sum or difference of two such as `$r15+0x20`. */
export const address: Parser<bigint> = {
  form: 'ADDR',
  parse(word, scope) {
    const sum = /^([^+]+)([+])([^+]+)$/.exec(word);
    if (sum === null) return value(word, scope);
    const [left, right] = [value(sum[1] ?? '', scope), value(sum[3] ?? '', scope)];
    if (!left.ok) return left;
    return right.ok ? ok((left.value + right.value) & MAX) : right;
  },
};

/** A range of addresses: `A-B` with both ends included, `A+LENGTH`, or one address. */
export const range: Parser<Range> = {
  form: 'RANGE',
  parse(word, scope) {
    const parts = /^([^-+]+)([-+])([^-+]+)$/.exec(word);
    const first = value(parts?.[1] ?? word, scope);
    if (!first.ok) return first;
    if (parts === null) return ok({ first: first.value, last: first.value });
    const second = value(parts[3] ?? '', scope);
    if (!second.ok) return second;
    if (parts[2] === '+' && second.value === 0n) return err(`${word} is empty`);
    const last = parts[2] === '+' ? first.value + second.value - 1n : second.value;
    if (last < first.value) return err(`${word} ends before it begins`);
    return last > MAX ? err(`${word} ends past 64 bits`) : ok({ first: first.value, last });
  },
};

/** A decimal or hex number of at most `most`. */
export function number(form: string, most: number): Parser<number> {
  return {
    form,
    parse(word) {
      const found = literal(word);
      if (found === undefined || found > BigInt(most)) return err(`${word} is not a number from 0 to ${most}`);
      return ok(Number(found));
    },
  };
}

/** One of some words. */
export function oneOf<const W extends string>(...choices: readonly W[]): Parser<W> {
  const form = choices.join('|');
  return {
    form,
    parse(word) {
      const found = choices.find((choice) => choice === word);
      return found === undefined ? err(`${word} is none of ${choices.join(', ')}`) : ok(found);
    },
  };
}

/** The first of two parsers that takes the word; the error is the second's. */
export function either<A, B>(first: Parser<A>, second: Parser<B>): Parser<A | B> {
  return {
    form: `${first.form}|${second.form}`,
    parse(word, scope) {
      const found = first.parse(word, scope);
      return found.ok ? found : second.parse(word, scope);
    },
  };
}

/** Any word. */
export function word(form: string): Parser<string> {
  return { form, parse: (given) => ok(given) };
}

/** A word that may be left out. */
export interface Optional<T> {
  readonly optional: Parser<T>;
}

/** Lets a word be left out; words behind it must be optional, too. */
export function optional<T>(parser: Parser<T>): Optional<T> {
  return { optional: parser };
}

type Part = Parser<unknown> | Optional<unknown>;
type ValueOf<P> = P extends Optional<infer T> ? T | undefined : P extends Parser<infer T> ? T : never;
/** The values of parsers, in their order. */
export type Values<P extends readonly Part[]> = { -readonly [K in keyof P]: ValueOf<P[K]> };

/** Reads words one by one; too few and too many are mistakes. */
export function words<const P extends readonly Part[]>(...parts: P): WordsParser<Values<P>> {
  return (given, scope) => {
    if (given.length > parts.length) return err(`there is no place for ${given.slice(parts.length).join(' ')}`);
    const values: unknown[] = [];
    for (const [i, part] of parts.entries()) {
      const one = given[i];
      const parser = 'optional' in part ? part.optional : part;
      if (one === undefined) {
        if (!('optional' in part)) return err(`${parser.form} is missing`);
        values.push(undefined);
        continue;
      }
      const parsed = parser.parse(one, scope);
      if (!parsed.ok) return parsed;
      values.push(parsed.value);
    }
    return ok(values as Values<P>);
  };
}
