import { hex } from '../../../bits/hex.ts';
import {
  type Answer,
  type CommandRow,
  command,
  item,
  mistake,
  oneOf,
  optional,
  words,
} from '../../../monitor/command.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Ppc64Guest } from '../guest.ts';
import { hcallName, SHOWN_ARGUMENTS } from '../hv/hcall.ts';
import { stepsIn, stepsOut } from '../hv/world-switch.ts';

const PAGE = 4096;

/** `hcalls`: hypercalls by number, and the last ones. */
export const hcalls: CommandRow<Ppc64Guest> = command(
  'hcalls',
  {
    words: words(optional(oneOf('last', 'inside', 'outside', 'log')), optional(oneOf('on', 'off'))),
    usage: '[last|inside|outside|log on|log off]',
    summary: 'count hypercalls, show the last ones, or say who handles them from now on',
    details: [
      'inside: the kernel side handles the calls that it can, as KVM does; the others leave to user space.',
      'log: whether calls are kept for `last`, or only counted.',
      'outside: every call leaves to user space with KVM_EXIT_PAPR_HCALL, as in the first version of KVM for POWER7.',
    ],
  },
  function* ({ guest }, [what, state]): Answer {
    const { hcalls: log } = guest.vm;
    if ((what === 'log') !== (state !== undefined)) return mistake('on or off stand behind log');
    if (what === 'log') {
      log.keeps = state === 'on';
      yield item('log', log.keeps ? 'on' : 'off');
      return undefined;
    }
    if (what === 'inside' || what === 'outside') {
      log.handledInside = what === 'inside';
      yield item('handled', what);
      return undefined;
    }
    if (what === 'last') {
      yield item(
        'last',
        log.last.map((r) => ({ ...r, name: hcallName(r.nr), args: [...r.args] })),
        log.last.map((r) => {
          const args = r.args
            .slice(0, SHOWN_ARGUMENTS)
            .map((a) => hex(a))
            .join(' ');
          return `CPU ${r.vcpu} ${hcallName(r.nr)} ${args} = ${BigInt.asIntN(64, r.result)}${r.inside ? '' : ' (user space)'}`;
        }),
      );
      return undefined;
    }
    const rows = log
      .counts()
      .map(([nr, inside, outside]) => ({ nr: BigInt(nr), name: hcallName(nr), inside, outside }));
    yield item('handled', log.handledInside ? 'inside' : 'outside');
    yield item(
      'calls',
      rows,
      rows.map((r) => `${r.name} (${hex(r.nr)}): inside ${r.inside}, user space ${r.outside}`),
    );
    return undefined;
  },
);

/** `partition`: whose the hardware thread is, and what a switch does. */
export const partition: CommandRow<Ppc64Guest> = command(
  'partition',
  {
    words: words(),
    usage: '',
    summary: 'show both sides of the world switch: LPIDR, SDR1, LPCR, HDEC, HSRR0 and HSRR1, and its steps in order',
    details: [
      "The thread is the hypervisor's whenever a guest stands still. HSRR0 and HSRR1 are where a vCPU is entered next; the segments are those that",
      'its last exit has saved, without gaps, with the numbers of their entries. What else a switch moves on a machine, general, floating-point and',
      'vector registers, SPRG, DSCR, AMR, DABR, counters, each side has for itself here.',
    ],
  },
  function* ({ guest }): Answer {
    const { vm } = guest;
    const { thread } = vm;
    yield item('runs', thread.guest === undefined ? 'the hypervisor' : `vCPU ${thread.guest}`);
    yield item('entries', thread.entries);
    yield item('thread lpidr', thread.lpidr);
    yield item('thread sdr1', thread.sdr1);
    yield item('thread lpcr', thread.lpcr);
    yield item('thread hdec', BigInt(thread.hdec));
    yield item('guest lpidr', vm.lpid);
    yield item('guest sdr1', vm.sdr1);
    yield item('guest lpcr', vm.lpcr);
    yield item('host base', BigInt(vm.hostBase));
    yield item(
      'steps in',
      stepsIn.map((s) => s.name),
    );
    yield item(
      'steps out',
      stepsOut.map((s) => s.name),
    );
    for (const v of vm.vcpus) {
      for (const name of ['hsrr0', 'hsrr1'] as const) yield item(`${name} of vCPU ${v.id}`, v.vcpu.big(slots[name]));
      yield item(
        `segments saved of vCPU ${v.id}`,
        v.segments.map(({ rb, rs }) => ({ rb, rs })),
        v.segments.map(({ rb, rs }) => `${hex(rb)} ${hex(rs)}`),
      );
    }
    return undefined;
  },
);

const READER = 'monitor';

/** `dirty`: the log of pages stored into. */
export const dirty: CommandRow<Ppc64Guest> = command(
  'dirty',
  {
    words: words(oneOf('start', 'get', 'peek', 'stop', 'status')),
    usage: 'start|get|peek|stop|status',
    summary: 'log the pages stored into, as migration does; get clears what it shows, peek does not',
  },
  function* ({ guest }, [what]): Answer {
    const { dirty: log } = guest.vm;
    const reader = log.reader(READER);
    if (what === 'start') {
      if (reader !== undefined) return mistake('the log is on already; get reads it, stop ends it');
      log.open(READER);
      yield item('log', 'on');
      return undefined;
    }
    if (reader === undefined) {
      if (what !== 'status') return mistake('the log is off; start begins it');
      yield item('log', 'off');
      return undefined;
    }
    if (what === 'stop') {
      log.close(reader);
      yield item('log', 'off');
      return undefined;
    }
    yield item('log', 'on');
    yield item('pages', reader.count());
    if (what === 'status') return undefined;
    const frames = reader.take(0, guest.vm.bytes / PAGE, what === 'get');
    yield item(
      'addresses',
      frames.map((frame) => BigInt(frame * PAGE)),
    );
    return undefined;
  },
);
