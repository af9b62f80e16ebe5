import { bigEndian } from '../bits/hex.ts';
import type { DebugSettings, MonitorPort } from '../debug/target.ts';
import type { RegisterRow } from '../machine/description.ts';
import type { Guest } from '../machine/guest.ts';
import { type Answer, type CommandRow, mistake } from './command.ts';
import { type Item, json, lines } from './item.ts';
import { nearest } from './nearest.ts';
import type { Scope } from './words.ts';

const JSON_WORD = '--json';
const HELP = 'help';

/** Carries out a debugger's `monitor` lines: finds the command, parses its words, renders what it says. */
export class Monitor<G extends Guest> implements MonitorPort {
  readonly commands: readonly CommandRow<G>[];
  readonly #guest: G;
  readonly #debug: DebugSettings;
  readonly #registers: ReadonlyMap<string, RegisterRow>;

  /** Throws when two commands have one name. */
  constructor(guest: G, debug: DebugSettings, commands: readonly CommandRow<G>[]) {
    this.#guest = guest;
    this.#debug = debug;
    this.commands = [...commands].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const [i, row] of this.commands.entries()) {
      if (row.name === HELP || row.name === this.commands[i + 1]?.name) {
        throw new Error(`two monitor commands are named ${row.name}`);
      }
    }
    const rows = guest.description.features.flatMap((f) => f.registers);
    this.#registers = new Map(rows.map((row): [string, RegisterRow] => [row.name, row]));
  }

  /** @inheritdoc */
  *execute(line: string, vcpu: number): Iterable<string> {
    const all = line.split(/\s+/).filter((word) => word !== '');
    const [name = HELP, ...rest] = all.filter((word) => word !== JSON_WORD);
    const inJson = all.includes(JSON_WORD);
    const row = this.commands.find((r) => r.name === (name === HELP ? rest[0] : name));
    if (name === HELP && (row !== undefined || rest.length === 0)) {
      return yield* inJson ? this.#helpInJson(row) : this.#help(row);
    }
    if (row === undefined) return yield* this.#unknown(name === HELP ? (rest[0] ?? HELP) : name, inJson);
    const answer = row.run({ guest: this.#guest, debug: this.#debug, vcpu }, rest, this.#scope(vcpu));
    const render = inJson ? asJson : asText;
    yield* render(row, answer.ok ? answer.value : refuse(answer.error));
  }

  /** What a command does; the list of all when none is given. */
  *#help(row: CommandRow<G> | undefined): Iterable<string> {
    if (row === undefined) {
      const width = Math.max(...this.commands.map((each) => form(each).length));
      for (const each of this.commands) yield `${form(each).padEnd(width)}  ${each.summary}`;
      yield 'help NAME says more. Every command takes --json. Numbers are decimal, or hex after 0x; $r15 is a register, &name a symbol.';
      return;
    }
    yield `usage: ${form(row)} [${JSON_WORD}]`;
    yield row.summary;
    yield* row.details;
  }

  *#helpInJson(row: CommandRow<G> | undefined): Iterable<string> {
    const described = (each: CommandRow<G>): object => ({ usage: form(each), summary: each.summary });
    if (row !== undefined) yield JSON.stringify({ ...described(row), details: row.details });
    else yield JSON.stringify(Object.fromEntries(this.commands.map((each) => [each.name, described(each)])));
  }

  *#unknown(name: string, inJson: boolean): Iterable<string> {
    const near = nearest(name, [...this.commands.map((row) => row.name), HELP]);
    const instead = near === undefined ? '; help lists them' : `; did you mean ${near}?`;
    const said = `there is no command ${name}${instead}`;
    yield inJson ? JSON.stringify({ mistake: said }) : said;
  }

  #scope(vcpu: number): Scope {
    const { description } = this.#guest;
    return {
      symbol: (name) => this.#guest.symbols?.address?.(name),
      register: (name) => {
        const row = this.#registers.get(name === 'pc' ? description.pcRegister : name);
        const bytes = row === undefined ? undefined : this.#guest.readRegister(vcpu, row);
        if (bytes === undefined) return undefined;
        return bigEndian(description.elf.data === 'msb' ? bytes : bytes.toReversed());
      },
    };
  }
}

interface Named {
  readonly name: string;
  readonly usage: string;
}

function form(row: Named): string {
  return row.usage === '' ? row.name : `${row.name} ${row.usage}`;
}

// biome-ignore lint/correctness/useYield: it ends before it says anything.
function* refuse(error: string): Answer {
  return mistake(error);
}

function* asText(row: Named, answer: Answer): Iterable<string> {
  for (;;) {
    const next = answer.next();
    if (next.done !== true) {
      yield* lines(next.value);
      continue;
    }
    if (next.value !== undefined) {
      yield `${row.name}: ${next.value.mistake}`;
      yield `usage: ${form(row)}`;
    }
    return;
  }
}

// Mistakes are JSON, too: a script reads one thing only.
function* asJson(row: Named, answer: Answer): Iterable<string> {
  const items: Item[] = [];
  for (;;) {
    const next = answer.next();
    if (next.done !== true) {
      items.push(next.value);
      continue;
    }
    yield next.value === undefined ? json(items) : JSON.stringify({ mistake: next.value.mistake, usage: form(row) });
    return;
  }
}
