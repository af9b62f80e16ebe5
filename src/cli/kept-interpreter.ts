import createDebug from 'debug';
import type { InterpreterModule } from '../engine/interpreter/interpreter.ts';
import { unpackInterpreter } from '../engine/interpreter/kept.ts';
import { wholeFile } from './file-bytes.ts';

/** A hash of all sources, put in by the build. Not there in a program that runs from its sources. */
declare const GUESTSCOPE_BUILD: string | undefined;

const log = createDebug('guestscope:start');

/** Where the built program, a file URL, keeps the interpreter of an architecture. */
export function keptInterpreterPath(architecture: string, program: string): URL {
  return new URL(`./${architecture}.interpreter`, program);
}

/** The interpreter that was generated when the program was built; undefined when there is none that fits this program. */
export function keptInterpreter(architecture: string): InterpreterModule | undefined {
  const found = typeof GUESTSCOPE_BUILD === 'string' ? read(architecture, GUESTSCOPE_BUILD) : undefined;
  log(
    `${architecture}: ${found === undefined ? 'the interpreter is generated' : 'the interpreter is that of the build'}`,
  );
  return found;
}

function read(architecture: string, key: string): InterpreterModule | undefined {
  try {
    const bytes = wholeFile(keptInterpreterPath(architecture, import.meta.url));
    return bytes && unpackInterpreter(key, bytes);
  } catch {
    // It is not there, and not needed.
    return undefined;
  }
}
