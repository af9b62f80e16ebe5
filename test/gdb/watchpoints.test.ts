import { expect, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny, tinyGuest } from './tiny-guest.ts';

/** CPU 1, with a prefix of its own, turns the 7 of its prefix area into 0 and back; CPU 0 has 0 there all the time. */
const twoPrefixes = `
_start:	larl	%r1, restart_psw
	mvc	0x1a0(16,%r0), 0(%r1)
	lghi	%r2, 1
	larl	%r1, area
	lgr	%r5, %r1
	sigp	%r5, %r2, 13
	mvc	0x1a0(16,%r1), 0x1a0(%r0)
	lghi	%r3, 7
	stg	%r3, 0xd00(%r1)
	sigp	%r0, %r2, 6
loop0:	j	loop0
cpu1:	lghi	%r3, 0
ready:	nopr
store:	stg	%r3, 0xd00(%r0)
after:	lghi	%r3, 7
	stg	%r3, 0xd00(%r0)
end:	j	end
	.balign	8
restart_psw: .quad 0x0000000180000000, cpu1
	.data
	.balign 8192
area:	.space 8192
`;

/** A page at 0x500000 in two spaces; the home space stores 6 into its own before the primary one turns its 5 into 6. */
const twoSpaces = `
_start:	llilh	%r5, 0x71
	lghi	%r6, 0
space:	llilh	%r2, 0x70
	sllg	%r3, %r6, 14
	agr	%r2, %r3
	lghi	%r7, 0
segment: stg	%r5, 0(%r2)
	lghi	%r8, 0
page:	sllg	%r9, %r7, 20
	sllg	%r10, %r8, 12
	agr	%r9, %r10
	stg	%r9, 0(%r5)
	la	%r5, 8(%r5)
	aghi	%r8, 1
	cghi	%r8, 256
	jl	page
	la	%r2, 8(%r2)
	aghi	%r7, 1
	cghi	%r7, 8
	jl	segment
	lgr	%r9, %r5
	aghi	%r9, -3*2048
	llilh	%r10, 0x60
	sllg	%r3, %r6, 12
	agr	%r10, %r3
	stg	%r10, 0(%r9)
	aghi	%r6, 1
	cghi	%r6, 2
	jl	space
	llilh	%r1, 0x70
	stg	%r1, 0xd10(%r0)
	lctlg	%c1, %c1, 0xd10(%r0)
	aghi	%r1, 0x4000
	stg	%r1, 0xd10(%r0)
	lctlg	%c13, %c13, 0xd10(%r0)
	llilh	%r8, 0x50
	lghi	%r3, 5
	lghi	%r4, 6
	larl	%r1, primary
	lpswe	0(%r1)
inp:	stg	%r3, 0(%r8)
ready:	nopr
	larl	%r1, home
	lpswe	0(%r1)
inh:	stg	%r4, 0(%r8)
	larl	%r1, again
	lpswe	0(%r1)
store:	stg	%r4, 0(%r8)
after:	j	after
	.balign	8
primary: .quad 0x0400000180000000, inp
home:	.quad 0x0400c00180000000, inh
again:	.quad 0x0400000180000000, store
`;

/** Changes a field by instructions that fetch it to do so, and by one that does not, often enough to be translated. */
const updates = `
_start:	larl	%r2, field
	lhi	%r3, 20000
	lghi	%r4, 0
again:	bras	%r14, change
	brct	%r3, again
ready:	bras	%r14, change
end:	j	end
change:	xc	0(1,%r2), 8(%r2)
xc_done: mvc	0(1,%r2), 8(%r2)
	tr	0(1,%r2), 0(%r2)
tr_done: cs	%r4, %r4, 0(%r2)
cs_done: br	%r14
	.data
	.balign	256
field:	.byte	0, 0, 0, 0, 0, 0, 0, 0
	.space	256
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a watchpoint in gdb', () => {
  test('on a CPU with its own prefix sees what that CPU changes, though CPU 0 sees no change', async () => {
    const image = tinyGuest(twoPrefixes);
    const guest = await GuestProcess.start(image, ['--smp', '2']);
    const gdb = await attach(guest.port, image);
    await gdb.run('hbreak ready', 'continue', 'delete', 'watch *(long*)0xd00');
    const [down, at, up] = await gdb.run('continue', 'p $pc == &after', 'continue');
    expect(down).toMatch(/Old value = 7\nNew value = 0/);
    expect(at).toBe('$1 = 1');
    expect(up).toMatch(/Old value = 0\nNew value = 7/);
  });

  test('in one address space passes over the same address of another', async () => {
    const gdb = await debugTiny(twoSpaces);
    await gdb.run('hbreak ready', 'continue', 'delete', 'watch *(long*)0x500000');
    const [stop, at] = await gdb.run('continue', 'p $pc == &after');
    expect(stop).toMatch(/Old value = 5\nNew value = 6/);
    expect(at).toBe('$1 = 1');
  });

  test.each(['translator', 'interpreter'])('for reads is met by updates of what it watches (%s)', async (engine) => {
    const image = tinyGuest(updates);
    const gdb = await attach((await GuestProcess.start(image, ['--engine', engine])).port, image);
    await gdb.run('hbreak ready', 'continue', 'delete', 'rwatch *(char*)&field');
    const where = 'info symbol $pc';
    const [first, ...rest] = await gdb.run('continue', where, 'continue', where, 'continue', where);
    expect(first).toMatch(/Hardware read watchpoint 2: [\s\S]*Value = 0/);
    expect(rest.filter((_, i) => i % 2 === 0).map((line) => line.split(' ')[0])).toEqual([
      'xc_done',
      'tr_done',
      'cs_done',
    ]);
  });
});
