import { hexToBytes } from '../../bits/hex.ts';
import { err, ok } from '../../bits/result.ts';
import type { BreakpointKind } from '../../debug/target.ts';
import { args, hexAddress, hexCount, latin1, optional, type Parser, rest, seq } from '../args.ts';
import { type PacketRow, packet } from '../packet.ts';
import { errorCode, OK, refused, UNSUPPORTED } from '../reply.ts';

interface Kind {
  readonly digit: number;
  readonly kind: BreakpointKind;
  readonly title: string;
  /** The stop reason that the client must know before it is reported. */
  readonly agreed?: string;
  /** What is said of breakpoints of both kinds; each item stands in one row. */
  readonly feature?: string;
}

const kinds: readonly Kind[] = [
  { digit: 0, kind: 'software', title: 'a breakpoint', agreed: 'swbreak+', feature: 'ConditionalBreakpoints+' },
  { digit: 1, kind: 'hardware', title: 'a hardware breakpoint', agreed: 'hwbreak+', feature: 'BreakpointCommands+' },
  { digit: 2, kind: 'write', title: 'a write watchpoint' },
  { digit: 3, kind: 'read', title: 'a read watchpoint' },
  { digit: 4, kind: 'access', title: 'an access watchpoint' },
];

const place = args(',', hexAddress, ',', hexCount, optional(seq(';', rest)));

/** `Xlen,expression` once or more, with nothing in between; the length counts bytes. */
const expressions: Parser<readonly Uint8Array[]> = (cursor) => {
  const found: Uint8Array[] = [];
  while (cursor.bytes[cursor.at] === 'X'.charCodeAt(0)) {
    const head = seq('X', hexCount, ',')(cursor);
    if (!head.ok) return head;
    const bytes = hexToBytes(latin1(cursor.bytes.subarray(cursor.at, cursor.at + 2 * head.value[0])));
    if (bytes === undefined || bytes.length !== head.value[0]) return err('an expression is shorter than it says');
    found.push(bytes);
    cursor.at += 2 * bytes.length;
  }
  return found.length === 0 ? err('an expression is missing') : ok(found);
};

/** What may stand behind the place of a breakpoint. */
const conditional = args(
  ',',
  hexAddress,
  ',',
  hexCount,
  optional(seq(';', expressions)),
  optional(seq(';cmds:', hexCount, ',', expressions)),
);

function insertionOf({ digit, kind, title, agreed, feature }: Kind): PacketRow {
  const name = `Z${digit}`;
  if (digit >= 2) {
    return packet(
      name,
      { args: place, doc: `${name},addr,length: insert ${title}` },
      ({ target, vcpu }, [address, length]) => {
        if (length === 0) return refused('a watchpoint of no bytes', errorCode.malformed);
        if (address + BigInt(length) > 1n << 64n)
          return refused('the range goes past the last address', errorCode.malformed);
        return target.insertBreakpoint(kind, address, length, vcpu) ? OK : UNSUPPORTED;
      },
    );
  }
  const doc = `${name},addr,kind[;Xlen,expr...][;cmds:persist,Xlen,expr...]: insert ${title}, with conditions of which one must hold, and commands in place of the stop`;
  return packet(
    name,
    {
      args: conditional,
      doc,
      ...(agreed === undefined ? {} : { agreed }),
      ...(feature === undefined ? {} : { feature }),
    },
    ({ target, vcpu }, [address, length, conditions, commands]) => {
      const agent = { conditions: conditions?.[0] ?? [], commands: commands?.[1] ?? [] };
      return target.insertBreakpoint(kind, address, length, vcpu, agent) ? OK : UNSUPPORTED;
    },
  );
}

function rowsOf(each: Kind): readonly PacketRow[] {
  const { digit, kind, title } = each;
  return [
    insertionOf(each),
    packet(
      `z${digit}`,
      { args: place, doc: `z${digit},addr,kind: remove ${title}` },
      ({ target }, [address, length]) => (target.removeBreakpoint(kind, address, length) ? OK : UNSUPPORTED),
    ),
  ];
}

/** Breakpoints and watchpoints: `Z` and `z` for each kind. */
export const breakpointPackets: readonly PacketRow[] = kinds.flatMap(rowsOf);
