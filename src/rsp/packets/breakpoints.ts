import type { BreakpointKind } from '../../debug/target.ts';
import { args, hexAddress, hexCount, optional, rest, seq } from '../args.ts';
import { type PacketRow, packet } from '../packet.ts';
import { errorCode, OK, refused, UNSUPPORTED } from '../reply.ts';

interface Kind {
  readonly digit: number;
  readonly kind: BreakpointKind;
  readonly title: string;
  /** The stop reason that the client must know before it is reported. */
  readonly agreed?: string;
}

const kinds: readonly Kind[] = [
  { digit: 0, kind: 'software', title: 'a breakpoint', agreed: 'swbreak+' },
  { digit: 1, kind: 'hardware', title: 'a hardware breakpoint', agreed: 'hwbreak+' },
  { digit: 2, kind: 'write', title: 'a write watchpoint' },
  { digit: 3, kind: 'read', title: 'a read watchpoint' },
  { digit: 4, kind: 'access', title: 'an access watchpoint' },
];

/** Conditions and commands may follow; they are not offered, and a client that sends them still gets its stop. */
const place = args(',', hexAddress, ',', hexCount, optional(seq(';', rest)));

function rowsOf({ digit, kind, title, agreed }: Kind): readonly PacketRow[] {
  const watches = digit >= 2;
  return [
    packet(
      `Z${digit}`,
      { args: place, doc: `Z${digit},addr,kind: insert ${title}`, ...(agreed === undefined ? {} : { agreed }) },
      ({ target, vcpu }, [address, length]) => {
        if (watches && length === 0) return refused('a watchpoint of no bytes', errorCode.malformed);
        return target.insertBreakpoint(kind, address, length, vcpu) ? OK : UNSUPPORTED;
      },
    ),
    packet(
      `z${digit}`,
      { args: place, doc: `z${digit},addr,kind: remove ${title}` },
      ({ target }, [address, length]) => (target.removeBreakpoint(kind, address, length) ? OK : UNSUPPORTED),
    ),
  ];
}

/** Breakpoints and watchpoints: `Z` and `z` for each kind. */
export const breakpointPackets: readonly PacketRow[] = kinds.flatMap(rowsOf);
