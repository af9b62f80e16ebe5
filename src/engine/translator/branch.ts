import type { Node, Slot, Stmt } from '../../ir/node.ts';
import { isLeave } from '../../ir/specialize.ts';
import { visit } from '../../ir/visit.ts';
import { keyOfRegister, registerNumber } from './register-uses.ts';

/** How a block ends that ends by a branch. */
export interface Branch {
  /** It may also go on behind. */
  readonly conditional: boolean;
  /** Bytes from the start of the page to the target; undefined for a target that is computed. */
  readonly target: number | undefined;
  /** The register in which it leaves the address behind it, to be returned to. */
  readonly links: number | undefined;
  /** The register that holds the target. */
  readonly through: number | undefined;
}

/** What an instruction does about the next one. */
export type Course = Branch | 'next' | 'leave' | 'odd';

/** The statements that end in a branch, apart from what comes before them, and what decides. */
export interface BranchStatements {
  readonly before: readonly Stmt[];
  readonly cond: Node<'i32'> | undefined;
  readonly taken: readonly Stmt[];
  readonly target: Node<'i64'>;
}

/** Takes specialized statements apart that end in a branch, perhaps a conditional one; undefined when they are otherwise. */
export function branchStatements(statements: readonly Stmt[]): BranchStatements | undefined {
  const last = statements.at(-1);
  const before = statements.slice(0, -1);
  if (last?.s === 'branch') return { before, cond: undefined, taken: [], target: last.target };
  if (last?.s !== 'if') return undefined;
  const branch = last.whenTrue.at(-1);
  if (branch?.s !== 'branch' || last.whenFalse.length > 0) return undefined;
  return { before, cond: last.cond, taken: last.whenTrue.slice(0, -1), target: branch.target };
}

/**
 * The course of an instruction by its specialized statements; `next` is the offset of the one behind it. One that changes what the
 * region takes for granted is odd: behind it another region begins.
 */
export function courseOf(
  statements: readonly Stmt[],
  next: number,
  granted: (slot: Slot) => bigint | undefined,
): Course {
  let branches = 0;
  let links: number | undefined;
  let unknown = false;
  let changes = false;
  visit(statements, {
    statement: (s) => {
      if (s.s === 'branch') branches++;
      else if (s.s === 'setReg') {
        if (offsetOf(s.value) === next) links = keyOfRegister(s);
        unknown ||= registerNumber(s.index) === undefined;
      } else if (s.s === 'setState') {
        const value = granted(s.slot);
        changes ||= value !== undefined && !(s.value.k === 'const' && s.value.value === value);
      } else if (s.s === 'let' && s.node.k === 'reg') unknown ||= registerNumber(s.node.index) === undefined;
    },
  });
  if (unknown || changes) return 'odd';
  const last = statements.at(-1);
  if (last !== undefined && isLeave(last)) return 'leave';
  if (effectBeforeLeave(statements)) return 'odd';
  if (branches === 0) return 'next';
  const apart = branchStatements(statements);
  if (apart === undefined || branches > 1) return 'odd';
  const conditional = apart.cond !== undefined;
  return {
    conditional,
    target: offsetOf(apart.target),
    links: conditional ? undefined : links,
    through: registerOf(apart.target),
  };
}

// The register that an address comes from, whatever mask it is given.
function registerOf(n: Node): number | undefined {
  if (n.k === 'bin' && n.op === 'and' && n.b.k === 'const') return registerOf(n.a);
  return n.k === 'reg' ? keyOfRegister(n) : undefined;
}

/** Bytes from what offsets count from to a constant address; undefined for another. An address mask does not matter here. */
export function offsetOf(n: Node): number | undefined {
  if (n.k === 'ia') return 0;
  if (n.k !== 'bin' || n.b.k !== 'const') return undefined;
  if (n.op === 'and' && (n.b.value === 0x7fff_ffffn || n.b.value === 0xff_ffffn)) return offsetOf(n.a);
  if (n.op !== 'add' || n.a.k !== 'ia') return undefined;
  return Number(n.b.value);
}

/** True when something is changed before the instruction may have to be left: it could not be done from its beginning. */
export function effectBeforeLeave(statements: readonly Stmt[]): boolean {
  let odd = false;
  // The state of change behind the statements.
  const walk = (list: readonly Stmt[], before: boolean): boolean => {
    let changed = before;
    const may = (): void => {
      odd ||= changed;
    };
    for (const s of list) {
      switch (s.s) {
        case 'let':
          if (s.node.k === 'fetch' || s.node.k === 'probe') may();
          break;
        case 'store':
          may();
          changed = true;
          break;
        case 'trap':
          may();
          return changed;
        case 'setReg':
        case 'setState':
        case 'hostStore':
        case 'hostCopy':
        case 'hostFill':
        case 'branch':
          changed = true;
          break;
        case 'if': {
          const a = walk(s.whenTrue, changed);
          const b = walk(s.whenFalse, changed);
          changed = a || b;
          break;
        }
        case 'loop':
          changed = walk(s.body, walk(s.body, changed));
          break;
        default:
          break;
      }
    }
    return changed;
  };
  walk(statements, false);
  return odd;
}
