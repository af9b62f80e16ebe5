/** A module for Debian's kernel, built without its headers: what they would say is taken from a module that is there. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cString, readSections } from '../../src/image/elf-file.ts';
import { tool } from './tools.ts';

/** Code of a kernel: no floating point, general registers and addresses as its own modules have them. */
const flags = [
  ...['-g', '-O1', '-march=z10', '-msoft-float', '-ffreestanding', '-fPIC', '-fno-inline', '-fno-ipa-sra'],
  ...['-fno-optimize-sibling-calls', '-fno-stack-protector', '-fasynchronous-unwind-tables', '-Wall', '-c'],
];
/** Where `struct module` has its name, in all kernels. */
const NAME_AT = 24;
/** An entry of `__versions`: a sum, and the name of what has it. */
const VERSION = { bytes: 64, name: 8 } as const;

/** Compiles `folder`/`name`.c into `to`/`name`.ko, whose paths in debug information are as in `folder`. */
export function buildModule(name: string, folder: string, to: string, debianModule: Uint8Array): string {
  const gcc = tool('s390x-linux-gnu-gcc');
  const [about, code, whole] = ['about.S', 'code.o', `${name}.ko`].map((file) => join(to, file)) as [
    string,
    string,
    string,
  ];
  writeFileSync(about, assemblyOf(name, debianModule));
  execFileSync(gcc, [...flags, '-o', code, `${name}.c`], { cwd: folder });
  execFileSync(gcc, ['-r', '-nostdlib', '-Wl,--build-id=none', '-o', whole, code, about], { cwd: to });
  return whole;
}

function assemblyOf(name: string, debianModule: Uint8Array): string {
  const { size, init, exit } = thisModule(debianModule);
  const strings = text(debianModule, '.modinfo').split('\0');
  const magic = strings.find((line) => line.startsWith('vermagic=')) ?? '';
  const layout = versionOf(debianModule, 'module_layout');
  return `
	.section .modinfo,"a",@progbits
	.string "license=GPL", "name=${name}", "depends=", "${magic}"
	.section __versions,"a",@progbits
	.balign 8
	.quad ${layout}
	.ascii "module_layout"
	.zero ${VERSION.bytes - VERSION.name - 'module_layout'.length}
	.section .gnu.linkonce.this_module,"aw",@progbits
	.balign 256
	.globl __this_module
	.type __this_module,@object
	.size __this_module, ${size}
__this_module:
	.zero ${NAME_AT}
	.string "${name}"
	.org ${init}
	.quad init_module
	.org ${exit}
	.quad cleanup_module
	.org ${size}
	.section .note.GNU-stack,"",@progbits
`;
}

/** How large `struct module` is, and where in it the two functions are that relocations put there. */
function thisModule(module: Uint8Array): { readonly size: number; readonly init: number; readonly exit: number } {
  const sections = readSections(module);
  const found = sections.find((s) => s.name === '.gnu.linkonce.this_module');
  const relocations = bytesOf(module, '.rela.gnu.linkonce.this_module');
  const [init, exit] = [0, 24].map((at) => Number(relocations.readBigUInt64BE(at)));
  if (found === undefined || init === undefined || exit === undefined) throw new Error('this is no module');
  return { size: Number(found.size), init, exit };
}

function versionOf(module: Uint8Array, name: string): string {
  const versions = bytesOf(module, '__versions');
  for (let at = 0; at + VERSION.bytes <= versions.length; at += VERSION.bytes) {
    if (cString(versions, at + VERSION.name) === name) return `0x${versions.readBigUInt64BE(at).toString(16)}`;
  }
  throw new Error(`the module says nothing of ${name}`);
}

function bytesOf(module: Uint8Array, section: string): Buffer {
  const found = readSections(module).find(({ name }) => name === section);
  if (found === undefined) throw new Error(`the module has no ${section}`);
  return Buffer.from(module.subarray(found.offset, found.offset + found.size));
}
function text(module: Uint8Array, section: string): string {
  return bytesOf(module, section).toString('latin1');
}
