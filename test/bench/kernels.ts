/** The programs of `guests/bench` that are measured. */

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A bare-metal program that says `bench: NAME RESULT` when it is done. */
export interface Kernel {
  readonly name: string;
  /** What it leans on. */
  readonly title: string;
  /** Instructions that it executes, in millions, where they were counted. */
  readonly million?: number;
  /** Compiled code; vectors; or a loop of something that a machine may be slow at, which no mean is taken over. */
  readonly kind: 'compiled' | 'vector' | 'loop';
  /** Other machines have not what it wants. */
  readonly oursOnly?: true;
}

const compiled = (name: string, million: number, title: string): Kernel => ({ name, million, title, kind: 'compiled' });
const loop = (name: string, million: number, title: string): Kernel => ({ name, million, title, kind: 'loop' });

const vector = (name: string, million: number, title: string): Kernel => ({ name, million, title, kind: 'vector' });

/** Does nothing: its time is what a machine takes to start. */
export const emptyKernel = 'empty';

export const kernels: readonly Kernel[] = [
  compiled('crc32', 599.2, 'table lookups, each depending on the one before'),
  compiled('quicksort', 764.5, 'unpredictable branches, recursion'),
  compiled('pointers', 665.5, 'sorting through function pointers'),
  compiled('matrix', 1623.9, 'products of matrices of integers'),
  compiled('strings', 1474.7, 'loops over bytes'),
  compiled('moves', 4.0, 'MVC, CLC, XC, MVCL, MVCLE, CLCLE'),
  compiled('bytecode', 1061.3, 'an interpreter with a switch'),
  compiled('divide', 1472.5, '64-bit division, multiply-high'),
  compiled('float', 68.5, 'binary floating point, conversions'),
  compiled('pages', 72.5, 'DAT, 16,384 pages'),
  compiled('calls', 5.5, 'system calls, context switches'),
  compiled('lists', 400.1, 'linked lists'),
  vector('vstrings', 761.3, 'strlen and memchr'),
  vector('vcompare', 429.1, 'string comparison'),
  vector('vchecksum', 37.1, 'a checksum by VGFMA'),
  vector('vmatrix', 48.2, 'products of matrices of doubles'),
  loop('addressing', 3.7, '229,000 addressing exceptions'),
  loop('service', 20.0, 'a million service calls'),
  loop('masks', 190.0, '40 million STNSM, STOSM, SSM'),
  loop('controls', 7.0, 'two million LCTLG'),
  { ...loop('diagnose', 12.0, 'two million times a DIAGNOSE that is intercepted'), oursOnly: true },
  { ...loop('nested', 22.0, 'the same in a guest that SIE interprets'), oursOnly: true },
];

/** Two of them that make the same rounds, at one level and at the next. */
export const levels = ['diagnose', 'nested'] as const;

/** Programs for one architecture and byte order. */
export interface Family {
  /** In front of the programs' names. */
  readonly prefix: string;
  readonly arch?: 'ppc64';
  readonly kernels: readonly Kernel[];
  /** Makes what is not there, and gives back where each program's image is; `root` is the project's folder. */
  images(root: string): (name: string) => string;
}

const portable = ['crc32', 'quicksort', 'pointers', 'matrix', 'bytecode', 'divide', 'float', 'lists'];
const ofPpc64 = (prefix: string, order: string): Family => ({
  prefix,
  arch: 'ppc64',
  kernels: kernels
    .filter(({ name }) => portable.includes(name))
    .map(({ name, title, kind }) => ({ name, title, kind })),
  images: (root) => {
    const out = join(root, 'build/bench-ppc64');
    mkdirSync(out, { recursive: true });
    execFileSync('make', ['-s', '-C', join(root, 'guests/bench/ppc64'), `OUT=${out}`], { stdio: 'inherit' });
    return (name) => join(out, `${name}-${order}.elf`);
  },
});

export const families: readonly Family[] = [
  { prefix: '', kernels, images: (root) => (name) => join(root, 'guests/bench', `${name}.elf`) },
  ofPpc64('ppc64-', 'be'),
  ofPpc64('ppc64le-', 'le'),
];
