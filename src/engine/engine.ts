import type { Arch, Interpreter, TranslatableArch } from '../machine/arch.ts';
import { Breakpoints } from './breakpoints.ts';
import { alone, buildInterpreter, type InterpreterModule } from './interpreter/interpreter.ts';
import { type TranslatorOptions, usualOptions } from './translator/options.ts';
import { Translator } from './translator/translator.ts';

/** What executes guest code. */
export type Engine = Interpreter;

/** How guest code is executed. */
export interface EngineOptions {
  readonly kind: 'translator' | 'interpreter';
  readonly translator?: Partial<TranslatorOptions>;
  /** An interpreter that was generated before. */
  readonly kept?: InterpreterModule | undefined;
}

/** How it is executed when nothing is said. */
export const usualEngine: EngineOptions = { kind: 'translator' };

/** Builds an engine for one memory. `filter` is the address of the breakpoint filter in it. */
export function buildEngine(
  arch: Arch,
  memory: WebAssembly.Memory,
  filter: number,
  options: EngineOptions = usualEngine,
): Engine {
  if (!isTranslatable(arch)) return buildInterpreter(arch, memory, filter, options.kept);
  const translator =
    options.kind === 'interpreter'
      ? undefined
      : new Translator(arch, memory, { ...usualOptions, ...options.translator });
  const breakpoints = new Breakpoints(arch, memory, filter);
  const interpreter = buildInterpreter(arch, memory, filter, options.kept, {
    ...(translator?.port ?? alone),
    breakpoint: (vcpu, entry) => breakpoints.ask(vcpu, entry),
    decoded: (entry) => breakpoints.decoded(entry),
    stopsAt: (vcpu) => breakpoints.stopsAt(vcpu),
  });
  translator?.attach(interpreter);
  breakpoints.changed = (struck) => translator?.keepApart(struck);
  return {
    translated: translator,
    run: (vcpu) => {
      translator?.pump();
      breakpoints.beforeUnasked();
      interpreter.run(vcpu);
    },
    runChecked: (vcpu) => {
      translator?.pump();
      if (!breakpoints.run(() => interpreter.run(vcpu))) interpreter.runChecked(vcpu);
    },
  };
}

function isTranslatable(arch: Arch): arch is TranslatableArch {
  return arch.translatable !== undefined;
}
