import { type CatchKind, catchCommand } from '../../../monitor/catch.ts';
import type { CommandRow } from '../../../monitor/command.ts';
import { type EventKind, eventKinds } from '../cpu/events.ts';
import { EXT, PGM } from '../cpu/interruption-codes.ts';
import { spaceOf } from '../gdb/memory.ts';
import type { S390xGuest } from '../guest.ts';

/** Bits of a program-interruption code that come beside it. */
const BESIDE = BigInt(PGM.perEvent | PGM.transactional);
const PAGE_MASK = ~0xfffn;

/** What filters of a kind are, where they are not just numbers. */
const filters: Partial<Record<EventKind, Omit<CatchKind, 'kind'>>> = {
  pgm: {
    names: PGM,
    most: 0xffff,
    compared: (number) => (number === BigInt(PGM.perEvent) ? number : number & ~BESIDE),
  },
  svc: { most: 0xff },
  ext: { names: EXT, most: 0xffff },
  sigp: { most: 0xff },
  diag: { most: 0xffff },
  space: { compared: spaceOf },
  key: { wanted: (number) => number & PAGE_MASK },
};

/** `catch`: stops for events. */
export const catchEvents: CommandRow<S390xGuest> = catchCommand(
  eventKinds.map((kind) => ({ kind, ...filters[kind] })),
  {
    summary: 'interruptions, signals, hypervisor calls, storage keys, address spaces, SIE',
    details: [
      'KIND with what FILTER means: pgm (code or name such as page-translation), svc (number), ext (code or name such as clock-comparator),',
      'io (subchannel number), mcck, restart, sigp (order), diag (code), key (address of a block whose key is changed), space (ASCE that a',
      'control register gets, or that SAC chooses), sie (address of a state description: its guest is entered, or left).',
    ],
  },
);
