import createDebug from 'debug';
import type { ByteOrder } from '../bits/byte-order.ts';
import type { InterpreterModule } from '../engine/interpreter/interpreter.ts';
import { unpackInterpreter } from '../engine/interpreter/kept.ts';
import type { Wing } from '../wing/wing.ts';
import { wholeFile } from './file-bytes.ts';

/** A hash of all sources, put in by the build. Not there in a program that runs from its sources. */
declare const GUESTSCOPE_BUILD: string | undefined;

const log = createDebug('guestscope:start');

/** What the interpreter of an architecture is called, where storage has its numbers in an order: each order has one of its own. */
export function interpreterName(
  { name, byteOrders: [usual] }: Pick<Wing, 'name' | 'byteOrders'>,
  order: ByteOrder,
): string {
  return order === usual ? name : `${name}-${order}`;
}

/** Where the built program, a file URL, keeps the interpreter of a name. */
export function keptInterpreterPath(name: string, program: string): URL {
  return new URL(`./${name}.interpreter`, program);
}

/** The interpreter that was generated when the program was built; undefined when there is none that fits this program. */
export function keptInterpreter(name: string): InterpreterModule | undefined {
  const found = typeof GUESTSCOPE_BUILD === 'string' ? read(name, GUESTSCOPE_BUILD) : undefined;
  log(`${name}: ${found === undefined ? 'the interpreter is generated' : 'the interpreter is that of the build'}`);
  return found;
}

function read(name: string, key: string): InterpreterModule | undefined {
  try {
    const bytes = wholeFile(keptInterpreterPath(name, import.meta.url));
    return bytes && unpackInterpreter(key, bytes);
  } catch {
    // It is not there, and not needed.
    return undefined;
  }
}
