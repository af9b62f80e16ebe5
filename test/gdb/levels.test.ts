/** gdb on a guest that interprets a guest of its own: both levels, told apart. */

import { expect, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { tinyGuest } from './tiny-guest.ts';

/**
 * The guest has 0x100000 on as its storage by the host's tables; its program counts in GR 4 and asks its host now and then. The
 * same address 0x2000 holds 7 for the guest and 5 for the host.
 */
const hypervisor = `
_start:	larl	%r5, pages
	lghi	%r6, 256
	llilh	%r7, 0x10
map:	stg	%r7, 0(%r5)
	aghi	%r5, 8
	aghi	%r7, 4096
	brctg	%r6, map
	larl	%r5, pages
	larl	%r8, segments
	stg	%r5, 0(%r8)
	lghi	%r6, 2047
	la	%r9, 8(%r8)
	lghi	%r7, 0x20
rest:	stg	%r7, 0(%r9)
	la	%r9, 8(%r9)
	brctg	%r6, rest
	oill	%r8, 3
	stg	%r8, 0x800(%r0)
	lctlg	%c1, %c1, 0x800(%r0)
	llilh	%r5, 0x10
	larl	%r6, program
	aghi	%r5, 0x3000
	mvc	0(64,%r5), 0(%r6)
	lghi	%r6, 7
	stg	%r6, -0x1000(%r5)
	lghi	%r6, 5
	stg	%r6, 0x2000(%r0)
	lghi	%r4, 0
	larl	%r12, block
again:	sie	0(%r12)
behind:	agsi	0x900(%r0), 1
	j	again
program: aghi	%r4, 1
	lg	%r3, 0x2000(%r0)
	diag	%r0, %r0, 0x44
	j	program
	.data
	.balign 512
block:	.long	0x00000880
	.space	0x4e
	.short	0xffff
	.space	0x90-0x54
	.quad	0x0000000180000000, 0x3000
	.space	0x60
	.quad	0xe0
	.space	0x200-0x108
	.balign 2048
pages:	.space	2048
	.balign	16384
segments: .space 16384
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a guest of a guest', () => {
  test('its registers and storage while it runs, breakpoints at its level, and a step in it', async () => {
    const elf = tinyGuest(hypervisor.replace('sie\t0(%r12)', '.insn\ts,0xb2140000,0(%r12)'));
    const guest = await GuestProcess.start(elf, ['--wait']);
    const gdb = await attach(guest.port, elf);
    await gdb.run('break *0x300a');
    await gdb.run('continue');
    const inside = await gdb.run('p/x $pc', 'p $r4', 'x/gd 0x2000', 'info threads', 'monitor sie', 'monitor level');
    expect(inside.slice(0, 3)).toEqual(['$1 = 0x300a', '$2 = 1', expect.stringMatching(/0x2000.*:\s+7$/)]);
    expect(inside[3]).toContain('level 2');
    expect(inside[4]).toMatch(/^interprets = 0x[0-9a-f]+$/m);
    expect(inside[4]).toMatch(/^guest\.gpswAddress = 0x0*3000$/m);
    expect(inside[5]).toMatch(/^level = any$/m);

    // A vCPU's other level is a thread of its own, with its registers and storage.
    expect(inside[3]?.match(/Thread/g)).toHaveLength(2);
    const both = await gdb.run(
      'thread 2',
      'p $pc == (long) &again',
      'x/gd 0x2000',
      'monitor psw',
      'thread 1',
      'p/x $pc',
      'x/gd 0x2000',
      'monitor psw',
    );
    expect([both[1], both[5]]).toEqual([expect.stringMatching(/= 1$/), expect.stringMatching(/= 0x300a$/)]);
    expect([both[2], both[6]]).toEqual([expect.stringMatching(/:\s+5$/), expect.stringMatching(/:\s+7$/)]);
    expect(both[7]).toContain('0x000000000000300a');
    expect(both[3]).not.toContain('0x000000000000300a');

    // The guest itself, at its instruction.
    const outside = await gdb.run(
      'monitor level 1',
      'maintenance flush register-cache',
      'p $pc == (long) &again',
      'x/gd 0x2000',
      'info threads',
    );
    expect(outside[2]).toMatch(/= 1$/);
    expect(outside[3]).toMatch(/:\s+5$/);
    expect(outside[4]).toContain('level 1, interpreting');
    expect(outside[4]).toMatch(/"CPU 0, level 2" \(running, level 2, /);
    const further = await gdb.run(
      'thread 2',
      'p/x $pc',
      'x/gd 0x2000',
      'set var $r4 = 50',
      'p $r4',
      'stepi',
      'p/x $pc',
    );
    expect([further[1], further[2]]).toEqual([expect.stringMatching(/= 0x300a$/), expect.stringMatching(/:\s+7$/)]);
    expect(further[4]).toMatch(/= 50$/);

    // Breakpoints of this level alone: the one of the guest's guest is passed, the one behind the instruction is not.
    await gdb.run('break behind');
    const behind = await gdb.run('continue', 'p $pc == (long) &behind', 'p $r4', 'delete');
    expect(behind[1]).toMatch(/= 1$/);

    await gdb.run('monitor level 2', 'break *0x3000');
    const next = await gdb.run(
      'continue',
      'p/x $pc',
      'stepi',
      'p/x $pc',
      'set var $r4 = 100',
      'stepi',
      'p $r3',
      'p $r4',
    );
    expect([next[1], next[3]]).toEqual([expect.stringMatching(/0x3000$/), expect.stringMatching(/0x3004$/)]);
    expect([next[6], next[7]]).toEqual([expect.stringMatching(/= 7$/), expect.stringMatching(/= 100$/)]);
    await gdb.run('kill');
  });
});
