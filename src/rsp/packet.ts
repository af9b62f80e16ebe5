import { err, ok, type Result } from '../bits/result.ts';
import type { Parser } from './args.ts';
import type { PacketContext } from './context.ts';
import type { Reply } from './reply.ts';

/** What a packet row is defined by, next to its name and handler. */
export interface PacketDefinition<T> {
  /** Parses all that follows the name. */
  readonly args: Parser<T>;
  /** Form and meaning in one line, for the table of packets. */
  readonly doc: string;
  /** An item of the qSupported reply. */
  readonly feature?: string;
  /** An item of the qSupported reply that is only said to a client which said it first. */
  readonly agreed?: string;
  /** The operands hold raw bytes, in which `*` means itself. */
  readonly binary?: boolean;
  /** Also answered when the machine has been detached from or killed. */
  readonly anytime?: boolean;
}

/** A packet that the server knows. */
export interface PacketRow {
  readonly name: string;
  readonly doc: string;
  readonly feature: string | undefined;
  readonly agreed: string | undefined;
  readonly binary: boolean;
  readonly anytime: boolean;
  /** Parses the operands (already unescaped) and acts; the error says why they are malformed, and then nothing was done. */
  run(context: PacketContext, operands: Uint8Array): Result<Reply, string>;
}

/** Defines a packet: its name up to the operands, their parser, and what it does. */
export function packet<T>(
  name: string,
  definition: PacketDefinition<T>,
  handler: (context: PacketContext, args: T) => Reply,
): PacketRow {
  return {
    name,
    doc: definition.doc,
    feature: definition.feature,
    agreed: definition.agreed,
    binary: definition.binary ?? false,
    anytime: definition.anytime ?? false,
    run(context, operands) {
      const parsed = definition.args({ bytes: operands, at: 0 });
      return parsed.ok ? ok(handler(context, parsed.value)) : err(parsed.error);
    },
  };
}

/** Finds the row of a packet by its first bytes. */
export class Catalogue {
  readonly rows: readonly PacketRow[];
  readonly #byFirstByte: ReadonlyMap<number, readonly PacketRow[]>;

  /** Throws when two rows have one name. */
  constructor(rows: readonly PacketRow[]) {
    const names = new Set<string>();
    const byFirstByte = new Map<number, PacketRow[]>();
    for (const row of rows) {
      if (names.has(row.name)) throw new Error(`two packets are named ${row.name}`);
      names.add(row.name);
      const first = row.name.charCodeAt(0);
      byFirstByte.set(first, [...(byFirstByte.get(first) ?? []), row]);
    }
    for (const group of byFirstByte.values()) group.sort((a, b) => b.name.length - a.name.length);
    this.rows = rows;
    this.#byFirstByte = byFirstByte;
  }

  /** The row with the longest name that `body` starts with and that ends there, or undefined. */
  find(body: Uint8Array): PacketRow | undefined {
    return this.#byFirstByte.get(body[0] ?? -1)?.find((row) => hasName(body, row.name));
  }
}

/** Words (those of q, Q and v) must end where the name ends; one letter or `Z0` is followed by its operands at once. */
function hasName(body: Uint8Array, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (body[i] !== name.charCodeAt(i)) return false;
  }
  return !/^[qQv]/.test(name) || !isWordByte(body[name.length]);
}

function isWordByte(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z0-9_.-]/.test(String.fromCharCode(byte));
}
