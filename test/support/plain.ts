/** Plain data, compared and looked at. */

/** Where two pieces of plain data differ: paths with both values, as many as `most`. */
export function differences(a: unknown, b: unknown, most = 20): string[] {
  const found: string[] = [];
  compare(a, b, '', found, most);
  return found;
}

function compare(a: unknown, b: unknown, path: string, found: string[], most: number): void {
  if (found.length >= most || Object.is(a, b)) return;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    if (Buffer.compare(a, b) !== 0) found.push(`${path}: ${bytesDiffer(a, b)}`);
  } else if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      compare(a[key], b[key], `${path}/${key}`, found, most);
  } else found.push(`${path}: ${show(a)} and ${show(b)}`);
}

function bytesDiffer(a: Uint8Array, b: Uint8Array): string {
  if (a.length !== b.length) return `${a.length} bytes and ${b.length}`;
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return `byte ${at}: ${a[at]} and ${b[at]}`;
}

/** What of some data is not plain: paths. */
export function notPlain(value: unknown, path = ''): string[] {
  if (value === null || typeof value === 'function' || typeof value === 'symbol') return [path];
  if (typeof value !== 'object' || value instanceof Uint8Array) return [];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return [path];
  return Object.entries(value).flatMap(([key, inner]) => notPlain(inner, `${path}/${key}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  return isObject(value) ? 'an object' : String(value);
}
