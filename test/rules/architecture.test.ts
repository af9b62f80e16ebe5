import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { root, sources } from '../support/sources.ts';
import { edgesOf, entriesFor, layers, typesOf, wings } from './layers.ts';

const page = readFileSync(`${root}docs/ARCHITECTURE.md`, 'utf8');

/** The rooms of the picture by floors, the highest first. The first word of a cell is the room. */
function floorsOf(text: string): string[][] {
  const floors: string[][] = [];
  let begins = false;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (/^[┌├]/.test(line)) begins = true;
    else if (begins && line.startsWith('│')) {
      const cells = line.slice(1, -1).split('│');
      floors.push(cells.map((cell) => cell.trim().split(/\s/)[0] ?? ''));
      begins = false;
    }
  }
  return floors;
}

/** Every room with what it may import, as the picture names them; entries for single files are left out. */
function roomsAndImports(): Map<string, readonly string[]> {
  const folders = (open: readonly string[]): string[] => open.filter((entry) => !entry.endsWith('.ts'));
  const found = new Map<string, readonly string[]>();
  for (const [room, open] of Object.entries(layers)) if (room !== 'arch/*') found.set(room, folders(open));
  for (const [arch, { rooms }] of Object.entries(wings)) {
    const place = (room: string): string => (room === '.' ? `arch/${arch}` : `arch/${arch}/${room}`);
    for (const [room, open] of Object.entries(rooms)) {
      // Commands know the guest that they are about, which stands above them: the one way up, and by types.
      const inside = folders(open).filter((entry) => room !== 'monitor' || entry !== '.');
      found.set(place(room), [...inside.map(place), ...folders(layers['arch/*'] ?? [])]);
    }
  }
  return found;
}

/** A hop of a way: a file, and a word that stands in it. */
function hopsOf(text: string): { readonly file: string; readonly word: string }[] {
  const hop = /`(src\/[\w./-]+\.ts)` `([^`]+)`/g;
  return [...text.matchAll(hop)].map(([, file = '', word = '']) => ({ file, word }));
}

/** Paths of the project that a page names: folders from the top, files also from src/ or from the wing that it is about. */
function pathsOf(text: string): string[] {
  const path =
    /`((?:src|test|scripts|docs|guests|gdb-scripts|findings)\/[\w./-]*|(?:[\w-]+\/)+[\w.-]+\.(?:ts|mjs|py|md))`/g;
  return [...text.matchAll(path)].map(([, found = '']) => found);
}

function isThere(path: string): boolean {
  return ['', 'src/', 'src/arch/s390x/', 'src/arch/ppc64/'].some((from) => existsSync(`${root}${from}${path}`));
}

const floors = floorsOf(page);

test('the picture shows every room once, and no other', () => {
  expect(floors.flat().sort()).toEqual([...roomsAndImports().keys()].sort());
});

test('a room imports from the floors below it alone', () => {
  const floorOf = new Map(floors.flatMap((rooms, i) => rooms.map((room): [string, number] => [room, i])));
  const upward = [...roomsAndImports()].flatMap(([room, open]) =>
    open
      .filter((to) => (floorOf.get(to.replace('*', 's390x')) ?? -1) <= (floorOf.get(room) ?? 0))
      .map((to) => `${room} -> ${to}`),
  );
  expect(upward).toEqual([]);
});

// Bits are for everybody, and files at the top of a wing put all of it together.
test('every import that is allowed is made somewhere', () => {
  const used = new Set(edgesOf(sources('src')).flatMap(entriesFor));
  const unused = (tables: Readonly<Record<string, readonly string[]>>): string[] =>
    Object.entries(tables).flatMap(([from, open]) =>
      open.map((to) => `${from}: ${to}`).filter((e) => !used.has(e) && !/^\.: |: bits$/.test(e)),
    );
  expect([layers, typesOf, ...Object.values(wings).flatMap((w) => [w.rooms, w.typesOf])].flatMap(unused)).toEqual([]);
});

describe('the ways through the house', () => {
  const hops = hopsOf(page);
  test('are three, of many hops', () => {
    expect(page.match(/^1\. /gm)).toHaveLength(3);
    expect(hops.length).toBeGreaterThan(30);
  });
  test('each hop is there', () => {
    const missing = hops.filter(
      ({ file, word }) => !existsSync(`${root}${file}`) || !readFileSync(`${root}${file}`, 'utf8').includes(word),
    );
    expect(missing).toEqual([]);
  });
});

test.each([
  'README.md',
  'docs/ARCHITECTURE.md',
  'docs/CONTRIBUTING.md',
  'guests/README.md',
])('every file that %s names is there', (name) => {
  const paths = pathsOf(readFileSync(`${root}${name}`, 'utf8'));
  expect(paths.filter((path) => !isThere(path))).toEqual([]);
});

describe('the rule sees', () => {
  test('rooms and floors of a picture', () => {
    const picture = ['┌────┐', '│ a x│', '├──┬─┤', '│ b│c│', '│ x│y│', '└──┴─┘']
      .map((line) => `    ${line}`)
      .join('\n');
    expect(floorsOf(picture)).toEqual([['a'], ['b', 'c']]);
  });
  test('hops and paths', () => {
    expect(hopsOf('1. `src/a/b.ts` `#run`: goes on')).toEqual([{ file: 'src/a/b.ts', word: '#run' }]);
    expect(pathsOf('in `src/a.ts`, `kvm/b.ts`, `m/s` and `docs/`')).toEqual(['src/a.ts', 'kvm/b.ts', 'docs/']);
    expect(['kvm/gmap.ts', 'debug/stops.ts', 'docs/', 'kvm/no.ts'].map(isThere)).toEqual([true, true, true, false]);
  });
});
