import createDebug from 'debug';
import { type Assembly, type AssemblyOptions, assembleMachine } from '../api/assemble.ts';
import type { ByteOrder } from '../bits/byte-order.ts';
import { usualEngine } from '../engine/engine.ts';
import { elfByteOrder } from '../image/elf.ts';
import type { OpenGuest } from '../machine/guest.ts';
import type { Wing } from '../wing/wing.ts';
import type { BootFile } from './boot-file.ts';
import { interpreterName, keptInterpreter } from './kept-interpreter.ts';
import { UserError } from './user-error.ts';

export type { Assembly, AssemblyOptions };

/** Puts the program's machine of an architecture together; it has no image yet and does not run. */
export function assemble<G extends OpenGuest>(wing: Wing<G>, options: AssemblyOptions): Assembly<G> {
  const refusal = wing.memoryRefusal?.(options.memory);
  if (refusal !== undefined) throw new UserError('memory-size', refusal);
  const engine = options.engine ?? usualEngine;
  const { byteOrder = wing.byteOrders[0] ?? 'big' } = options;
  const kept = keptInterpreter(interpreterName(wing, byteOrder));
  try {
    return assembleMachine(wing, {
      ...options,
      byteOrder,
      engine: { ...engine, translator: { ...engine.translator, log: regionLog() }, kept },
    });
  } catch (error) {
    // The host refuses a WebAssembly memory of this size.
    if (error instanceof RangeError) {
      throw new UserError('memory-size', `this host has no room for that much guest storage: give less with --memory`);
    }
    throw error;
  }
}

/** More than an ELF file has in front of what it says of itself. */
const HEAD_BYTES = 64;

/**
 * In which order storage has its numbers for the guest of an image: in that of the image, where the architecture's guests may have it.
 * The guest cannot tell: accesses in the other order, of one that changes its own, turn their bytes around.
 */
export function byteOrderOf({ byteOrders }: Pick<Wing, 'byteOrders'>, image: BootFile): ByteOrder {
  const [usual = 'big'] = byteOrders;
  const order = byteOrders.length > 1 ? elfByteOrder(image.head(HEAD_BYTES)) : usual;
  return order !== undefined && byteOrders.includes(order) ? order : usual;
}

/** Shows regions as pseudo-code, if somebody wants to see them. */
function regionLog(): ((region: () => readonly string[]) => void) | undefined {
  const log = createDebug('guestscope:engine');
  if (!log.enabled) return undefined;
  return (region) => {
    for (const line of region()) log(line);
  };
}
