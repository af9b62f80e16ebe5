/** What the tables of rows say in the documentation. `npm run docs` writes it; test/rules/docs.test.ts holds it. */

import type { Options } from 'yargs';
import { ppc64Commands } from '../src/arch/ppc64/monitor/commands.ts';
import { s390xCommands } from '../src/arch/s390x/monitor/commands.ts';
import { linuxOptions } from '../src/cli/linux/command.ts';
import { argumentOf } from '../src/cli/option-forms.ts';
import { commonOptions } from '../src/cli/options.ts';
import { runOptions } from '../src/cli/run.ts';
import { breakpointCommands } from '../src/monitor/breakpoints/commands.ts';
import { migrateCommand } from '../src/monitor/migrate.ts';
import { pastCommands } from '../src/monitor/past/commands.ts';
import { snapshotCommand } from '../src/monitor/snapshot.ts';
import { packets } from '../src/rsp/packets/index.ts';
import { type Allowed, layers, typesOf, wings } from '../test/rules/layers.ts';
import { instructionsPage } from './instructions.ts';

/** A file with generated contents; `render` gives the whole file, from what is in it now. */
export interface GeneratedFile {
  readonly path: string;
  render(current: string): string;
}

const note = '<!-- Generated from the rows by `npm run docs`: change those. -->';

/** Every file with generated contents. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/packets.md', render: packetsPage },
  { path: 'docs/monitor-commands.md', render: monitorPage },
  { path: 'docs/instructions.md', render: () => instructionsPage(note) },
  { path: 'docs/ARCHITECTURE.md', render: (current) => between(current, 'rooms', roomTable()) },
  { path: 'README.md', render: readme },
];

function readme(current: string): string {
  const withOptions = between(current, 'options', optionTable());
  const withPackets = between(withOptions, 'packets', packetTable());
  return between(withPackets, 'monitor', commandTable());
}

/** `text` with what stands between the markers of `name` replaced. */
export function between(text: string, name: string, contents: string): string {
  const begin = `<!-- ${name}:begin (generated) -->\n`;
  const end = `<!-- ${name}:end -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the markers of ${name} are not there`);
  return `${text.slice(0, from + begin.length)}${contents}${text.slice(to)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** Who may import whom, rooms of wings included. */
function roomTable(): string {
  const rows = (rooms: Allowed, types: Allowed, prefix: string): string[][] =>
    Object.entries(rooms).map(([room, open]) => {
      const name = (entry: string): string => (entry === '.' ? 'files at the top' : `\`${entry}\``);
      const list = (entries: readonly string[]): string => entries.map(name).join(', ');
      return [`\`${prefix}${room === '.' ? '*.ts' : room}\``, list(open), list(types[room] ?? [])];
    });
  return table(
    ['Room', 'may import', 'may know types of'],
    [
      ...rows(layers, typesOf, ''),
      ...Object.entries(wings).flatMap(([arch, wing]) => rows(wing.rooms, wing.typesOf, `arch/${arch}/`)),
    ],
  );
}

function optionTable(): string {
  const of = (commands: string, options: Readonly<Record<string, Options>>) =>
    Object.entries(options).map(([name, option]) => [commands, name, option] as const);
  const { initrd, symbols, ...shared } = runOptions;
  const { gdb, ...running } = commonOptions;
  const rows = [
    ...of('run', { initrd }),
    ...of('run, core', { symbols }),
    ...of('run, linux', shared),
    ...of('linux', linuxOptions),
    ...of('all', { gdb }),
    ...of('demo, run, linux', running),
  ];
  return table(
    ['Option', 'of', 'Meaning', 'Default'],
    rows.map(([commands, name, option]) => [
      `\`--${name}${argumentOf(name, option)}\``,
      commands,
      option.description ?? '',
      defaultOf(option),
    ]),
  );
}

function defaultOf({ default: value, defaultDescription, type }: Options): string {
  if (defaultDescription !== undefined) return defaultDescription;
  return value === undefined || type === 'boolean' ? '' : `\`${value}\``;
}

/** Form and meaning of a row's `doc`. */
function parts(doc: string): readonly [form: string, meaning: string] {
  const at = doc.indexOf(': ');
  return [doc.slice(0, at), doc.slice(at + 2)];
}

function packetTable(): string {
  return table(
    ['Packet', 'What it does'],
    packets.map(({ doc }) => {
      const [form, meaning] = parts(doc);
      return [`\`${form}\``, meaning];
    }),
  );
}

