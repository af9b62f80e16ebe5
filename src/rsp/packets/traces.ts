import { hexToBytes } from '../../bits/hex.ts';
import { err, ok } from '../../bits/result.ts';
import type { FrameWish, TraceAction, TraceEnd, TracePort, Tracepoint } from '../../debug/target.ts';
import { args, hexAddress, hexCount, latin1, map, oneOf, optional, type Parser, rest, seq } from '../args.ts';
import type { PacketContext } from '../context.ts';
import { type PacketRow, packet } from '../packet.ts';
import { documentReply, hexReply, OK, type Reply, refused, text, UNSUPPORTED } from '../reply.ts';
import { slice } from './slice.ts';

/** A handler that needs tracepoints; where there are none the packet is not supported. */
function tracing<T>(handler: (traces: TracePort, args: T, context: PacketContext) => Reply) {
  return (context: PacketContext, given: T): Reply => {
    const { traces } = context.target;
    return traces === undefined ? UNSUPPORTED : handler(traces, given, context);
  };
}

const textRest: Parser<string> = map(rest, latin1);

/** `Xlen,expression`. */
const condition: Parser<Uint8Array> = (cursor) => {
  const head = seq('X', hexCount, ',')(cursor);
  if (!head.ok) return head;
  const end = cursor.at + 2 * head.value[0];
  const bytes = hexToBytes(latin1(cursor.bytes.subarray(cursor.at, end)));
  if (bytes === undefined || bytes.length !== head.value[0]) return err('an expression is shorter than it says');
  cursor.at = end;
  return ok(bytes);
};
const switches = oneOf(
  map(seq('E'), () => true),
  map(seq('D'), () => false),
);
/** What defines a tracepoint; behind it may stand what this server does not need, and a sign that actions follow. */
const definition = seq(
  hexCount,
  ':',
  hexAddress,
  ':',
  switches,
  ':',
  hexCount,
  ':',
  hexCount,
  optional(seq(':', condition)),
  optional(seq('-')),
);
const actions = seq('-', hexCount, ':', hexAddress, ':', textRest);

/** The actions in a text; undefined when it is none. `S` says that those behind it are for steps. */
function actionsOf(given: string): { readonly steps: boolean; readonly all: TraceAction[] } | undefined {
  const all: TraceAction[] = [];
  const steps = given.startsWith('S');
  const parts = /R([\da-fA-F]+)|M(-?[\da-fA-F]+),([\da-fA-F]+),([\da-fA-F]+)|X([\da-fA-F]+),|L|S/y;
  for (let at = 0; at < given.length && given[at] !== '-'; at = parts.lastIndex) {
    parts.lastIndex = at;
    const [whole, mask, base, offset, length, bytes] = parts.exec(given) ?? [];
    if (whole === undefined) return undefined;
    if (mask !== undefined) all.push({ kind: 'registers', mask: BigInt(`0x${mask}`) });
    if (base !== undefined) {
      const [from, count] = [BigInt(`0x${offset}`), Number.parseInt(length ?? '', 16)];
      const register = base.startsWith('-') ? undefined : Number.parseInt(base, 16);
      all.push({ kind: 'memory', base: register, offset: from, length: count });
    }
    if (bytes !== undefined) {
      const end = at + whole.length + 2 * Number.parseInt(bytes, 16);
      const expression = hexToBytes(given.slice(at + whole.length, end));
      if (expression === undefined || end > given.length) return undefined;
      all.push({ kind: 'expression', text: expression });
      parts.lastIndex = end;
    }
  }
  return { steps, all };
}

const hex = (n: number | bigint): string => n.toString(16);

function endText(end: TraceEnd): string {
  switch (end.kind) {
    case 'new':
      return 'tnotrun:0';
    case 'stopped':
      return 'tstop::0';
    case 'full':
      return 'tfull:0';
    case 'passes':
      return `tpasscount:${hex(end.tracepoint)}`;
  }
}
function statusText({ status }: TracePort): string {
  const { running, end, frames, created, size, free, circular, disconnected } = status;
  const counts = `tframes:${hex(frames)};tcreated:${hex(created)};tfree:${hex(free)};tsize:${hex(size)}`;
  const how = `circular:${circular ? 1 : 0};disconn:${disconnected ? 1 : 0}`;
  return `T${running ? 1 : 0};${running ? 'tnotrun:0' : endText(end)};${counts};${how}`;
}

