import type { Node } from '../../ir/node.ts';
import { isPure } from '../../ir/node.ts';
import { operandsOf } from '../../ir/visit.ts';

/** A way of computing the condition from two values, with the number that stands for it. */
export interface Template {
  readonly number: number;
  readonly node: Node<'i32'>;
  readonly leaves: readonly Node[];
}

/** As many values a condition may be computed from when somebody asks. */
const MOST_LEAVES = 2;

/**
 * The ways in which the instructions of a region leave a condition behind. Nobody asks for most of them, so what is
 * kept is what a condition would be computed from and, as a number, how. Number 0 is a condition that is computed.
 */
export class Templates {
  readonly #byShape = new Map<string, Template>();

  /** The template of a value, undefined when it has to be computed at once. */
  of(value: Node<'i32'>, isLeaf: (n: Node) => boolean): { template: Template; leaves: readonly Node[] } | undefined {
    const leaves: Node[] = [];
    const shape = this.#shape(value, leaves, isLeaf);
    if (shape === undefined) return undefined;
    let template = this.#byShape.get(shape);
    if (template === undefined) {
      template = { number: this.#byShape.size + 1, node: value, leaves };
      this.#byShape.set(shape, template);
    }
    return { template, leaves };
  }

  get all(): readonly Template[] {
    return [...this.#byShape.values()];
  }

  #shape(n: Node, leaves: Node[], isLeaf: (n: Node) => boolean): string | undefined {
    if (n.k === 'const') return `${n.ty}${n.value}`;
    if (!isPure(n) || n.k === 'ia' || isLeaf(n)) {
      if (n.ty !== 'i32' && n.ty !== 'i64') return undefined;
      let at = leaves.indexOf(n);
      if (at < 0) at = leaves.push(n) - 1;
      return at < MOST_LEAVES ? `${n.ty}$${at}` : undefined;
    }
    const name = n.k === 'un' || n.k === 'bin' ? `${n.ty}.${n.op}` : n.k === 'select' ? 'select' : undefined;
    if (name === undefined) return undefined;
    const args = operandsOf(n).map((a) => this.#shape(a, leaves, isLeaf));
    return args.includes(undefined) ? undefined : `${name}(${args.join()})`;
  }
}
