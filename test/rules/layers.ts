/**
 * Who may import whom: the one statement of it. `layers.test.ts` holds src/ to it, and `architecture.test.ts` holds the
 * picture in docs/ARCHITECTURE.md to it.
 */

import { posix } from 'node:path';
import { type Import, importsOf, type SourceFile } from '../support/sources.ts';

/** By name, what may be imported: folders, and files that stand for themselves alone. */
export type Allowed = Readonly<Record<string, readonly string[]>>;

/** A layer is a folder of src/; under arch/ each architecture is a layer of its own. Every layer may import itself. */
export const layers: Allowed = {
  bits: [],
  'soft-float': ['bits'],
  image: ['bits'],
  virtio: ['bits'],
  wasm: ['bits'],
  ir: ['wasm', 'bits'],
  machine: ['bits'],
  engine: ['machine', 'ir', 'wasm', 'bits'],
  'arch/*': [
    'wing',
    'machine',
    'ir',
    'wasm',
    'image',
    'virtio',
    'soft-float',
    'bits',
    'monitor/command.ts',
    'monitor/catch.ts',
  ],
  wing: ['machine', 'image', 'virtio', 'bits', 'monitor/command.ts'],
  history: ['machine', 'virtio', 'bits'],
  agent: ['wasm', 'bits'],
  debug: ['agent', 'history', 'machine', 'bits'],
  monitor: ['machine', 'bits'],
  rsp: ['machine', 'bits'],
  api: ['bits', 'wing', 'machine', 'engine', 'debug', 'monitor', 'arch/*'],
  cli: [
    'api',
    'bits',
    'image',
    'virtio',
    'wing',
    'machine',
    'engine',
    'arch/*/wing.ts',
    'history',
    'debug',
    'monitor',
    'rsp',
  ],
};

/** What a layer may know of another as types alone, so that nothing of it is there at run time. */
export const typesOf: Allowed = {
  machine: ['ir'],
  rsp: ['debug/target.ts'],
  monitor: ['debug/target.ts'],
};

/**
 * The same inside an architecture's wing, whose folders are its rooms. Files at the top of a wing put it together: they may
 * import every room, and the room `monitor` may import them.
 */
export const wings: Readonly<Record<string, { readonly rooms: Allowed; readonly typesOf: Allowed }>> = {
  s390x: {
    rooms: {
      dat: ['cpu/interruption-codes.ts'],
      cpu: ['dat', 'isa/decoder.ts', 'isa/opcodes.ts'],
      sie: ['cpu', 'dat/address.ts', 'isa/opcodes.ts'],
      isa: ['cpu', 'dat', 'sie'],
      kvm: ['cpu', 'dat', 'sie', 'isa/decoder.ts', 'isa/formats.ts'],
      vmm: ['cpu', 'dat/address.ts', 'dat/prefix.ts', 'kvm'],
      gdb: ['cpu', 'dat'],
      linux: ['cpu', 'dat/address.ts', 'gdb'],
      monitor: ['cpu', 'dat', 'isa', 'sie', 'kvm', 'gdb', '.'],
      '.': ['cpu', 'dat', 'isa', 'sie', 'kvm', 'vmm', 'gdb', 'linux', 'monitor'],
    },
    typesOf: {
      cpu: ['isa/helper.ts', 'isa/row.ts'],
      kvm: ['vmm/css/channel-storage.ts'],
      gdb: ['kvm'],
      linux: ['kvm'],
    },
  },
  ppc64: {
    rooms: {
      mmu: ['cpu/interruptions.ts', 'cpu/msr.ts', 'cpu/state-layout.ts'],
      cpu: ['mmu', 'isa/decoder.ts'],
      isa: ['cpu'],
      hv: ['cpu', 'mmu'],
      vmm: ['cpu', 'hv'],
      gdb: ['cpu', 'mmu'],
      monitor: ['cpu', 'mmu', 'hv', 'vmm/rtas-tokens.ts', 'gdb', '.'],
      '.': ['cpu', 'mmu', 'isa', 'hv', 'vmm', 'gdb', 'monitor'],
    },
    typesOf: {
      mmu: ['cpu/vcpu.ts'],
      cpu: ['isa/helper.ts', 'isa/row.ts'],
      gdb: ['hv'],
    },
  },
};

const readsFiles = /^cli\//;

/** Where a module that is not ours may be imported. One that is not listed may be imported nowhere. */
export const modules: Readonly<Record<string, RegExp>> = {
  'node:module': /^cli\/launch\.ts$/,
  'node:net': /^rsp\/|^cli\/wire\//,
  'node:fs': readsFiles,
  'node:fs/promises': readsFiles,
  'node:path': readsFiles,
  'node:url': readsFiles,
  'node:crypto': /^arch\/s390x\/isa\/crypto\//,
  'node:child_process': /^cli\//,
  'node:os': /^cli\//,
  'node:process': /^cli\//,
  'node:readline': /^cli\//,
  'node:stream': /^cli\//,
  'node:tty': /^cli\//,
  'node:util': /^cli\//,
  'node:v8': /^cli\//,
  'node:vm': /^cli\/chunks\.ts$/,
  'node:zlib': /^cli\//,
  yargs: /^cli\//,
  'yargs/helpers': /^cli\//,
  debug: /^(?!bits\/|soft-float\/|image\/|virtio\/|wasm\/|ir\/)/,
};

