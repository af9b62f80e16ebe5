/** An interval that two are joined to may be this part of its age at most. */
const PART_OF_AGE = 4n;

/**
 * Which mark goes when there is no room: the one between the two intervals that are shortest together, for their age. So
 * spacing grows with age, and marks become as many as the logarithm of the time. Undefined when that would leave too long an
 * interval: then the oldest one goes.
 */
export function pairToJoin(
  times: readonly bigint[],
  now: bigint,
  mayGo: (mark: number) => boolean = () => true,
): number | undefined {
  let best: number | undefined;
  let [bestLength, bestAge] = [0n, 0n];
  for (let mark = 1; mark < times.length - 1; mark++) {
    const [from, to] = [times[mark - 1] ?? 0n, times[mark + 1] ?? 0n];
    const length = to - from;
    const age = now - to;
    if (length * PART_OF_AGE > age || !mayGo(mark)) continue;
    if (best !== undefined && length * bestAge >= bestLength * age) continue;
    best = mark;
    [bestLength, bestAge] = [length, age];
  }
  return best;
}
