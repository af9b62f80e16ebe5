/**
 * What V8 is told when a guest begins to run. V8 11 (Node.js 20) optimizes JavaScript, on other threads, after so little of it has run
 * that a guest of half a second pays for code that it hardly runs: translating, going from piece to piece. A function is optimized
 * after three times as much here; generated code, in which guests spend their time, is tiered by V8 as it likes. Newer ones have a
 * tier in between, and gain nothing, but from V8 13 on (Node.js 24) what compiling threads used for that tier stays with the C library: they
 * come to it after five times as many calls. They know relaxed operations, too, which this one has to be told of: `hostFuses` asks for them.
 * And this one alone gives registers of the host to a function of more than some thousand values in a hurry: the same region takes
 * twice as long then.
 */
export function v8Flags(version: string): readonly string[] {
  const major = Number.parseInt(version, 10);
  if (major > 12) return ['--invocation-count-for-maglev=2000'];
  if (major > 11) return [];
  return [
    '--interrupt-budget=200000',
    '--experimental-wasm-relaxed-simd',
    '--no-turbo-use-mid-tier-regalloc-for-huge-functions',
  ];
}
