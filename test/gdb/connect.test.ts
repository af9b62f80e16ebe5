import { expect, test } from 'vitest';
import { attach, Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { disabledWait, tinyGuest } from './tiny-guest.ts';

const marked = `
_start:	larl	%r1, 1f
	lmg	%r13, %r15, 0(%r1)
	sar	%a3, %r14
	lctlg	%c1, %c1, 0(%r1)
	la	%r2, 0x1a0
	mvc	0(16, %r2), 0(%r1)
here:	j	here
	.balign 8
1:	.quad	0x0123456789abcdef, 0xfedcba9876543210, 0x7fffffffffffffff
2:	${disabledWait(0)}
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'gdb without a file', () => {
  test('learns byte order, architecture and registers from the server alone', async () => {
    const guest = await GuestProcess.start(tinyGuest(marked));
    const gdb = new Gdb();
    await gdb.run('set sysroot target:');
    const [banner] = await gdb.run(`target remote 127.0.0.1:${guest.port}`);
    expect(banner).toMatch(/^0x0*10000 in \?\? \(\)$/m);
    const [endian, architecture] = await gdb.run('show endian', 'show architecture');
    expect(endian).toBe('The target endianness is set automatically (currently big endian).');
    expect(architecture).toBe('The target architecture is set to "auto" (currently "s390:64-bit").');
  });

  test('shows storage and registers as the guest has them', async () => {
    const guest = await GuestProcess.start(tinyGuest(marked));
    const gdb = new Gdb();
    const here = 0x10000 + 6 + 6 + 4 + 6 + 4 + 6;
    await gdb.run('set sysroot target:', `target remote 127.0.0.1:${guest.port}`, `break *${here}`, 'continue');
    const storage = await gdb.run('x/2gx 0x1a0', 'x/2i $pc', 'x/4xb 0x1a0');
    expect(storage).toEqual([
      '0x1a0:\t0x0123456789abcdef\t0xfedcba9876543210',
      '=> 0x10020:\tj\t0x10020\n   0x10024:\tnopr\t%r7',
      '0x1a0:\t0x01\t0x23\t0x45\t0x67',
    ]);
    const [general, access, pswm, all] = await gdb.run(
      'info registers pc r15 pswm',
      'info registers acr3',
      'p/x $pswm',
      'info registers',
    );
    expect(general?.split(/\s*\n/).map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'pc 0x10020 0x10020',
      'r15 0x7fffffffffffffff 9223372036854775807',
      'pswm 0x180000000 [ BA EA PM=0 CC=0 AS=0 KEY=0 ]',
    ]);
    expect(access).toMatch(/^acr3 +0x76543210 +1985229328$/);
    expect(pswm).toBe('$1 = 0x180000000');
    for (const name of ['pswm', 'pswa', 'r0', 'acr15', 'fpc', 'cr0', 'cr15', 'ckc', 'prefix']) {
      expect(all).toMatch(new RegExp(`^${name} +0x`, 'm'));
    }
  });

  test('has the groups of control registers and of what a machine adds', async () => {
    const guest = await GuestProcess.start(tinyGuest(marked));
    const gdb = new Gdb();
    await gdb.run('set sysroot target:', `target remote 127.0.0.1:${guest.port}`);
    const [vm, control] = await gdb.run('info registers vm', 'info registers control');
    const names = (text = ''): string[] => text.split('\n').map((line) => line.split(' ')[0] ?? '');
    expect(names(vm)).toEqual(['ckc', 'cputm', 'last_break', 'prefix']);
    expect(names(control)).toEqual(Array.from({ length: 16 }, (_, n) => `cr${n}`));
    expect(control).toMatch(/^cr0 +0xe0 /m);
    expect(control).toMatch(/^cr14 +0xc2000000 /m);
  });

  test('sets registers of every kind, and only those that it names', async () => {
    const guest = await GuestProcess.start(tinyGuest(marked));
    const gdb = await attach(guest.port, demoImage);
    const before = await gdb.run('info registers');
    await gdb.run('set $r7 = 0x1122334455667788', 'set $acr2 = 0x99aabbcc', 'set $cr9 = 7', 'set $f3 = 1.5');
    await gdb.run('set $fpc = 0x00080000', 'set $pc = 0x10006', 'set $prefix = 0x4000');
    const after = await gdb.run('info registers');
    const lines = (text = ''): string[] => text.replaceAll(/ +/g, ' ').split('\n');
    const changed = lines(after[0]).filter((line) => !lines(before[0]).includes(line));
    expect(changed).toEqual([
      'pswa 0x10006 65542',
      'r7 0x1122334455667788 1234605616436508552',
      'acr2 0x99aabbcc 2578103244',
      'fpc 0x80000 524288',
      'cr9 0x7 7',
      'prefix 0x4000 0x4000',
      'pc 0x10006 0x10006',
    ]);
    expect(await gdb.run('p $f3')).toEqual(['$1 = 1.5']);
  });
});
