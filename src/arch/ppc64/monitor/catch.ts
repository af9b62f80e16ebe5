import { type CatchKind, catchCommand } from '../../../monitor/catch.ts';
import type { CommandRow } from '../../../monitor/command.ts';
import { type EventKind, eventKinds } from '../cpu/events.ts';
import { PROGRAM, VECTOR } from '../cpu/interruptions.ts';
import type { Ppc64Guest } from '../guest.ts';
import { H } from '../hv/hcall.ts';
import { rtasNumbers } from '../vmm/rtas-tokens.ts';

const SEGMENT_MASK = ~0xfff_ffffn;

/** Numbers of hypercalls under their short names and under the manual's, H_ENTER for `enter`. */
const calls = Object.fromEntries(
  Object.entries(H).flatMap(([name, nr]) => [[name, nr] as const, [`h-${name}`, nr] as const]),
);

/** What filters of a kind are, where they are not just numbers. */
const filters: Partial<Record<EventKind, Omit<CatchKind, 'kind'>>> = {
  int: { names: VECTOR },
  pgm: { names: PROGRAM },
  hcall: { names: calls },
  rtas: { names: rtasNumbers },
  exit: { names: VECTOR },
  slb: { wanted: (number) => number & SEGMENT_MASK },
};

/** `catch`: stops for events. */
export const catchEvents: CommandRow<Ppc64Guest> = catchCommand(
  eventKinds.map((kind) => ({ kind, ...filters[kind] })),
  {
    summary: 'interruptions, system calls, hypercalls, firmware calls, exits to the hypervisor, segments',
    details: [
      'KIND with what FILTER means: int (interruption that the guest takes: vector or name such as data-storage), pgm (bits of SRR1 or a name:',
      'illegal, privileged, trap, floating-point), sc (number of a system call, which is in r0), hcall (number or name such as enter), rtas',
      '(token or name such as start-cpu), exit (what the hypervisor was entered for: vector or name such as hypervisor-data-storage;',
      '0xc00 for hypercalls), slb (address at which a segment begins that is entered or taken away).',
    ],
  },
);