/** The layer that a path below src/ lies in, or undefined when it lies in none. */
export function layerOf(path: string): string | undefined {
  const [first = '', second = '', ...rest] = path.split('/');
  if (first === 'arch') return rest.length > 0 ? `arch/${second}` : undefined;
  return second !== '' && first in layers ? first : undefined;
}

/** Where a file of an architecture lies in its wing: architecture, room (`.` for a file at the top), path in the wing. */
export function placeInWing(path: string): readonly [arch: string, room: string, inside: string] | undefined {
  const [first, arch, ...rest] = path.split('/');
  if (first !== 'arch' || arch === undefined || rest.length === 0) return undefined;
  return [arch, rest.length > 1 ? (rest[0] ?? '.') : '.', rest.join('/')];
}

/** An import of one file of ours by another; both paths are below src/. */
export interface Edge extends Pick<Import, 'typeOnly'> {
  readonly from: string;
  readonly to: string;
}

/** The imports of ours among files. */
export function edgesOf(files: readonly SourceFile[]): Edge[] {
  return files.flatMap(({ path, text }) =>
    importsOf(text)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, typeOnly }) => ({
        from: path,
        to: posix.join(posix.dirname(path), specifier),
        typeOnly,
      })),
  );
}

/** What lets `from` import `to`, entry by entry; empty when nothing does. */
export function entriesFor({ from, to, typeOnly }: Edge): string[] {
  const general = (path: string): string => layerOf(path)?.replace(/^arch\/.*/, 'arch/*') ?? '';
  const [place, target] = [placeInWing(from), placeInWing(to)];
  if (place !== undefined && target !== undefined && place[0] === target[0]) {
    const wing = wings[place[0]];
    return wing === undefined ? [] : open(wing.rooms, wing.typesOf, place[1], [target[1], target[2]], typeOnly);
  }
  const anyArch = to.replace(/^arch\/[^/]+\//, 'arch/*/');
  return open(layers, typesOf, general(from), [general(to), to, anyArch], typeOnly);
}

function open(values: Allowed, types: Allowed, from: string, to: readonly string[], typeOnly: boolean): string[] {
  const named = (table: Allowed) => (table[from] ?? []).filter((e) => to.includes(e)).map((e) => `${from}: ${e}`);
  return [...named(values), ...(typeOnly ? named(types) : [])];
}

/** True when an import stays in its layer, and in its room of the wing. */
function staysInside({ from, to }: Edge): boolean {
  return layerOf(from) === layerOf(to) && placeInWing(from)?.[1] === placeInWing(to)?.[1];
}

function violation(path: string, { specifier, typeOnly }: Import): string | undefined {
  if (specifier === '*') return 'imports something computed';
  if (!specifier.startsWith('.')) {
    const places = modules[specifier];
    if (places === undefined) return `imports ${specifier}, which is not in the table of modules`;
    return places.test(path) ? undefined : `must not import ${specifier}`;
  }
  const to = posix.join(posix.dirname(path), specifier);
  if (!to.endsWith('.ts')) return `imports ${specifier} without the ending .ts`;
  if (layerOf(to) === undefined) return `imports ${to}, which lies in no layer`;
  const edge = { from: path, to, typeOnly };
  if (staysInside(edge) || entriesFor(edge).length > 0) return undefined;
  const within = layerOf(path) === layerOf(to) ? `/${placeInWing(path)?.[1]}` : '';
  return `${layerOf(path)}${within} must not import ${typeOnly ? 'types of ' : ''}${to}`;
}

/** Every breach of the tables, in words. */
export function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (layerOf(path) === undefined) return [`src/${path} lies in no layer`];
    const place = placeInWing(path);
    if (place !== undefined && wings[place[0]]?.rooms[place[1]] === undefined)
      return [`src/${path}: arch/${place[0]} has no room ${place[1]}`];
    return importsOf(text).flatMap((one) => {
      const said = violation(path, one);
      return said === undefined ? [] : [`src/${path}: ${said}`];
    });
  });
}

/** Groups of nodes of a graph that reach each other, each in the order of its names; a node that is its own next counts. */
export function cyclesOf(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = (from: string): Set<string> => {
    const seen = new Set<string>();
    const queue = [...(next.get(from) ?? [])];
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      queue.push(...(next.get(node) ?? []));
    }
    return seen;
  };
  const all = new Map([...next.keys()].map((node) => [node, reached(node)]));
  const found = new Map<string, string[]>();
  for (const [node, to] of all) {
    if (!to.has(node)) continue;
    const group = [...to].filter((other) => all.get(other)?.has(node) === true).sort();
    found.set(group.join(), group);
  }
  return [...found.values()];
}
