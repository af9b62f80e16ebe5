import type { CommandModule } from 'yargs';
import type { CommandRow } from './commands.ts';
import { UserError } from './user-error.ts';

const everywhere = ['--help', '--version'];

interface CompletionArguments {
  readonly shell: string;
}

/** `guestscope completion SHELL`; `say` is given the text to print. */
export function completionCommand(
  rows: readonly CommandRow[],
  say: (text: string) => void,
): CommandModule<object, CompletionArguments> {
  return {
    command: 'completion <shell>',
    builder: (yargs) => yargs.positional('shell', { type: 'string', demandOption: true, description: 'bash or zsh' }),
    handler: ({ shell }) => {
      if (shell !== 'bash' && shell !== 'zsh') {
        throw new UserError('usage', `completion ${shell}: give bash or zsh; guestscope --help says more`);
      }
      say(completionScript(rows, shell));
    },
  };
}

/** A script that a shell sources: from then on it completes commands, options, and what may stand behind them. */
export function completionScript(rows: readonly CommandRow[], shell: 'bash' | 'zsh'): string {
  const names = rows.map((r) => r.name);
  const ofCommand = (row: CommandRow): string => {
    const options = [...Object.keys(row.options).map((name) => `--${name}`), ...everywhere];
    return `    ${row.name}) options='${options.join(' ')}'; words='${(row.words ?? []).join(' ')}' ;;`;
  };
  const choices = new Map<string, string>();
  for (const row of rows) {
    for (const [name, option] of Object.entries(row.options)) {
      if (option.choices !== undefined) choices.set(name, option.choices.join(' '));
    }
  }
  const ofOption = ([name, words]: readonly [string, string]): string => `    --${name}) words='${words}' ;;`;
  const lines = [
    ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_guestscope() {',
    `  local cur=$\{COMP_WORDS[COMP_CWORD]} prev=$\{COMP_WORDS[COMP_CWORD-1]} command= options= words= word`,
    "  # Bash makes words of their own of what stands on either side of '='.",
    `  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=$\{COMP_WORDS[COMP_CWORD-2]}; fi`,
    `  for word in "$\{COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    `    case $word in ${names.join('|')}) command=$word; break ;; esac`,
    '  done',
    '  case $command in',
    ...rows.map(ofCommand),
    `    *) options='${everywhere.join(' ')}'; words='${names.join(' ')}' ;;`,
    '  esac',
    '  case $prev in',
    ...[...choices].map(ofOption),
    '    --*) [[ $prev == --wait || $prev == --debuginfo ]] || words= ;;',
    '  esac',
    '  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$cur"))',
    '  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '  else COMPREPLY=($(compgen -f -- "$cur")); fi',
    '}',
    'complete -o filenames -F _guestscope guestscope',
  ];
  return lines.join('\n');
}