const defining: readonly PacketRow[] = [
  packet(
    'QTinit',
    { args: args(), doc: 'QTinit: forget all tracepoints and frames' },
    tracing((traces) => {
      traces.clear();
      return OK;
    }),
  ),
  packet(
    'QTDP',
    {
      args: args(':', oneOf<Parameters<typeof define>[1]>(actions, definition)),
      doc: 'QTDP:[-]n:addr:...: define a tracepoint: enabled or not, steps, passes, condition; with `-` what it collects',
      feature: 'ConditionalTracepoints+',
    },
    tracing((traces, [given]) => define(traces, given)),
  ),
  packet(
    'QTDPsrc',
    {
      args: args(':', hexCount, ':', hexAddress, ':', textRest),
      doc: 'QTDPsrc:n:addr:type:start:length:text: how the user wrote it, for a debugger that comes back',
      feature: 'TracepointSource+',
    },
    tracing((traces, [number, address, source]) => {
      traces.point(number, address)?.told.push(`Z${hex(number)}:${hex(address)}:${source}`);
      return OK;
    }),
  ),
  packet(
    'QTDV',
    {
      args: args(':', hexCount, ':', hexAddress, ':', hexCount, ':', textRest),
      doc: 'QTDV:n:value:builtin:name: define a trace state variable',
      feature: 'tracenz+',
    },
    tracing((traces, [number, initial, builtin, name]) => {
      if (builtin === 0) traces.defineVariable({ number, initial: BigInt.asIntN(64, initial), name });
      return OK;
    }),
  ),
  ...([true, false] as const).map((on) =>
    packet(
      on ? 'QTEnable' : 'QTDisable',
      {
        args: args(':', hexCount, ':', hexAddress),
        doc: `QT${on ? 'Enable' : 'Disable'}:n:addr: turn a tracepoint ${on ? 'on' : 'off'}; one that is not known is none to care about`,
        ...(on ? { feature: 'EnableDisableTracepoints+' } : {}),
      },
      tracing<[number, bigint]>((traces, [number, address]) => {
        traces.enable(number, address, on);
        return OK;
      }),
    ),
  ),
  packet(
    'QTro',
    { args: args(optional(seq(':', rest))), doc: 'QTro:start,end:...: where nothing changes: nothing depends on it' },
    tracing(() => OK),
  ),
  packet(
    'QTNotes',
    { args: args(':', rest), doc: 'QTNotes:type:text;...: notes of the user; they are dropped' },
    tracing(() => OK),
  ),
  packet(
    'QTDisconnected',
    {
      args: args(':', hexCount),
      doc: 'QTDisconnected:n: whether the run goes on without a debugger',
      feature: 'DisconnectedTracing+',
    },
    tracing((traces, [on]) => {
      traces.setBuffer({ disconnected: on !== 0 });
      return OK;
    }),
  ),
  packet(
    'QTBuffer',
    {
      args: args(':', oneOf<[number] | [string]>(seq('circular:', hexCount), seq('size:', textRest))),
      doc: 'QTBuffer:circular:n, QTBuffer:size:n: whether the oldest frames go when the buffer is full; its size in bytes',
      feature: 'QTBuffer:size+',
    },
    tracing((traces, [[value]]) => {
      if (typeof value === 'number') traces.setBuffer({ circular: value !== 0 });
      else if (value !== '-1') traces.setBuffer({ size: Number.parseInt(value, 16) });
      return OK;
    }),
  ),
];

function define(
  traces: TracePort,
  given: [number, bigint, string] | [number, bigint, boolean, number, number, [Uint8Array] | undefined, unknown],
): Reply {
  const [number, address, third] = given;
  if (typeof third === 'string') {
    const point = traces.point(number, address);
    const found = actionsOf(third);
    if (point === undefined || found === undefined) return refused('no such tracepoint, or no such action');
    // Those of steps come last, and all that follow are theirs.
    const steps = found.steps || point.stepActions.length > 0;
    (steps ? point.stepActions : point.actions).push(...found.all);
    point.told.push(`${steps ? 'S' : 'A'}${hex(number)}:${hex(address)}:${third.replace(/^S|-$/g, '')}`);
    return OK;
  }
  const [, , enabled, steps, passes, has] = given as Extract<typeof given, { readonly length: 7 }>;
  return traces.define({ number, address, enabled, steps, passes, condition: has?.[0] })
    ? OK
    : refused('there is such a tracepoint');
}

function uploaded({ number, address, enabled, steps, passes, condition: has, told }: Tracepoint): string[] {
  const expression = has === undefined ? '' : `:X${hex(has.length)},${Buffer.from(has).toString('hex')}`;
  const head = `T${hex(number)}:${hex(address)}:${enabled ? 'E' : 'D'}:${hex(steps)}:${hex(passes)}${expression}`;
  return [head, ...told];
}

