import type { InterpreterModule } from './interpreter.ts';

/*
 * A kept interpreter as one run of bytes: a line of JSON, then the module. The line says by `key` what it was made of; it fits
 * a program with the same key and no other.
 */

const LF = 10;

/** The bytes to be kept. `key` stands for all that the module depends on: the sources of the rows and of the engine. */
export function packInterpreter(key: string, { bytes, filter, every, helpers }: InterpreterModule): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify({ key, filter, every, helpers, bytes: bytes.length })}\n`);
  const out = new Uint8Array(head.length + bytes.length);
  out.set(head);
  out.set(bytes, head.length);
  return out;
}

/** What was packed; undefined when it was packed under another key, or is not whole. */
export function unpackInterpreter(key: string, packed: Uint8Array<ArrayBuffer>): InterpreterModule | undefined {
  const end = packed.indexOf(LF);
  const head = end < 0 ? undefined : parseHead(new TextDecoder().decode(packed.subarray(0, end)));
  const bytes = packed.subarray(end + 1);
  if (head === undefined || head.key !== key || head.bytes !== bytes.length) return undefined;
  return { bytes, filter: head.filter, every: head.every, helpers: head.helpers };
}

interface Head extends Omit<InterpreterModule, 'bytes'> {
  readonly key: string;
  readonly bytes: number;
}

function parseHead(line: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(line);
    return isHead(head) ? head : undefined;
  } catch {
    return undefined;
  }
}

function isHead(head: unknown): head is Head {
  if (typeof head !== 'object' || head === null || !('key' in head && 'filter' in head && 'bytes' in head))
    return false;
  return 'helpers' in head && Array.isArray(head.helpers);
}
