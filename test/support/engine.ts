import { buildEngine, type Engine } from '../../src/engine/engine.ts';
import { type EngineMode, engineMode, engineModes, engineOptions } from '../../src/engine/modes.ts';
import type { Arch } from '../../src/machine/arch.ts';
import { seed } from './seed.ts';

/** The way of executing guest code that `GUESTSCOPE_ENGINE` asks for; every test can be run in each of them. */
export function testEngineMode(): EngineMode {
  const mode = engineMode(process.env.GUESTSCOPE_ENGINE ?? 'translator');
  if (mode === undefined) throw new Error(`GUESTSCOPE_ENGINE must be one of ${engineModes.join(', ')}`);
  return mode;
}

/** An engine of a mode, or as `GUESTSCOPE_ENGINE` asks for it. */
export function buildTestEngine(
  arch: Arch,
  memory: WebAssembly.Memory,
  filter: number,
  mode = testEngineMode(),
): Engine {
  return buildEngine(arch, memory, filter, engineOptions(mode, seed));
}
