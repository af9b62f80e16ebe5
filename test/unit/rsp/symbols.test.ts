import { describe, expect, test } from 'vitest';
import type { LoadedImage, SymbolPort } from '../../../src/machine/symbols.ts';
import { Harness } from './harness.ts';

const KERNEL = '/host/vmlinux';
const MODULE = '/guestscope/modules/1000/a&b.ko';

/** A kernel that is not there before `arrives` is called. */
class FakeSymbols implements SymbolPort {
  readonly probe = 'start_kernel';
  #images: readonly LoadedImage[] = [];

  arrives(displacement: bigint): void {
    this.#images = [
      { name: KERNEL, displacement, dynamic: 0xe57290n + displacement, main: true },
      { name: MODULE, displacement: 0n, dynamic: 0n, main: false },
    ];
  }
  displacement(): bigint | undefined {
    return this.#images[0]?.displacement;
  }
  places(): readonly bigint[] {
    return [];
  }
  changes(): boolean {
    return false;
  }
  images(): readonly LoadedImage[] {
    return this.#images;
  }
  content(name: string): Uint8Array | undefined {
    return this.#images.some((image) => image.name === name) ? Buffer.from(`bytes of ${name}`) : undefined;
  }
  probeAddress(): bigint | undefined {
    const displacement = this.displacement();
    return displacement === undefined ? undefined : 0x1000n + displacement;
  }
}

function harness(displacement?: bigint): { readonly client: Harness; readonly symbols: FakeSymbols } {
  const [client, symbols] = [new Harness(), new FakeSymbols()];
  client.target.symbols = symbols;
  if (displacement !== undefined) symbols.arrives(displacement);
  return { client, symbols };
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
const list = 'qXfer:libraries-svr4:read::0,1000';
const kernelLine = `<library name="${KERNEL}" lm="0x1" l_addr="0x4000" l_ld="0xe5b290" lmid="0x0"/>`;
const moduleLine = (n: number): string =>
  `<library name="/guestscope/modules/1000/a&amp;b.ko" lm="0x${n}" l_addr="0x0" l_ld="0x0" lmid="0x0"/>`;
const listOf = (...lines: readonly string[]): string[] => [
  `l${['<library-list-svr4 version="1.0">', ...lines, '</library-list-svr4>', ''].join('\n')}`,
];

describe('a kernel that is in its place when the client comes', () => {
  test('is the program of a client, and how far it was moved is said once', () => {
    const { client } = harness(0x4000n);
    expect(client.send('qXfer:exec-file:read:1:0,1000')).toEqual([`l${KERNEL}`]);
    expect(client.send('qOffsets')).toEqual(['Text=4000;Data=4000;Bss=4000']);
    expect(client.send(list)).toEqual(listOf(moduleLine(1)));
  });

  test('that was not moved is at 0, not unknown', () => {
    expect(harness(0n).client.send('qOffsets')).toEqual(['Text=0;Data=0;Bss=0']);
  });
});

describe('a kernel that is not there yet', () => {
  test('leaves the client with the ELF header, and is listed when it comes', () => {
    const { client, symbols } = harness();
    expect(client.send('qXfer:exec-file:read:1:0,1000')).toEqual(['l/guestscope/guest.elf']);
    expect(client.send('qOffsets')).toEqual(['']);
    expect(client.send(list)).toEqual(listOf());
    symbols.arrives(0x4000n);
    expect(client.send(list)).toEqual(listOf(kernelLine, moduleLine(2)));
  });

  test.each([
    ['in its place', '5000', [moduleLine(1)]],
    ['elsewhere', '1000', [kernelLine, moduleLine(2)]],
    ['not at all', '', [kernelLine, moduleLine(2)]],
  ])('is recognized in a client that has it %s', (_, value, lines) => {
    const { client, symbols } = harness();
    expect(client.send('qSymbol::')).toEqual([`qSymbol:${hex('start_kernel')}`]);
    expect(client.send(`qSymbol:${value}:${hex('start_kernel')}`)).toEqual(['OK']);
    symbols.arrives(0x4000n);
    expect(client.send(list)).toEqual(listOf(...lines));
  });
});

test('a kernel that came by the list stays in it, though the client then finds the probe in its symbols', () => {
  const { client, symbols } = harness();
  symbols.arrives(0x4000n);
  expect(client.send(list)).toEqual(listOf(kernelLine, moduleLine(2)));
  client.send('qSymbol::');
  client.send(`qSymbol:5000:${hex('start_kernel')}`);
  expect(client.send(list)).toEqual(listOf(kernelLine, moduleLine(2)));
});

test('files are served by exactly the names of the images, and no others', () => {
  const { client } = harness(0n);
  expect(client.send(`vFile:open:${hex(KERNEL)},0,0`)).toEqual(['F0']);
  expect(client.send('vFile:pread:0,5,0')).toEqual(['F5;bytes']);
  expect(client.send(`vFile:open:${hex(`/host/../host/vmlinux`)},0,0`)).toEqual(['F-1,2']);
  expect(client.send(`vFile:open:${hex('/etc/passwd')},0,0`)).toEqual(['F-1,2']);
  expect(client.send(`vFile:open:${hex(KERNEL)},1,0`)).toEqual(['F-1,1e']);
});
