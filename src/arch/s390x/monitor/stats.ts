import { type Answer, type CommandRow, command, item, oneOf, optional, words } from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { interceptName } from '../kvm/intercept-log.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';

/** `stats`: how often the hypervisor was called, and for what. */
export const stats: CommandRow<S390xGuest> = command(
  'stats',
  {
    words: words(optional(oneOf('reset'))),
    usage: '[reset]',
    summary: 'count exits of SIE by interception, and intercepted instructions by mnemonic, for each vCPU',
    details: ['reset begins to count anew. An instruction that is tried again counts each time.'],
  },
  function* ({ guest }, [wanted]): Answer {
    const { vm } = guest;
    if (wanted === 'reset') {
      for (const v of vm.vcpus) v.intercepts.reset();
      return undefined;
    }
    for (const v of vm.vcpus) {
      const { exits, instructions } = countsOf(v);
      yield item(
        `cpu${v.id}`,
        { instructionsExecuted: v.vcpu.icount.toString(), exits, instructions },
        `${v.vcpu.icount} instructions executed, ${total(exits)} exits`,
      );
    }
    const all = vm.vcpus.map(countsOf);
    const exits = sum(all.map((each) => each.exits));
    const instructions = sum(all.map((each) => each.instructions));
    yield item('exits', exits, listed(exits));
    yield item('instructions', instructions, listed(instructions));
    yield item('gmapFaults', vm.gmap.faults);
    return undefined;
  },
);

type Counts = Readonly<Record<string, number>>;

function countsOf({ intercepts }: KvmVcpu): { readonly exits: Counts; readonly instructions: Counts } {
  const exits = [...intercepts.counts].map(([code, n]) => [interceptName(code), n] as const);
  return { exits: Object.fromEntries(exits), instructions: Object.fromEntries(intercepts.instructions) };
}

const total = (counts: Counts): number => Object.values(counts).reduce((a, b) => a + b, 0);

function sum(all: readonly Counts[]): Counts {
  const found = new Map<string, number>();
  for (const counts of all) for (const [name, n] of Object.entries(counts)) found.set(name, (found.get(name) ?? 0) + n);
  return Object.fromEntries(found);
}

// The most frequent first.
function listed(counts: Counts): string[] {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name}: ${n}`);
}
