/** Densely packed decimal: three digits in ten bits (IEEE 754, "Encodings"). */

/** The digits of a declet as a number, 0 to 999. Redundant codes are decoded, too. */
function decoded(code: number): number {
  const [b, c, d, e, f, g, h] = [9, 8, 7, 6, 5, 4, 3].map((n) => (code >> n) & 1) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [i, j, k] = [2, 1, 0].map((n) => (code >> n) & 1) as [number, number, number];
  const small = (x: number, y: number, z: number): number => 4 * x + 2 * y + z;
  const number = (x: number, y: number, z: number): number => 100 * x + 10 * y + z;
  if (h === 0) return number(small(b, c, d), small(e, f, g), small(i, j, k));
  switch (2 * i + j) {
    case 0:
      return number(small(b, c, d), small(e, f, g), 8 + k);
    case 1:
      return number(small(b, c, d), 8 + g, small(e, f, k));
    case 2:
      return number(8 + d, small(e, f, g), small(b, c, k));
    default:
      break;
  }
  switch (2 * e + f) {
    case 0:
      return number(8 + d, 8 + g, small(b, c, k));
    case 1:
      return number(8 + d, small(b, c, g), 8 + k);
    case 2:
      return number(small(b, c, d), 8 + g, 8 + k);
    default:
      return number(8 + d, 8 + g, 8 + k);
  }
}

/** The number of each code. */
export const numberOfDeclet: readonly number[] = Array.from({ length: 1024 }, (_, code) => decoded(code));

/** The canonical code of each number: the least of those that have it. */
export const decletOfNumber: readonly number[] = Array.from({ length: 1000 }, (_, n) => numberOfDeclet.indexOf(n));
