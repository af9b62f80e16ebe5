import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initrdAddress } from '../../../../../../src/arch/s390x/vmm/ipl/kernel-image.ts';
import { type BootPlan, type BootRequest, loadImage } from '../../../../../../src/arch/s390x/vmm/ipl/load.ts';
import { ArrayStorage } from '../array-storage.ts';
import { buildElf } from './elf-builder.ts';

const mebibyte = 0x10_0000;
const code = Uint8Array.of(0x07, 0xfe);

/** A raw kernel image, of a kernel that says how long its command line may be, unless that is 0. */
function linux({ length = 0x2_0000, commandLineSize = 4096, magic = true } = {}): Buffer {
  const image = Buffer.alloc(length, 0x11);
  if (magic) image.write('S390EP', 0x10008, 'latin1');
  image.writeBigUInt64BE(BigInt(commandLineSize), 0x10430);
  return image;
}

function plan(request: BootRequest): BootPlan {
  const result = loadImage(request);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
function refusal(request: BootRequest): string {
  const result = loadImage(request);
  return result.ok ? 'fine' : result.error.code;
}

describe('an ELF file', () => {
  test.each([
    [64, 0x0000_0001_8000_0000n],
    [31, 0x0000_0000_8000_0000n],
  ] as const)('of %i-bit code is entered in its mode, with everything disabled', (mode, mask) => {
    const storage = new ArrayStorage(mebibyte);
    const {
      psw,
      linux: isLinux,
      symbols,
    } = plan({ storage, image: buildElf(mode, 0x2000, [{ address: 0x2000, data: code }]) });
    expect(psw).toEqual({ mask, address: 0x2000n });
    expect(isLinux).toBe(false);
    expect(symbols?.all()).toEqual([]);
  });

  test('is described by where it lies', () => {
    const storage = new ArrayStorage(16 * mebibyte);
    const image = readFileSync(new URL('../../../../../../guests/demo/demo.elf', import.meta.url));
    const { description } = plan({ storage, image });
    expect(description).toMatch(/^64-bit ELF file, 0x20000-0x[0-9a-f]+, .*, entered at 0x20000$/);
  });

  test('that is no Linux takes no parameters', () => {
    const image = buildElf(64, 0x2000, [{ address: 0x2000, data: code }]);
    const storage = new ArrayStorage(16 * mebibyte);
    expect(refusal({ storage, image, commandLine: 'quiet' })).toBe('no-parameter-area');
    expect(refusal({ storage, image, initrd: code })).toBe('no-parameter-area');
    expect(refusal({ storage, image })).toBe('fine');
  });

  test('that is entered at 0x10000 is told its parameters when there are any', () => {
    const image = buildElf(64, 0x10000, [{ address: 0x10000, data: new Uint8Array(0x1000).fill(0x11) }]);
    const storage = new ArrayStorage(16 * mebibyte);
    plan({ storage, image });
    expect(storage.bytes.subarray(0x10400, 0x10500).every((byte) => byte === 0x11)).toBe(true);
    plan({ storage, image, commandLine: 'a=b', initrd: code });
    const loaded = Buffer.from(storage.bytes);
    expect(loaded.toString('latin1', 0x10480, 0x10484)).toBe('a=b\0');
    expect(loaded.readBigUInt64BE(0x10408)).toBe(0x80_0000n);
  });

  test('of an old Linux, entered at 0x800 for another loader, is entered at 0x10000', () => {
    const image = buildElf(64, 0x800, [{ address: 0, data: linux() }]);
    const old = plan({ storage: new ArrayStorage(mebibyte), image });
    expect([old.psw.address, old.linux]).toEqual([0x10000n, true]);
  });
});

describe('a raw kernel image', () => {
  test('lies at 0 and is entered at 0x10000 in 64-bit mode', () => {
    const storage = new ArrayStorage(mebibyte);
    const image = linux();
    const { psw, linux: isLinux, symbols, description } = plan({ storage, image });
    expect(psw).toEqual({ mask: 0x0000_0001_8000_0000n, address: 0x10000n });
    expect([isLinux, symbols]).toEqual([true, undefined]);
    expect(description).toContain('Linux kernel image');
    expect(image.equals(storage.bytes.subarray(0, image.length))).toBe(true);
  });

  test('may be of a kernel that does not say what it is', () => {
    const unnamed = plan({ storage: new ArrayStorage(mebibyte), image: linux({ magic: false }) });
    expect([unnamed.linux, unnamed.psw.address]).toEqual([false, 0x10000n]);
  });

  test('that is no kernel is entered where its IPL PSW points to', () => {
    const image = Buffer.alloc(0x3000, 0x11);
    image.writeBigUInt64BE(0x0008_0000_8000_2000n, 0);
    const storage = new ArrayStorage(mebibyte);
    const { psw, description } = plan({ storage, image });
    expect(psw).toEqual({ mask: 0x0000_0001_8000_0000n, address: 0x2000n });
    expect(description).toBe('raw image, 0x3000 bytes at 0x0, entered at 0x2000');
    expect(refusal({ storage, image, commandLine: 'x' })).toBe('no-parameter-area');
    // No PSW of the short format, or one that leads out of the image.
    for (const word of [0x0000_0000_8000_2000n, 0x0008_0000_8000_3000n, 0x0008_0000_8000_2001n]) {
      image.writeBigUInt64BE(word, 0);
      expect(refusal({ storage, image })).toBe('image-not-bootable');
    }
  });

  test('of Linux has an IPL PSW for another loader', () => {
    const image = linux();
    image.writeBigUInt64BE(0x0008_0000_8000_0800n, 0);
    expect(plan({ storage: new ArrayStorage(mebibyte), image }).psw.address).toBe(0x10000n);
  });

  test('takes a command line when its IPL PSW points to 0x10000', () => {
    const image = linux({ magic: false });
    image.writeBigUInt64BE(0x0008_0000_8001_0000n, 0);
    const storage = new ArrayStorage(mebibyte);
    expect(plan({ storage, image, commandLine: 'verbose' }).psw.address).toBe(0x10000n);
    expect(Buffer.from(storage.bytes).toString('latin1', 0x10480, 0x10488)).toBe('verbose\0');
  });

  test('must reach its entry and fit', () => {
    expect(refusal({ storage: new ArrayStorage(mebibyte), image: new Uint8Array(0) })).toBe('image-empty');
    expect(refusal({ storage: new ArrayStorage(mebibyte), image: new Uint8Array(0x10000) })).toBe('image-not-bootable');
    const small = new ArrayStorage(0x1_1000);
    expect(refusal({ storage: small, image: linux() })).toBe('storage-too-small');
    expect(small.writes).toBe(0);
  });
});

describe('the command line', () => {
  const given = (commandLine: string, image = linux()): string =>
    refusal({ storage: new ArrayStorage(mebibyte), image, commandLine });

  test('stands at 0x10480 in UTF-8 and ends with a NUL', () => {
    const storage = new ArrayStorage(mebibyte);
    plan({ storage, image: linux(), commandLine: 'root=/dev/vda é' });
    expect(Buffer.from(storage.bytes).toString('utf8', 0x10480, 0x10480 + 17)).toBe('root=/dev/vda é\0');
    expect(storage.bytes[0x10480 + 17]).toBe(0x11);
  });

  test('may be as long as the kernel says, or 895 bytes where it does not', () => {
    expect(given('x'.repeat(4095))).toBe('fine');
    expect(given('x'.repeat(4096))).toBe('command-line-too-long');
    const silent = linux({ commandLineSize: 0 });
    expect(given('x'.repeat(895), silent)).toBe('fine');
    expect(given('x'.repeat(896), silent)).toBe('command-line-too-long');
    const nobody = linux({ magic: false });
    expect(given('x'.repeat(896), nobody)).toBe('command-line-too-long');
  });

  test('has no NUL in it, and fits storage', () => {
    expect(given('a\0b')).toBe('command-line-nul');
    const storage = new ArrayStorage(0x1_0500);
    const image = linux({ length: 0x1_0480, commandLineSize: 4096 });
    expect(refusal({ storage, image, commandLine: 'x'.repeat(200) })).toBe('storage-too-small');
  });
});

describe('the initial RAM disk', () => {
  test('is announced with its place and size', () => {
    const storage = new ArrayStorage(16 * mebibyte);
    const initrd = Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff);
    plan({ storage, image: linux(), initrd });
    const loaded = Buffer.from(storage.bytes);
    expect([loaded.readBigUInt64BE(0x10408), loaded.readBigUInt64BE(0x10410)]).toEqual([0x80_0000n, 5000n]);
    expect(loaded.subarray(0x80_0000, 0x80_0000 + 5000).equals(initrd)).toBe(true);
  });

  test('lies on a mebibyte, at least one behind the image', () => {
    const places = [0x2_0000, 7 * mebibyte, 7 * mebibyte + 1, 40 * mebibyte].map(initrdAddress);
    expect(places).toEqual([8, 8, 9, 41].map((mebibytes) => mebibytes * mebibyte));
  });

  test('needs storage, and is not empty', () => {
    const image = linux();
    expect(refusal({ storage: new ArrayStorage(8 * mebibyte), image, initrd: code })).toBe('storage-too-small');
    expect(refusal({ storage: new ArrayStorage(16 * mebibyte), image, initrd: new Uint8Array(0) })).toBe(
      'initrd-empty',
    );
  });
});

test('no file makes the loader throw', () => {
  const elfs = fc
    .uint8Array({ maxLength: 200 })
    .map((bytes) => Buffer.concat([Buffer.from('7f454c460202', 'hex'), bytes]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), elfs), (image) => {
      loadImage({ storage: new ArrayStorage(0x2_0000), image, commandLine: 'x', initrd: code });
    }),
    { numRuns: 500 },
  );
});
