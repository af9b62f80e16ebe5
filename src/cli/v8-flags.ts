/**
 * What V8 is told about this program. V8 11 (Node.js 20) optimizes JavaScript on other threads after so little of it has run that a guest
 * of half a second pays a tenth of a second for code that it hardly runs: translating, stepping from piece to piece. A function
 * is optimized after three times as much here; generated code, in which guests spend their time, is tiered by V8 as it likes.
 * Newer ones have a tier in between, and gain nothing.
 *
 * And the program's own heap stays near what it needs: most of what it allocates is dead at once, and what lives, a few ten megabytes,
 * does not grow with the guest. Left to itself V8 grows the young generation to 32 MB, and lets the old one double between collections.
 */
export function v8Flags(version: string): readonly string[] {
  const heap = ['--semi-space-growth-factor=1', '--heap-growing-percent=25'];
  return Number.parseInt(version, 10) <= 11 ? ['--interrupt-budget=200000', ...heap] : heap;
}
