import { expect, test } from 'vitest';
import { differentBuild } from '../../../../../src/arch/s390x/linux/builds.ts';
import { buildElfFile, Numbers } from '../../../image/elf-builder.ts';

const shape = { wide: true, littleEndian: false } as const;

/** An ELF file with a build-id, if it has one, and some bytes. */
function elf(buildId: string | undefined, bytes = ''): Buffer {
  const id = Buffer.from(buildId ?? '', 'hex');
  const note = new Numbers(shape).put(4, 4, id.length, 3).text('GNU').bytes(id).finish();
  const sections = [
    { name: '.rodata', type: 1, data: Buffer.from(`${bytes}\0`) },
    ...(buildId === undefined ? [] : [{ name: '.notes', type: 7, data: note }]),
  ];
  return buildElfFile(shape, { machine: 22, sections });
}

/** A packed kernel that says its version. */
function packed(version: string): Buffer {
  const image = Buffer.alloc(0x12000);
  image.write('S390EP', 0x10008);
  image.writeBigUInt64BE(0x11000n, 0x10428);
  image.write(`${version}\0`, 0x11000);
  return image;
}

test('two ELF files are of one build when their build-ids are the same', () => {
  expect(differentBuild(elf('aabbccdd'), elf('aabbccdd'))).toBeUndefined();
  expect(differentBuild(elf('aabbccdd'), elf('00112233'))).toBe('build id 00112233, not aabbccdd');
  expect(differentBuild(elf(undefined), elf('00112233'))).toBeUndefined();
});

test('a packed kernel is of the build whose banner has its release and its date; the number may be missing there', () => {
  const version = '6.1.0-50-s390x (who@where) #1 SMP Debian 6.1.176-1 (2026-07-02)';
  const banner = (text: string): Buffer => elf('aabbccdd', `Linux version ${text}`);
  expect(
    differentBuild(packed(version), banner('6.1.0-50-s390x (who@where) (gcc) # SMP Debian 6.1.176-1 (2026-07-02)')),
  ).toBe(undefined);
  expect(
    differentBuild(packed(version), banner('6.1.0-49-s390x (who@where) (gcc) #1 SMP Debian 6.1.176-1 (2026-07-02)')),
  ).toContain('Linux 6.1.0-49-s390x SMP Debian');
  expect(
    differentBuild(packed(version), banner('6.1.0-50-s390x (who@where) (gcc) #1 SMP Debian 6.1.170-3 (2026-05-08)')),
  ).toContain('6.1.170-3');
  expect(differentBuild(packed(version), elf('aabbccdd'))).toBeUndefined();
  expect(differentBuild(Buffer.alloc(0x20000), banner('6.1.0'))).toBeUndefined();
});
