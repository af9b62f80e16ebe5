/** Machines that a debugger stops for events, forwards and backwards. */

import { expect } from 'vitest';
import type { Assembly } from '../../src/cli/assemble.ts';
import { History } from '../../src/history/history.ts';
import type { StopEvent } from '../../src/machine/exit.ts';
import type { OpenGuest } from '../../src/machine/guest.ts';

/** Goes on in either direction, until the next stop. */
export type Go = (way: 'forward' | 'back') => Promise<StopEvent>;

/** Has a machine keep its past, and gives the way through it. */
export function debugged<G extends OpenGuest>({ machine, target, guest }: Assembly<G>): Go {
  const { pages } = guest.state;
  if (pages === undefined) throw new Error('nothing is kept of this guest');
  const limits = { budget: 64 << 20, spacing: 1000n, spacingOfPage: 0n };
  target.useHistory(new History(machine, pages, [], limits, () => performance.now()));
  target.attach();
  const all = new Map(guest.vcpus.map((v) => [v.id, { kind: 'continue' } as const]));
  return (way) =>
    new Promise((resolve) => {
      target.onStop(resolve);
      if (way === 'forward') target.resume(all);
      else target.reverse('continue', 0);
    });
}

/** What a test compares: a session, and where its guest is. */
export interface Caught {
  readonly monitor: { execute(line: string, vcpu: number): Iterable<string> };
  readonly go: Go;
  readonly here: () => object;
}

/** Where the next event stops, and what it is. */
export async function stopped({ go, here }: Caught, way: 'forward' | 'back'): Promise<object> {
  const { reason } = await go(way);
  return { said: reason.kind === 'event' ? reason.said : reason.kind, ...here() };
}

/** Asks for a kind of events, and stops at `most` of them; then at the same ones on the way back, and at the first again. */
export async function caughtBothWays(
  session: Caught,
  kind: string,
  most = Number.POSITIVE_INFINITY,
): Promise<object[]> {
  expect([...session.monitor.execute(`catch ${kind}`, 0)].join()).toMatch(/^catches\[0\] = number 1: /);
  const seen: object[] = [];
  while (seen.length < most) {
    const { reason } = await session.go('forward');
    if (reason.kind !== 'event') break;
    seen.push({ said: reason.said, ...session.here() });
  }
  // One that is stopped at is behind the guest, unless it has gone on.
  const back = seen.length < most ? seen : seen.slice(0, -1);
  for (const before of back.toReversed()) expect(await stopped(session, 'back')).toEqual(before);
  expect((await session.go('back')).reason.kind).toBe('history-begin');
  expect(await stopped(session, 'forward')).toEqual(seen[0]);
  return seen;
}
