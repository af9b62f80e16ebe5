/** The programs that gdb goes back in, for each architecture: the same sessions are held on all of them. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { type ToolName, tool } from '../support/tools.ts';
import { tinyGuest } from './tiny-guest.ts';

/** Programs of one architecture, with the same labels; r2 counts. */
export interface ReverseGuest {
  readonly name: string;
  readonly compiler: ToolName;
  /** Assembles a program; the ELF file vanishes with the test. */
  readonly assembled: (source: string) => string;
  /** Stores 1 to 5 into `counter` at `store`, then the same 5 once more at `silent`, and goes round a loop for ever behind `done`. */
  readonly counts: string;
  /** Of `counts`: instructions before the loop, which has three, and its register that counts down. */
  readonly prologue: number;
  readonly down: string;
  /** Two CPUs count in `twice`, and the first one comes to `met` at last. */
  readonly twoCpus: string;
  readonly twice: string;
  /** r2 is 2 at `again` and 3 at `done`, six instructions behind the beginning; `function` gives 42. */
  readonly withFunction: string;
  /**
   * Whether gdb stores something before it calls a function of the guest, such as a chain of frames below its stack: what comes then is
   * not what came before, wherever the registers are put back to.
   */
  readonly callStores: boolean;
}

const s390x: ReverseGuest = {
  name: 's390x',
  compiler: 's390x-linux-gnu-gcc',
  assembled: tinyGuest,
  counts: `
_start:	larl	%r8, counter
	lghi	%r2, 0
	lghi	%r3, 5
loop:	aghi	%r2, 1
store:	stg	%r2, 0(%r8)
next:	brctg	%r3, loop
silent:	stg	%r2, 0(%r8)
done:	nopr
	nopr
end:	j	end
	.data
	.balign 8
counter: .quad 0
`,
  prologue: 3,
  down: '$r3',
  twoCpus: `
_start:	larl	%r1, restart_psw
	mvc	0x1a0(16,%r0), 0(%r1)
	lghi	%r2, 1
	sigp	%r0, %r2, 6
	lgfi	%r4, 300000
	lghi	%r9, 0
1:	aghi	%r9, 1
	brctg	%r4, 1b
met:	j	met
cpu1:	lghi	%r9, 0
2:	aghi	%r9, 1
	j	2b
	.balign	8
restart_psw: .quad 0x0000000180000000, cpu1
`,
  twice: '$r9',
  withFunction: `
_start:	larl	%r15, stack
	lghi	%r2, 1
	aghi	%r2, 1
again:	nopr
	aghi	%r2, 1
	nopr
done:	nopr
end:	j	end
	.globl function
	.type function,@function
function: lghi	%r2, 42
	br	%r14
	.data
	.space 4096
stack:	.space 256
`,
  callStores: false,
};

/** Address of the first instruction, which is entered in 32-bit mode, real addresses; data lie in a page of their own behind them. */
const PPC64_START = 0x400000;

const ppc64: ReverseGuest = {
  name: 'ppc64',
  compiler: 'powerpc64-linux-gnu-gcc',
  assembled: tinyPpc64,
  counts: `
_start:	bcl	20, 31, 1f
1:	mflr	8
	addi	8, 8, counter - 1b
	li	2, 0
	li	3, 5
	mtctr	3
loop:	addi	2, 2, 1
store:	std	2, 0(8)
next:	bdnz	loop
silent:	std	2, 0(8)
done:	nop
	nop
end:	b	end
	.balign	4096
counter: .quad	0
`,
  prologue: 6,
  down: '$ctr',
  // RTAS is a hypercall with the address of a block: start-cpu, counts of arguments and answers, the CPU, where it begins, its r3.
  twoCpus: `
_start:	bcl	20, 31, 1f
1:	mflr	8
	addi	5, 8, block - 1b
	addi	6, 8, cpu1 - 1b
	stw	6, 16(5)
	mr	4, 5
	li	3, 0
	ori	3, 3, 0xf000
	sc	1
	lis	4, 5
	mtctr	4
	li	9, 0
2:	addi	9, 9, 1
	bdnz	2b
met:	b	met
cpu1:	li	9, 0
3:	addi	9, 9, 1
	b	3b
	.balign	2048
block:	.long	0x2006, 3, 1, 1, 0, 0, 0
`,
  twice: '$r9',
  withFunction: `
_start:	bcl	20, 31, 1f
1:	mflr	1
	addi	1, 1, stack - 1b
	li	2, 2
again:	nop
	li	2, 3
done:	nop
end:	b	end
	.globl	function
	.type	function,@function
function: li	3, 42
	blr
	.balign	4096
	.space	2048
stack:	.space	512
`,
  callStores: true,
};

export const reverseGuests: readonly ReverseGuest[] = [s390x, ppc64];

/** Assembles a bare-metal ppc64 guest, entered at its first byte; the ELF file vanishes with the test. */
export function tinyPpc64(source: string): string {
  const made = mkdtempSync(join(tmpdir(), 'guestscope-ppc64-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  const [from, script, to] = [join(made, 'tiny.S'), join(made, 'tiny.lds'), join(made, 'tiny.elf')];
  writeFileSync(from, `\t.text\n\t.abiversion 2\n\t.globl _start\n${source}\n`);
  writeFileSync(script, `SECTIONS { . = 0x${PPC64_START.toString(16)}; .text : AT(0) { *(.text) } }\n`);
  const link = ['-nostdlib', '-static', '-Wl,--build-id=none', '-T', script];
  const flags = ['-g', '-mcpu=power7', '-mabi=elfv2', '-o', to, from];
  execFileSync(tool('powerpc64-linux-gnu-gcc'), [...flags, ...link], { cwd: made });
  return to;
}

/** A guest that waits, and a gdb at it. */
export async function debugReverse(guest: ReverseGuest, source: string, ...args: readonly string[]): Promise<Gdb> {
  const image = guest.assembled(source);
  const { port } = await GuestProcess.start(image, args);
  return attach(port, image);
}
