import { hex } from '../../../bits/hex.ts';
import { type Answer, type CommandRow, command, item, words } from '../../../monitor/command.ts';
import { decrementer, timeBase, untilDecrementer } from '../cpu/clock.ts';
import { interruptions } from '../cpu/interruptions.ts';
import { describeMsr } from '../cpu/msr.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Ppc64Guest } from '../guest.ts';

/** `msr`: the machine state, and what interruptions have left. */
export const msr: CommandRow<Ppc64Guest> = command(
  'msr',
  { words: words(), usage: '', summary: 'show the machine state register and where interruptions came from' },
  function* ({ guest, vcpu }): Answer {
    const v = guest.hv(vcpu).vcpu;
    yield item('vcpu', v.id);
    yield item('msr', v.msr, `${hex(v.msr)} (${describeMsr(v.msr)})`);
    yield item('byte order', (v.msrLow & 1) === 1 ? 'little' : 'big');
    for (const name of ['srr0', 'srr1', 'dar'] as const) yield item(name, v.big(slots[name]));
    yield item('dsisr', BigInt(v.num(slots.dsisr)));
    return undefined;
  },
);

/** `clock`: what time it is for the guest. */
export const clock: CommandRow<Ppc64Guest> = command(
  'clock',
  { words: words(), usage: '', summary: 'show time base, decrementer and instruction count' },
  function* ({ guest, vcpu }): Answer {
    const v = guest.hv(vcpu).vcpu;
    yield item('vcpu', v.id);
    yield item('tb', timeBase(v));
    yield item('dec', BigInt(decrementer(v)));
    yield item('until dec', untilDecrementer(v));
    yield item('executed', Number(v.executed));
    return undefined;
  },
);

/** `interruptions`: how often each was taken, and by whom. */
export const taken: CommandRow<Ppc64Guest> = command(
  'interruptions',
  { words: words(), usage: '', summary: 'count interruptions by vector: the guest took them, or they were exits' },
  function* ({ guest, vcpu }): Answer {
    const v = guest.hv(vcpu);
    const rows = interruptions.map(({ vector, name, to }) => ({
      ...{ vector: BigInt(vector), name, to },
      ...{ guest: v.vcpu.taken.get(vector) ?? 0, exits: v.exits.get(vector) ?? 0 },
    }));
    yield item(
      'interruptions',
      rows,
      rows.map((r) => `${hex(r.vector)} ${r.name}: guest ${r.guest}, exits ${r.exits} (goes to the ${r.to})`),
    );
    return undefined;
  },
);
