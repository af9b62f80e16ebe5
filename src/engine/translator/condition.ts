import { isPure, type Node } from '../../ir/node.ts';

/** A way of computing the condition from two values, with the number that stands for it. */
export interface Template {
  readonly number: number;
  readonly node: Node<'i32'>;
  readonly leaves: readonly Node[];
}

/** As many values a condition may be computed from when somebody asks. */
const MOST_LEAVES = 2;

/** How a value is computed, and from which others. */
export interface Lazy {
  readonly template: Template;
  readonly leaves: readonly Node[];
}

/**
 * The ways in which the instructions of a region leave a condition behind. Nobody asks for most of them, so what is
 * kept is what a condition would be computed from and, as a number, how. Number 0 is a condition that is computed.
 */
export class Templates {
  readonly all: Template[] = [];
  /** What came of values that were asked about before; each is more than once. */
  readonly #known = new Map<Node, Lazy | undefined>();

  /** The template of a value, undefined when it has to be computed at once. */
  of(value: Node<'i32'>): Lazy | undefined {
    const known = this.#known.get(value);
    if (known !== undefined || this.#known.has(value)) return known;
    const found = this.#find(value);
    this.#known.set(value, found);
    return found;
  }

  #find(value: Node<'i32'>): Lazy | undefined {
    const leaves: Node[] = [];
    if (!collect(value, leaves)) return undefined;
    let template = this.all.find((t) => alike(value, leaves, t.node, t.leaves));
    if (template === undefined) {
      template = { number: this.all.length + 1, node: value, leaves };
      this.all.push(template);
    }
    return { template, leaves };
  }
}

// Gathers what a value is computed from; false when that is too much, or no way of computing that can be kept.
function collect(n: Node, leaves: Node[]): boolean {
  if (n.k === 'const') return true;
  if (!isPure(n) || n.k === 'ia') {
    if (n.ty !== 'i32' && n.ty !== 'i64') return false;
    if (!leaves.includes(n)) leaves.push(n);
    return leaves.length <= MOST_LEAVES;
  }
  switch (n.k) {
    case 'un':
      return collect(n.a, leaves);
    case 'bin':
      return collect(n.a, leaves) && collect(n.b, leaves);
    case 'select':
      return collect(n.a, leaves) && collect(n.b, leaves) && collect(n.cond, leaves);
    default:
      return false;
  }
}

// True for values that are computed in one way from their leaves.
function alike(n: Node, leaves: readonly Node[], m: Node, others: readonly Node[]): boolean {
  const at = leaves.indexOf(n);
  if (at >= 0) return others[at] === m && n.ty === m.ty;
  if (n.ty !== m.ty) return false;
  switch (n.k) {
    case 'const':
      return m.k === 'const' && n.value === m.value;
    case 'un':
      return m.k === 'un' && n.op === m.op && alike(n.a, leaves, m.a, others);
    case 'bin':
      return m.k === 'bin' && n.op === m.op && alike(n.a, leaves, m.a, others) && alike(n.b, leaves, m.b, others);
    case 'select':
      return (
        m.k === 'select' &&
        alike(n.a, leaves, m.a, others) &&
        alike(n.b, leaves, m.b, others) &&
        alike(n.cond, leaves, m.cond, others)
      );
    default:
      return false;
  }
}
