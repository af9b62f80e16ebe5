import { buildEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import type { Arch } from '../../src/machine/arch.ts';
import { seed } from './seed.ts';

/** Ways of executing guest code that tests can be run in; none of them changes what a guest or a debugger sees. */
export const engineModes = ['interpreter', 'translator', 'first', 'forgetful', 'blocks'] as const;

export type EngineMode = (typeof engineModes)[number];

/** The mode that `GUESTSCOPE_ENGINE` asks for. */
export function engineMode(): EngineMode {
  const wanted = process.env.GUESTSCOPE_ENGINE ?? 'translator';
  const mode = engineModes.find((m) => m === wanted);
  if (mode === undefined) throw new Error(`GUESTSCOPE_ENGINE must be one of ${engineModes.join(', ')}`);
  return mode;
}

/** What an engine is built with in a mode. */
export function engineOptions(mode: EngineMode): EngineOptions {
  switch (mode) {
    case 'interpreter':
      return { kind: 'interpreter' };
    case 'translator':
      return { kind: 'translator' };
    // Code is translated when it is executed for the first time.
    case 'first':
      return { kind: 'translator', translator: { threshold: 1, modules: 200 } };
    // The same, and all of it is thrown away at random.
    case 'forgetful': {
      let state = seed >>> 0;
      const forget = (): boolean => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 29 === 0;
      };
      return { kind: 'translator', translator: { threshold: 1, modules: 200, forget } };
    }
    // Regions of one block.
    case 'blocks':
      return { kind: 'translator', translator: { threshold: 16, blocks: 1 } };
  }
}

/** An engine as `GUESTSCOPE_ENGINE` asks for it. */
export function buildTestEngine(arch: Arch, memory: WebAssembly.Memory, filter: number): Engine {
  return buildEngine(arch, memory, filter, engineOptions(engineMode()));
}
