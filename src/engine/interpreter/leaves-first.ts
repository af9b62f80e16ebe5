import type { Stmt } from '../../ir/node.ts';
import type { Body } from '../../ir/recorder.ts';
import { blocksOf } from '../../ir/visit.ts';

/**
 * True for a body that can be given up wherever something other than the plain case shows, and done again from its beginning:
 * nothing changes in front of an access or a call. What traps behind a change of registers must trap at once.
 */
export function leavesFirst(body: Body): boolean {
  return new Order().holds(body.statements);
}

/** What has happened on some way to a statement. */
class Order {
  #changed = false;
  /** Bytes of storage have changed whose pointers were probed. */
  #stored = false;

  holds(statements: readonly Stmt[]): boolean {
    return statements.every((s) => this.#allows(s));
  }

  #allows(s: Stmt): boolean {
    switch (s.s) {
      case 'let':
        return !this.#changed || !isAsked(s.node.k);
      case 'setReg':
      case 'setState':
        this.#changed = true;
        return true;
      case 'store': {
        const first = !this.#changed;
        this.#changed = true;
        return first;
      }
      case 'hostStore':
      case 'hostCopy':
      case 'hostFill':
        this.#changed = true;
        this.#stored = true;
        return true;
      case 'call':
      case 'dispatch':
        return !this.#changed;
      case 'trap':
        return !this.#stored;
      case 'loop':
        // The second time round all of it would lie behind all of it.
        return this.holds(s.body) && !this.#changed;
      default:
        return blocksOf(s).every((block) => this.holds(block));
    }
  }
}

function isAsked(kind: string): boolean {
  return kind === 'fetch' || kind === 'probe' || kind === 'call';
}
