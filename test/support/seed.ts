/** The run's seed: printed at its start, and taken from `SEED=` to repeat it. */
export const seed: number = Number(process.env.SEED ?? 1);

/**
 * Pseudo-random 32-bit unsigned integers (mulberry32), the same for the same run seed and `stream`. For generators that
 * are too big for fast-check; give each test its own stream.
 */
export function randomWords(stream: number): () => number {
  let state = (seed ^ Math.imul(stream, 0x9e3779b1)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** How many programs or cases a random test makes: so many, or `RANDOM_TIMES` as many. */
export function timesAsked(usual: number): number {
  return usual * Number(process.env.RANDOM_TIMES ?? 1);
}
