import type { Options } from 'yargs';

/** What stands behind an option. */
const forms: Readonly<Record<string, string>> = {
  initrd: 'FILE',
  symbols: 'FILE',
  module: 'FILE',
  append: 'TEXT',
  memory: 'SIZE',
  history: 'SIZE|off',
  smp: 'N',
  cpu: 'MODEL[,FEATURE=on|off]...',
  name: 'NAME',
  uuid: 'UUID',
  date: 'now|DATE',
  disk: 'FILE[,ro]',
  net: 'listen|connect=[HOST:]PORT[,mac=MAC]',
  hvc: '[HOST:]PORT',
  incoming: '[HOST:]PORT',
  snapshot: 'FILE',
  'save-on-crash': 'FILE',
  room: 'SIZE',
  script: 'FILE',
  cache: 'FOLDER',
  gdb: '[HOST:]PORT|none',
  console: 'stdio|none|FILE',
};

/** What stands behind an option, with a blank in front; nothing for one that is on or off. */
export function argumentOf(name: string, { type, choices }: Options): string {
  if (choices !== undefined) return ` ${choices.join('|')}`;
  if (type === 'boolean') return '';
  const form = forms[name];
  if (form === undefined) throw new Error(`what stands behind --${name} has no name in option-forms.ts`);
  return ` ${form}`;
}
