import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';

/** A gdb that has attached to the demo guest before its first instruction. */
async function attached(...files: string[]): Promise<Gdb> {
  const guest = await GuestProcess.startWith(['demo', '--arch', 'ppc64', '--gdb', '0', '--wait', '--clock', 'virtual']);
  // Without a file gdb fetches the header that says the byte order, from where it looks when nothing is set.
  const gdb = new Gdb(...(files.length === 0 ? ['-iex', 'set sysroot target:'] : files));
  await gdb.run(`target remote 127.0.0.1:${guest.port}`);
  return gdb;
}
const image = `${root}guests/demo-ppc64/demo.elf`;

describeWithTools(['gdb-multiarch'], 'gdb in front of a ppc64 guest', () => {
  test('takes byte order, architecture and all registers without a file or a setting', async () => {
    const gdb = await attached();
    const said = await gdb.run(
      'show endian',
      'show architecture',
      'print/x $pc',
      'print $msr',
      'print/x $r1',
      'x/i $pc',
    );
    expect(said[0]).toContain('currently big endian');
    expect(said[1]).toContain('powerpc:common64');
    expect(said.slice(2, 5)).toEqual(['$1 = 0x400000', '$2 = [ ME ]', '$3 = 0x0']);
    expect(said[5]).toMatch(/mfmsr\s+r4/);
    await gdb.run('set $r5 = 0x1122334455667788', 'set $cr = 0x12345678', 'set $xer = 0x20000000', 'set $f3 = 1.5');
    await gdb.run(...[0x11_2233, 0x4455_6677, 0x899a_abbc, 0xcdd_eeff].map((v, i) => `set $vr2.v4_int32[${i}] = ${v}`));
    expect(await gdb.run('print/x $r5', 'print/x $cr', 'print/x $xer', 'print $f3', 'print/x $vr2.v4_int32')).toEqual([
      '$4 = 0x1122334455667788',
      '$5 = 0x12345678',
      '$6 = 0x20000000',
      '$7 = 1.5',
      '$8 = {0x112233, 0x44556677, 0x899aabbc, 0xcddeeff}',
    ]);
    // Of both halves gdb makes the vector-scalar register.
    expect(await gdb.run('set $vs3.v4_int32[3] = 5', 'print/x $vs3.uint128')).toEqual([
      '',
      '$9 = 0x3ff80000000000000000000000000005',
    ]);
  });

  test('walks the stack without a file', async () => {
    const gdb = await attached();
    const said = execFileSync('gdb-multiarch', ['-batch', '-ex', 'break demand_page', image], { encoding: 'utf8' });
    const [at = ''] = /0x[0-9a-f]+/.exec(said) ?? [];
    await gdb.run(`tbreak *${at}`, 'continue');
    const [trace = '', lr = ''] = await gdb.run('backtrace', 'print/x $lr');
    const frames = [...trace.matchAll(/^#\d+ +(0x[0-9a-f]+) in/gm)].map(([, pc]) => BigInt(pc ?? '0'));
    expect(frames.slice(0, 2)).toEqual([BigInt(at), BigInt(lr.split(' = ')[1] ?? '0')]);
    for (let n = 0; n < 8; n++) expect((await gdb.run('stepi')).join()).not.toContain('PC not saved');
  });

  test('breaks at a function, steps, finishes, and walks the stack', async () => {
    const gdb = await attached(image);
    await gdb.run('break enter_page', 'continue', 'delete');
    expect((await gdb.run('backtrace')).join()).toMatch(/#0 {2}enter_page .*\n#1 .* translate .*\n#2 .* kernel /s);
    expect((await gdb.run('finish')).join()).toContain('Value returned is $1 = 0');
    const [before = '', , after = ''] = await gdb.run('print/x $pc', 'stepi', 'print/x $pc');
    expect(after).not.toBe(before);
  });

  test('steps over a reservation and its conditional store as one', async () => {
    const gdb = await attached();
    // lwarx r5,0,r4; addi r5,r5,1; stwcx. r5,0,r4; bne- back; nop
    const code = [0x7ca0_2028, 0x38a5_0001, 0x7ca0_212d, 0x40a2_fff4, 0x6000_0000];
    const set = code.map((word, i) => `set *(unsigned int *) ${0x500000 + 4 * i} = ${word}`);
    await gdb.run(...set, 'set *(unsigned int *) 0x501000 = 41', 'set $r4 = 0x501000', 'set $pc = 0x500000');
    const [, pc, value] = await gdb.run('stepi', 'print/x $pc', 'print *(unsigned int *) 0x501000');
    expect(value).toBe('$2 = 42');
    expect(pc).toMatch(/0x5000(0c|10)$/);
  });

  test('watches storage by any address that it has, and leaves the guest its own DABR', async () => {
    const gdb = await attached(image);
    await gdb.run('watch heartbeats', 'continue');
    const [said = ''] = await gdb.run('continue');
    expect(said).toMatch(/Old value = 1\nNew value = 2/);
    expect((await gdb.run('backtrace 1')).join()).toContain('heartbeat');
  });

  test('sees what the hypervisor knows', async () => {
    const gdb = await attached(image);
    await gdb.run('break heartbeat', 'continue');
    const [calls = '', vrma = '', partition = '', walk = '', segment = '', log = ''] = await gdb.run(
      'monitor hcalls --json',
      'monitor vrma --json',
      'monitor partition --json',
      'monitor walk 0x3f000000 --json',
      'monitor hpt vsid 0x1000 --json',
      'monitor hcalls log off --json',
    );
    const parsed = [calls, vrma, partition, walk, segment, log].map((text): unknown => JSON.parse(text));
    expect(parsed[0]).toMatchObject({ handled: 'inside' });
    expect(parsed[1]).toMatchObject({ pages: 4 });
    expect(parsed[2]).toMatchObject({ runs: 'the hypervisor', 'guest lpidr': 1 });
    expect(parsed[3]).toMatchObject({
      ...{
        mode: 'virtual',
        'slb entry': 3,
        'segment size': '256 MiB',
        vsid: '0x3000',
        page: '0xf000',
        'page size': '4 KiB',
      },
      ...{ 'primary group entries': [], 'secondary group entries': [], interruption: '0x300', bits: '0x40000000' },
    });
    expect(segment).toMatch(/"entries": ?[1-9]/);
    expect(parsed[5]).toEqual({ log: 'off' });
  });
});
