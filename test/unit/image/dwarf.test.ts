import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DebugInfo } from '../../../src/image/dwarf.ts';
import { describeWithTools, tool } from '../../support/tools.ts';
import { type BuiltShape, buildElfFile, Numbers, shapes } from './elf-builder.ts';

/** Abbreviations: a unit with a name and an address, a structure, a member, each with its forms. */
const abbreviations = [
  [1, 0x11, 1, 0x03, 0x08, 0x11, 0x01, 0, 0],
  [2, 0x13, 1, 0x03, 0x0e, 0x0b, 0x05, 0, 0],
  [3, 0x0d, 0, 0x03, 0x08, 0x38, 0x06, 0, 0],
].flat();

/** Debug information of `struct pair { first at 0; second at 0x102; }` of 0x204 bytes in `main.c`. */
function sample(shape: BuiltShape, version: 4 | 5): Buffer {
  const addressBytes = shape.wide ? 8 : 4;
  const body = new Numbers(shape).put(2, version);
  if (version === 5) body.bytes([1, addressBytes]).put(4, 0);
  else body.put(4, 0).bytes([addressBytes]);
  body.bytes([1]).text('main.c').native(0x1000);
  body.bytes([2]).put(4, 1).put(2, 0x204);
  body.bytes([3]).text('first').put(4, 0);
  body.bytes([3]).text('second').put(4, 0x102);
  body.bytes([0, 0]);
  const unit = body.finish();
  return buildElfFile(shape, {
    machine: 0,
    type: 1,
    sections: [
      { name: '.debug_info', type: 1, data: new Numbers(shape).put(4, unit.length).bytes(unit).finish() },
      { name: '.debug_abbrev', type: 1, data: Uint8Array.from([...abbreviations, 0]) },
      { name: '.debug_str', type: 1, data: Buffer.from('\0pair\0') },
    ],
  });
}

describe.each(shapes)('debug information, wide $wide, little endian $littleEndian', (shape) => {
  test.each([4, 5] as const)('of version %i tells where the members of a structure lie', (version) => {
    const found = new DebugInfo(sample(shape, version)).structs('main.c', ['pair', 'absent']);
    expect([...found.keys()]).toEqual(['pair']);
    expect(found.get('pair')).toEqual({
      bytes: 0x204,
      members: new Map([
        ['first', 0],
        ['second', 0x102],
      ]),
    });
  });
});

test('however damaged it comes to an end', () => {
  const [, , shape] = shapes;
  const whole = sample(shape ?? { wide: true, littleEndian: false }, 5);
  const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(edits, (changes) => {
      const damaged = Buffer.from(whole);
      for (const [at, value] of changes) damaged.writeUInt8(value, at);
      try {
        new DebugInfo(damaged).structs('main.c', ['pair', 'absent']);
      } catch (error) {
        expect(String(error)).toContain('has a form');
      }
    }),
    { numRuns: 3000 },
  );
});

const source = `
struct inner { char tag; union { int number; void *pointer; }; };
struct outer { struct inner *next; short flags; struct { long deep; }; char name[7]; };
struct outer one;
`;

describeWithTools(['s390x-linux-gnu-gcc'], 'what a compiler writes, as of', () => {
  test.each([
    ['-m64', '-gdwarf-5', { next: 0, flags: 8, deep: 16, name: 24 }, 32],
    ['-m64', '-gdwarf-4', { next: 0, flags: 8, deep: 16, name: 24 }, 32],
    ['-m31', '-gdwarf-4', { next: 0, flags: 4, deep: 8, name: 12 }, 20],
  ] as const)('%s %s', (mode, debug, members, bytes) => {
    expect(compiled(tool('s390x-linux-gnu-gcc'), [mode, debug])).toEqual({
      bytes,
      members: new Map(Object.entries(members)),
    });
  });
});

/** The layout of `struct outer` as a compiler says it, in a linked program: relocations are applied. */
function compiled(compiler: string, options: readonly string[]): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-dwarf-'));
  try {
    const [from, to] = [join(folder, 'one.c'), join(folder, 'one.elf')];
    writeFileSync(from, source);
    execFileSync(compiler, [...options, '-nostdlib', '-static', '-Wl,-e0', '-fno-pie', '-no-pie', '-o', to, 'one.c'], {
      cwd: folder,
    });
    return new DebugInfo(readFileSync(to)).structs('one.c', ['outer']).get('outer');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
