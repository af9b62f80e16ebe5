/** The registry of monitor commands; the one file of this room that architectures import. */

import { ok, type Result } from '../bits/result.ts';
import type { DebugSettings } from '../debug/target.ts';
import type { Guest } from '../machine/guest.ts';
import type { Item } from './item.ts';
import type { Scope, WordsParser } from './words.ts';

export * from './item.ts';
export * from './words.ts';

/** What a command has to work with. */
export interface CommandContext<G extends Guest> {
  readonly guest: G;
  readonly debug: DebugSettings;
  /** Number of the vCPU that the debugger has selected. */
  readonly vcpu: number;
}

/** The user asked for something that cannot be: said together with the usage. */
export interface Mistake {
  readonly mistake: string;
}

/** What a command yields and how it may end. */
export type Answer = Generator<Item, Mistake | undefined>;

/** What a command is defined by, next to its name and handler. */
export interface CommandDefinition<T> {
  readonly words: WordsParser<T>;
  /** What stands behind the name, such as `ADDR [home|real]`. */
  readonly usage: string;
  /** One line: what it shows or does. */
  readonly summary: string;
  /** More lines for `help NAME`. */
  readonly details?: readonly string[];
}

/** A command that the monitor knows. */
export interface CommandRow<G extends Guest> {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly details: readonly string[];
  /** Parses the words; the error says why they are refused, and then nothing was done. */
  run(context: CommandContext<G>, given: readonly string[], scope: Scope): Result<Answer, string>;
}

/** Defines a command: the parser of its words, what `help` says of it, and what it does. */
export function command<G extends Guest, T>(
  name: string,
  definition: CommandDefinition<T>,
  handler: (context: CommandContext<G>, words: T, scope: Scope) => Answer,
): CommandRow<G> {
  return {
    name,
    usage: definition.usage,
    summary: definition.summary,
    details: definition.details ?? [],
    run(context, given, scope) {
      const parsed = definition.words(given, scope);
      return parsed.ok ? ok(handler(context, parsed.value, scope)) : parsed;
    },
  };
}

/** Ends a command's answer with what the user got wrong. */
export function mistake(words: string): Mistake {
  return { mistake: words };
}
