import { hex, hexToBytes } from '../../bits/hex.ts';
import { err, ok, type Result } from '../../bits/result.ts';
import type { HitLimit, WatchCondition } from '../../debug/target.ts';
import type { Guest } from '../../machine/guest.ts';
import {
  type Answer,
  address,
  type CommandRow,
  command,
  either,
  item,
  mistake,
  number,
  oneOf,
  optional,
  type Scope,
  value64,
  word,
  words,
} from '../command.ts';
import type { Item } from '../item.ts';

const MOST_IGNORED = 2 ** 40;
const MOST_VCPUS = 4096;
const PLACE = 'ADDR is where gdb has a breakpoint, or will have one.';

function limitOf(all: Map<bigint, HitLimit>, at: bigint): HitLimit {
  const limit = all.get(at) ?? { vcpu: undefined, ignored: 0 };
  all.set(at, limit);
  return limit;
}

function shown(all: Map<bigint, HitLimit>): Item {
  for (const [at, { vcpu, ignored }] of all) if (vcpu === undefined && ignored === 0) all.delete(at);
  const found = [...all].map(([at, limit]) => ({ address: at, vcpu: limit.vcpu ?? null, ignored: limit.ignored }));
  return item(
    'limits',
    found,
    found.map(({ address: at, vcpu, ignored }) => {
      const who = vcpu === null ? 'all CPUs' : `CPU ${vcpu}`;
      return `${hex(at)}: ${who}${ignored === 0 ? '' : `, the next ${ignored} do not stop`}`;
    }),
  );
}

/** `ignore`: hits that do not stop. */
const ignore: CommandRow<Guest> = command(
  'ignore',
  {
    words: words(optional(address), optional(number('N', MOST_IGNORED))),
    usage: '[ADDR N]',
    summary: 'let the next N hits of the breakpoints at an address pass, without a word to gdb',
    details: [
      PLACE,
      "gdb's own `ignore` hears of every hit. Hits whose condition does not hold are none. On the way back every hit stops, and none is",
      'counted. Without words: what is left of each.',
    ],
  },
  function* ({ debug: { hitLimits } }, [at, count]): Answer {
    if (at !== undefined && count === undefined) return mistake('how many?');
    if (at !== undefined && count !== undefined) limitOf(hitLimits, at).ignored = count;
    yield shown(hitLimits);
    return undefined;
  },
);

/** `break-cpu`: breakpoints that count for one vCPU. */
const breakCpu: CommandRow<Guest> = command(
  'break-cpu',
  {
    words: words(optional(address), optional(either(oneOf('any'), number('CPU', MOST_VCPUS)))),
    usage: '[ADDR [CPU|any]]',
    summary: 'limit breakpoints at an address to one CPU, the selected one when none is given',
    details: [
      PLACE,
      '`break ... thread N` of gdb hears of the hits of all of them. any: no limit any more. Without words: the limits.',
    ],
  },
  function* ({ guest, debug: { hitLimits }, vcpu }, [at, who = vcpu % guest.vcpus.length]): Answer {
    if (who !== 'any' && guest.vcpus[who] === undefined) return mistake(`there is no CPU ${who}`);
    if (at !== undefined) limitOf(hitLimits, at).vcpu = who === 'any' ? undefined : who;
    yield shown(hitLimits);
    return undefined;
  },
);

const comparisons: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** `watch-if`: conditions on watchpoints. */
const watchIf: CommandRow<Guest> = command(
  'watch-if',
  {
    words: words(
      optional(address),
      optional(oneOf('any', 'agent', ...Object.keys(comparisons))),
      optional(word('VALUE')),
    ),
    usage: '[ADDR [==|!=|<|<=|>|>= VALUE | agent HEX | any]]',
    summary:
      'let the watchpoints at an address stop on a condition alone, where the guest runs and on the way back, too',
    details: [
      'ADDR is the first byte that gdb watches. What the watched bytes hold behind the access, as an unsigned number of up to 8 bytes, is',
      "compared with VALUE. agent: an expression as the bytes of gdb's agent expressions, for the CPU that stored; gs-watch-if of the",
      'scripts makes them of a condition of gdb. any: no condition any more. Without words: the conditions.',
    ],
  },
  function* ({ debug: { watchConditions } }, [at, how, given], scope): Answer {
    if (at !== undefined) {
      if (how === undefined) return mistake('what is the condition?');
      if (how !== 'any' && given === undefined) return mistake(how === 'agent' ? 'HEX is missing' : 'VALUE is missing');
      const made = how === 'any' ? ok(undefined) : conditionOf(how, given ?? '', scope);
      if (!made.ok) return mistake(made.error);
      if (made.value === undefined) watchConditions.delete(at);
      else watchConditions.set(at, made.value);
    }
    const all = [...watchConditions].map(([address, { text }]) => ({ address, condition: text }));
    yield item(
      'conditions',
      all,
      all.map((one) => `${hex(one.address)}: ${one.condition}`),
    );
    return undefined;
  },
);

function conditionOf(how: string, given: string, scope: Scope): Result<WatchCondition, string> {
  if (how === 'agent') {
    const bytes = hexToBytes(given);
    if (bytes === undefined || bytes.length === 0) return err('an expression is an even number of hex digits');
    return ok({ text: `agent ${given}`, holds: bytes });
  }
  const value = value64.parse(given, scope);
  const compare = comparisons[how];
  if (!value.ok) return value;
  if (compare === undefined) return err(`there is no comparison ${how}`);
  return ok({ text: `${how} ${hex(value.value)}`, holds: (now) => compare(now, value.value) });
}

/** The commands about a debugger's breakpoints, of every architecture. */
export const breakpointCommands: readonly CommandRow<Guest>[] = [breakCpu, ignore, watchIf];
