import type { LoadedImage } from '../machine/symbols.ts';
import { escapeXml } from './target-xml.ts';

/**
 * The list of images as gdb takes shared libraries (gdb doc, "Library List Format for SVR4 Targets"). The place of a link
 * map, which there is none of, is their number.
 */
export function imagesXml(images: readonly LoadedImage[]): string {
  const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;
  const libraries = images.map(({ name, displacement, dynamic }, i) => {
    const where = `lm="${hex(BigInt(i + 1))}" l_addr="${hex(displacement)}" l_ld="${hex(dynamic)}" lmid="0x0"`;
    return `<library name="${escapeXml(name)}" ${where}/>`;
  });
  return ['<library-list-svr4 version="1.0">', ...libraries, '</library-list-svr4>', ''].join('\n');
}
