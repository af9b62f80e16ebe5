import type { Options } from 'yargs';
import type { CommandRow } from './commands.ts';
import { argumentOf } from './option-forms.ts';

/** What a manual page is made of, beside the rows. */
export interface PageParts {
  readonly version: string;
  readonly description: string;
  readonly rows: readonly CommandRow[];
  readonly epilogue: string;
}

/** The manual page of the program, for man(1). */
export function manualPage({ version, description, rows, epilogue }: PageParts): string {
  const options = new Map<string, { readonly option: Options; readonly commands: string[] }>();
  for (const row of rows) {
    for (const [name, option] of Object.entries(row.options)) {
      const known = options.get(name) ?? { option, commands: [] };
      known.commands.push(row.name);
      options.set(name, known);
    }
  }
  return [
    `.TH GUESTSCOPE 1 "" "guestscope ${roff(version)}" "User Commands"`,
    '.SH NAME',
    'guestscope \\- run a virtualized guest and look into it with gdb',
    '.SH SYNOPSIS',
    ...rows.flatMap((row) => ['.B guestscope', `${roff(form(row))} [\\fIoptions\\fR]`, '.br']),
    '.SH DESCRIPTION',
    text(description),
    '.SH COMMANDS',
    ...rows.flatMap((row) => ['.TP', `.B ${roff(form(row))}`, text(row.summary)]),
    '.SH OPTIONS',
    ...[...options].flatMap(([name, { option, commands }]) => [
      '.TP',
      `\\fB\\-\\-${roff(name)}\\fR${roff(argumentOf(name, option))}`,
      text(`${option.description ?? ''}${usual(option)} (${commands.join(', ')})`),
    ]),
    '.SH NOTES',
    ...epilogue.split('\n').flatMap((line) => [text(line), '.br']),
    '',
  ].join('\n');
}

function form({ name, word }: CommandRow): string {
  return word === undefined ? name : `${name} ${word.toUpperCase()}`;
}

function usual({ default: value, defaultDescription, type }: Options): string {
  const said = defaultDescription ?? (type === 'boolean' || value === undefined ? undefined : String(value));
  return said === undefined ? '' : `; usually ${said}`;
}

/** A line of text, which no request begins. */
function text(line: string): string {
  return roff(line).replace(/^([.'])/, '\\&$1');
}

function roff(words: string): string {
  return words.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}