const running: readonly PacketRow[] = [
  packet(
    'QTStart',
    { args: args(), doc: 'QTStart: begin to collect, with an empty buffer' },
    tracing((traces) => {
      traces.start();
      return OK;
    }),
  ),
  packet(
    'QTStop',
    { args: args(), doc: 'QTStop: collect no more' },
    tracing((traces) => {
      traces.stop();
      return OK;
    }),
  ),
  packet(
    'qTStatus',
    { args: args(), doc: 'qTStatus: whether a run collects, why it is over, and what it has' },
    tracing((traces) => text(statusText(traces))),
  ),
  packet(
    'qTP',
    { args: args(':', hexCount, ':', hexAddress), doc: 'qTP:n:addr: hits of a tracepoint, and bytes of its frames' },
    tracing((traces, [number, address]) => {
      const point = traces.point(number, address);
      return point === undefined ? refused('no such tracepoint') : text(`V${hex(point.hits)}:${hex(point.bytes)}`);
    }),
  ),
  packet(
    'qTV',
    { args: args(':', hexCount), doc: 'qTV:n: the value of a trace state variable, in the frame that is looked at' },
    tracing((traces, [number]) => {
      const { view } = traces;
      const live = traces.variables.find((one) => one.number === number)?.value;
      const value = view === undefined ? live : view.variable(number);
      return text(value === undefined ? 'U' : `V${hex(BigInt.asUintN(64, value))}`);
    }),
  ),
  ...listing('P', 'tracepoints as they were defined', (traces) => traces.points.flatMap(uploaded)),
  ...listing('V', 'trace state variables', (traces) =>
    traces.variables.map(({ number, initial, name }) => `${hex(number)}:${hex(BigInt.asUintN(64, initial))}:0:${name}`),
  ),
];

// One reply with all of them: no list is too long for a packet.
function listing(letter: 'P' | 'V', what: string, all: (traces: TracePort) => readonly string[]): PacketRow[] {
  return [
    packet(
      `qTf${letter}`,
      { args: args(), doc: `qTf${letter}: the first of the ${what}` },
      tracing((traces, _, context) => {
        context.listed = [...all(traces)];
        return text(context.listed.shift() ?? 'l');
      }),
    ),
    packet(
      `qTs${letter}`,
      { args: args(), doc: `qTs${letter}: the next of them` },
      tracing((_, __, context) => text(context.listed.shift() ?? 'l')),
    ),
  ];
}

const wish: Parser<FrameWish | undefined> = oneOf<FrameWish | undefined>(
  map(seq('pc:', hexAddress), ([at]) => ({ kind: 'range', first: at, last: at, inside: true })),
  map(seq('tdp:', hexCount), ([tracepoint]) => ({ kind: 'tracepoint', tracepoint })),
  map(seq('range:', hexAddress, ':', hexAddress), ([first, last]) => ({ kind: 'range', first, last, inside: true })),
  map(seq('outside:', hexAddress, ':', hexAddress), ([first, last]) => ({ kind: 'range', first, last, inside: false })),
  map(seq(hexCount), ([number]) => (number >= 0x8000_0000 ? undefined : { kind: 'number', number })),
);

const looking: readonly PacketRow[] = [
  packet(
    'QTFrame',
    {
      args: args(':', wish),
      doc: 'QTFrame:n, QTFrame:pc|tdp|range|outside:...: look at a frame; ffffffff: look at the guest again',
    },
    tracing((traces, [wanted]) => {
      if (wanted === undefined) {
        traces.leave();
        return OK;
      }
      const found = traces.find(wanted);
      return text(found === undefined ? 'F-1' : `F${hex(found.number)}T${hex(found.tracepoint)}`);
    }),
  ),
  packet(
    'qTBuffer',
    {
      args: args(':', hexCount, ',', hexCount),
      doc: 'qTBuffer:offset,length: frames as trace files have them',
    },
    tracing((traces, [offset, length]) => {
      const bytes = traces.raw(offset, Math.min(length, 0x10000));
      return bytes.length === 0 ? text('l') : hexReply(bytes);
    }),
  ),
  packet(
    'qXfer:traceframe-info:read',
    {
      args: slice,
      doc: 'qXfer:traceframe-info:read::offset,length: what the frame has that is looked at',
      feature: 'qXfer:traceframe-info:read+',
    },
    tracing(({ view }, [, offset, length]) => {
      if (view === undefined) return refused('no frame is looked at');
      const memory = view.pieces.map(
        ({ address, length: bytes }) => `<memory start="0x${hex(address)}" length="0x${hex(bytes)}"/>`,
      );
      const variables = view.variables.map((number) => `<tvar id="0x${hex(number)}"/>`);
      const document = `<traceframe-info>${[...memory, ...variables].join('')}</traceframe-info>`;
      return documentReply(Buffer.from(document), offset, length);
    }),
  ),
];

/** Tracepoints (gdb doc, "Tracepoint Packets"). */
export const tracePackets: readonly PacketRow[] = [...defining, ...running, ...looking];
