import { describe, expect, test } from 'vitest';
import { Machine } from '../../../src/machine/machine.ts';
import { Pace } from '../../../src/machine/pace.ts';
import { TURN } from '../../../src/machine/turns.ts';
import { FakeGuest } from './fake-guest.ts';

const FOREVER = { work: Number.MAX_SAFE_INTEGER };
/** Instructions between two looks at whether a run has taken long, as whatever goes a slow way looks. */
const LOOK = 32n;

/** A host on which only what executes takes time, and as long as it says. */
class Host {
  ms = 0;
  readonly pace = new Pace(() => this.ms);

  /** Runs a piece of a turn of a guest that executes so many instructions in a millisecond; the milliseconds it took. */
  piece(speed: number): number {
    const before = this.ms;
    const count = this.pace.pieceOf(TURN);
    this.pace.run(count, (isOver) => {
      for (let left = count; left > 0n && !isOver(); left -= LOOK) this.ms += Number(LOOK) / speed;
    });
    return this.ms - before;
  }
}

describe('how long a guest runs before somebody who interrupts it is heard', () => {
  test.each([
    1000, 20_000, 300_000, 5_000_000,
  ])('with %i instructions in a millisecond: two, once it is known', (speed) => {
    const host = new Host();
    for (let i = 0; i < 30; i++) host.piece(speed);
    const took = Array.from({ length: 30 }, () => host.piece(speed));
    expect(Math.max(...took)).toBeLessThanOrEqual(2.1);
  });

  test('when translated code goes slow ways all at once: four, and a piece follows the guest within a few', () => {
    const host = new Host();
    for (let i = 0; i < 30; i++) host.piece(1_000_000);
    expect(host.pace.pieceOf(TURN)).toBe(TURN);
    const took = Array.from({ length: 30 }, () => host.piece(1000));
    expect(Math.max(...took)).toBeLessThan(4.1);
    expect(took.at(-1)).toBeLessThanOrEqual(2.1);
  });

  test('a slice is over soon after its time, and behind an interrupt nothing is executed', () => {
    const guest = new FakeGuest([[FOREVER], [FOREVER]]);
    let looks = 0;
    const machine = new Machine(guest, {
      clock: 'virtual',
      // Every look at the clock finds a millisecond gone, so a piece takes some.
      now: () => looks++,
      instructionsPerMicrosecond: 100,
    });
    const stops: unknown[] = [];
    machine.onStop = ({ reason }) => stops.push(reason);
    machine.start();
    for (let i = 0; i < 5; i++) {
      const before = looks;
      machine.runFor(4);
      expect(looks - before).toBeLessThan(10);
    }
    const executed = machine.time;
    expect(executed).toBeGreaterThan(0n);
    machine.interrupt();
    machine.runFor(4);
    expect([stops, machine.time, machine.running]).toEqual([[{ kind: 'interrupt' }], executed, false]);
  });
});
