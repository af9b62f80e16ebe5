import { hex } from '../../../bits/hex.ts';
import {
  type Answer,
  type CommandRow,
  command,
  either,
  item,
  number,
  oneOf,
  optional,
  words,
} from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { interceptName } from '../kvm/intercept-log.ts';
import { type TraceEvent, traceKinds } from '../kvm/trace.ts';

const SHOWN = 32;
const MOST = 4096;

/** `trace`: what the hypervisor did last, event by event. */
export const trace: CommandRow<S390xGuest> = command(
  'trace',
  {
    words: words(optional(either(oneOf('on', 'off', 'clear'), number('COUNT', MOST)))),
    usage: '[on|off|clear|COUNT]',
    summary: 'trace interceptions, interruptions, signals and changes of state in a ring of 4096 events',
    details: [
      'on begins with an empty ring, off keeps what is in it. COUNT is how many of the last to show: 32 unless given.',
      'Each event has the number of instructions that its vCPU had executed.',
    ],
  },
  function* ({ guest }, [wanted]): Answer {
    const { trace: ring } = guest.vm;
    if (wanted === 'on' || wanted === 'off') ring.turn(wanted === 'on');
    if (wanted === 'clear') ring.clear();
    yield item('trace', ring.on, ring.on ? 'on' : 'off');
    yield item('total', ring.total);
    if (typeof wanted === 'string') return undefined;
    const events = ring.last(wanted ?? SHOWN);
    yield item(
      'events',
      events.map((event) => ({
        kind: event.kind,
        vcpu: event.vcpu,
        instruction: String(event.icount),
        [traceKinds[event.kind][0]]: BigInt(event.first),
        [traceKinds[event.kind][1]]: BigInt(event.second),
      })),
      events.map((event) => `CPU ${event.vcpu} at ${event.icount}: ${eventText(event)}`),
    );
    return undefined;
  },
);

function eventText({ kind, first, second }: TraceEvent): string {
  switch (kind) {
    case 'interception':
      return `interception ${hex(first, 2)} ${interceptName(first)}${second === 0 ? '' : ` ${hex(second, 4)}`}`;
    case 'program':
      return `program interruption ${hex(first, 4)}`;
    case 'interruption':
      return `interruption delivered, to ${hex(first)}`;
    case 'signal':
      return `SIGP order ${hex(first, 2)} to CPU ${second}`;
    case 'keys':
      return `storage keys on, ${first} frames`;
    case 'prefix':
      return `prefix area at ${hex(first)} pinned`;
    case 'stopped':
      return first === 1 ? 'stopped' : 'started';
  }
}
