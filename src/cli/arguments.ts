import type { Options } from 'yargs';
import { nearest } from '../monitor/nearest.ts';
import { UserError } from './user-error.ts';

/** The options of each command by its name. */
export type CommandOptions = Readonly<Record<string, Readonly<Record<string, Options>>>>;

/** A word of the command line, and the option that it gives. */
interface Word {
  readonly word: string;
  readonly option: string | undefined;
}

/** Options that every command takes. */
const everywhere = ['help', 'version'];
/** Letters that stand for options. */
const letters: Readonly<Record<string, string>> = { h: 'help', V: 'version' };

/**
 * Checks the words of a command line, and gives them in a form that has one reading: an option that takes a value takes the
 * next word, whatever that begins with, and has it in its own word. An option that is on or off may be repeated, one with a
 * value only if its values are collected. A mistake is told in words that name it and what there is instead.
 */
export function readArguments(args: readonly string[], commands: CommandOptions): string[] {
  const all: Readonly<Record<string, Options>> = Object.assign({}, ...Object.values(commands));
  const words: Word[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') {
      words.push(...args.slice(i).map((rest) => ({ word: rest, option: undefined })));
      break;
    }
    const option = optionOf(word, all);
    const definition = option === undefined ? undefined : all[option];
    if (definition?.requiresArg !== true || word.includes('=')) {
      words.push({ word, option });
      continue;
    }
    const value = args[++i];
    if (value === undefined) throw usage(`--${option} needs a value behind it`);
    words.push({ word: `--${option}=${value}`, option });
  }
  checkCommand(words, commands);
  for (const { word, option } of words) if (option !== undefined) checkChoice(word, option, all[option]);
  checkRepeated(words, all);
  return words
    .filter(({ option }, i) => {
      const last = words.findLastIndex((w) => w.option === option) === i;
      return option === undefined || last || all[option]?.array === true;
    })
    .map(({ word }) => word);
}

/** The option that a word names; undefined when it is none. Throws when there is no such option. */
function optionOf(word: string, all: Readonly<Record<string, Options>>): string | undefined {
  const short = /^-([A-Za-z].*)$/.exec(word)?.[1];
  if (short !== undefined) {
    const known = letters[short];
    if (known !== undefined) return known;
    const meant = short.toLowerCase() === 'v' ? ': -V or --version shows the version' : '; --help lists the options';
    throw usage(`there is no option -${short}${meant}`);
  }
  const name = /^--([^=]+)/.exec(word)?.[1];
  if (name === undefined) return undefined;
  const names = [...Object.keys(all), ...everywhere];
  if (names.includes(name)) return name;
  const near = nearest(name, names);
  throw usage(`there is no option --${name}${near === undefined ? '' : `, did you mean --${near}?`}`);
}

function checkCommand(words: readonly Word[], commands: CommandOptions): void {
  const command = words.find(({ word, option }) => option === undefined && word !== '--')?.word;
  if (command === undefined || command === 'help') return;
  const options = commands[command];
  if (options === undefined) {
    const names = Object.keys(commands);
    const near = nearest(command, names);
    const instead = near === undefined ? '' : `, did you mean ${near}?`;
    throw usage(`there is no command ${command}${instead} (there are ${names.join(', ')})`);
  }
  const strange = words.find(
    ({ option }) => option !== undefined && !(option in options) && !everywhere.includes(option),
  );
  if (strange !== undefined) throw usage(`${command} takes no option --${strange.option}`);
}

function checkChoice(word: string, option: string, definition: Options | undefined): void {
  const choices = definition?.choices;
  if (choices === undefined) return;
  const value = word.slice(word.indexOf('=') + 1);
  if (!choices.includes(value)) throw usage(`--${option} ${value}: give ${choices.join(' or ')}`);
}

// The first value and the second may have been meant alike: a script's own and its user's.
function checkRepeated(words: readonly Word[], all: Readonly<Record<string, Options>>): void {
  const given = new Map<string, string>();
  for (const { word, option } of words) {
    if (option === undefined || all[option]?.requiresArg !== true || all[option]?.array === true) continue;
    const value = word.slice(word.indexOf('=') + 1);
    const first = given.get(option);
    if (first !== undefined) throw usage(`--${option} is given twice, as ${first} and as ${value}`);
    given.set(option, value);
  }
}

/** A mistake in the words of the command line. */
function usage(message: string): UserError {
  return new UserError('usage', `${message}; guestscope --help says more`);
}