function packetsPage(): string {
  const rows = packets.map((row) => {
    const [form, meaning] = parts(row.doc);
    const feature = row.feature ?? row.agreed;
    const said = row.agreed === undefined ? '' : ' when the client says it';
    const notes = [row.binary ? 'carries raw bytes' : '', row.anytime ? 'answered after a detach, too' : ''];
    const items = feature === undefined ? '' : `\`${feature}\`${said}`;
    return [`\`${form}\``, meaning, items, notes.filter((n) => n !== '').join('; ')];
  });
  return `# Packets

${note}

Every packet of the GDB Remote Serial Protocol that the server answers. Any other gets the empty reply, which tells the
client that it is not known. A malformed packet gets an error reply, and nothing else happens.

${table(['Packet', 'What it does', 'Item of qSupported', 'Notes'], rows)}
## What a watchpoint means

A watchpoint means the storage behind its addresses, as the vCPU that the client had selected when it set it (\`Hg\`, or the
last stop) sees that storage when the guest is resumed. It is met however that storage is reached: by another address, through
another prefix, in another address space (the secondary space of MVCOS and its kin, access registers), by another vCPU, by a
hypervisor's or device's store, by an interruption that stores its old PSW. The same address of another space, or behind another
prefix, is other storage and does not count.

A write watchpoint is met by a store that changes a watched byte: what a store hits is compared before and after. Of more than
a mebibyte of watched bytes no old contents are kept, and every store into them is a stop, which gdb filters. What the client
stores itself is no change of the guest's. Read watchpoints are met by operands that a CPU fetches, those among them that it
fetches to change them (XC, TR, AP, CS, LAA), not by instructions, and not by what a device reads.

When a page of the watched space gets another frame while the guest runs, that frame is watched from the next access of that
space on. Where the vCPU sees nothing behind the address, the first of its other spaces counts that has something there, such
as the secondary space, which is the process's while Linux is in its kernel; if none has, any space that comes to use the address.
The stop is reported behind the instruction on the vCPU that executed it, or, for a device that stores by itself, on the one that
would run next.
`;
}

const usageOf = (row: { readonly name: string; readonly usage: string }): string => `${row.name} ${row.usage}`.trim();

/** Those of the wing and those of every wing, by name. */
/** What a row of a command says of it. */
interface CommandText {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly details: readonly string[];
}

function allCommands(): CommandText[] {
  // Nothing is asked of the port.
  const migrate = migrateCommand({
    begin: () => undefined,
    cancel: () => false,
    resume: () => false,
    progress: undefined,
  });
  const snapshot = snapshotCommand({ save: () => ({ refused: '' }), load: () => ({ refused: '' }) });
  return [...s390xCommands, ...breakpointCommands, ...pastCommands, migrate, snapshot].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

function commandTable(): string {
  return table(
    ['Command', 'What it does'],
    allCommands().map((row) => [`\`monitor ${usageOf(row)}\``, row.summary]),
  );
}

function monitorPage(): string {
  const section = (row: CommandText, heading: string): string => {
    const details = row.details.length === 0 ? '' : `\n${row.details.join('\n')}\n`;
    return `${heading} ${row.name}\n\n    monitor ${usageOf(row)} [--json]\n\n${sentence(row.summary)}\n${details}`;
  };
  const sections = allCommands().map((row) => section(row, '##'));
  const ofPpc64 = [...ppc64Commands].sort((a, b) => (a.name < b.name ? -1 : 1)).map((row) => section(row, '###'));
  return `# Monitor commands

${note}

In gdb, \`monitor COMMAND\`; \`monitor help\` lists them. Lines are \`name = value\`, numbers in hex after \`0x\`. With \`--json\` the
answer is one JSON object on one line, with bigger numbers as \`0x\` strings; a mistake is an object with \`mistake\` and \`usage\`.

A number is decimal, or hex after \`0x\`, with \`_\` between digits where that helps. An address may be a register of the selected
vCPU (\`$r15\`, \`pc\`) or a sum (\`$r15+0xa0\`). A range is \`A-B\` with both ends, \`A+LENGTH\`, or one address.

No command changes what the guest sees.

These are the commands for s390x guests. Those about breakpoints, migration, the past and snapshots are for ppc64 guests, too, which have
[commands of their own](#ppc64) besides.

${sections.join('\n')}
## ppc64

What guests of the second architecture have in the place of the commands above that are about s390x.

${ofPpc64.join('\n')}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
