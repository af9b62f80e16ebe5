/** A flattened device tree (Devicetree Specification, "Flattened Devicetree (DTB) Format", version 17). */

/** A property: nothing, strings, cells of 32 bits, or bytes. */
export type PropertyValue = true | string | readonly string[] | readonly number[] | Uint8Array;

/** A node: its name with its unit address, its properties, its children. */
export interface TreeNode {
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
  readonly children?: readonly TreeNode[];
}

/** A range of storage that the kernel leaves alone. */
export interface Reservation {
  readonly address: number;
  readonly length: number;
}

const MAGIC = 0xd00d_feed;
const HEADER_BYTES = 40;
const VERSION = 17;
const OLDEST = 16;
const token = { begin: 1, end: 2, property: 3, finish: 9 } as const;

class Writer {
  readonly bytes: number[] = [];

  word(value: number): void {
    this.bytes.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  }
  text(value: string): void {
    for (const c of Buffer.from(value, 'utf8')) this.bytes.push(c);
    this.bytes.push(0);
  }
  align(): void {
    while (this.bytes.length % 4 !== 0) this.bytes.push(0);
  }
}

function bytesOf(value: PropertyValue): readonly number[] {
  if (value === true) return [];
  if (value instanceof Uint8Array) return [...value];
  const out = new Writer();
  for (const part of typeof value === 'string' ? [value] : value) {
    if (typeof part === 'string') out.text(part);
    else out.word(part);
  }
  return out.bytes;
}

/** The blob of a tree. `bootCpu` is the number of the CPU that begins. */
export function flatten(root: TreeNode, reservations: readonly Reservation[], bootCpu = 0): Uint8Array {
  const strings = new Writer();
  const known = new Map<string, number>();
  const nameAt = (name: string): number => {
    let at = known.get(name);
    if (at === undefined) {
      at = strings.bytes.length;
      known.set(name, at);
      strings.text(name);
    }
    return at;
  };
  const tree = new Writer();
  const node = ({ name, properties, children }: TreeNode): void => {
    tree.word(token.begin);
    tree.text(name);
    tree.align();
    for (const [key, value] of Object.entries(properties)) {
      const bytes = bytesOf(value);
      tree.word(token.property);
      tree.word(bytes.length);
      tree.word(nameAt(key));
      tree.bytes.push(...bytes);
      tree.align();
    }
    for (const child of children ?? []) node(child);
    tree.word(token.end);
  };
  node(root);
  tree.word(token.finish);
  const reserved = new Writer();
  for (const { address, length } of [...reservations, { address: 0, length: 0 }]) {
    for (const value of [address, length]) {
      reserved.word(Math.floor(value / 2 ** 32));
      reserved.word(value >>> 0);
    }
  }
  const reservedAt = HEADER_BYTES;
  const treeAt = reservedAt + reserved.bytes.length;
  const stringsAt = treeAt + tree.bytes.length;
  const header = new Writer();
  const total = stringsAt + strings.bytes.length;
  for (const word of [MAGIC, total, treeAt, stringsAt, reservedAt, VERSION, OLDEST, bootCpu]) header.word(word);
  header.word(strings.bytes.length);
  header.word(tree.bytes.length);
  return Uint8Array.from([...header.bytes, ...reserved.bytes, ...tree.bytes, ...strings.bytes]);
}
