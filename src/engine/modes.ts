import type { EngineOptions } from './engine.ts';

/**
 * Ways of executing guest code. None of them changes what a guest or a debugger sees; all but the first two are for tests:
 * code translated when it is executed for the first time (`first`), all of it thrown away at random, too (`forgetful`),
 * regions of one block (`blocks`), regions that are soon made of others (`merging`).
 */
export const engineModes = ['translator', 'interpreter', 'first', 'forgetful', 'blocks', 'merging'] as const;

export type EngineMode = (typeof engineModes)[number];

/** The mode of a name. */
export function engineMode(name: string): EngineMode | undefined {
  return engineModes.find((m) => m === name);
}

/** When each place is translated that execution comes to: as large as usual, a Linux would be translated ten times over, and not kept. */
const everyPlace = { threshold: 1, instructions: 64, modules: 8192 };

/** What an engine is built with in a mode; `seed` decides when `forgetful` forgets. */
export function engineOptions(mode: EngineMode, seed = 1): EngineOptions {
  switch (mode) {
    case 'interpreter':
    case 'translator':
      return { kind: mode };
    case 'first':
      return { kind: 'translator', translator: everyPlace };
    case 'forgetful':
      return { kind: 'translator', translator: { ...everyPlace, forget: oneIn8(seed) } };
    case 'blocks':
      return { kind: 'translator', translator: { threshold: 16, blocks: 1 } };
    case 'merging':
      return { kind: 'translator', translator: { threshold: 4, again: 8, instructions: 24 } };
  }
}

function oneIn8(seed: number): () => boolean {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 29 === 0;
  };
}
