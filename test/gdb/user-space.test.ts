import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';

async function demo(): Promise<Gdb> {
  const guest = await GuestProcess.start(demoImage);
  return attach(guest.port, demoImage);
}

describeWithTools(['gdb-multiarch'], 'a program of the demo guest under gdb', () => {
  test('stops in its own address space, where its storage is seen and the kernel is not', async () => {
    const gdb = await demo();
    const said = await gdb.run(
      'tbreak is_prime if candidate == 11',
      'continue',
      'bt 3',
      'p *primes@count',
      'p ticks',
      'info threads',
      'monitor walk primes',
    );
    expect(said[1]).toMatch(/^Temporary breakpoint 1, is_prime \(candidate=.*11, .*count=.*4\)/m);
    expect(said[2]).toMatch(/^#0 {2}is_prime .*\n#1 {2}0x\w+ in find_primes .*\n#2 {2}0x\w+ in user64_main \(\)/);
    expect(said[3]).toBe('$1 = {2, 3, 5, 7}');
    expect(said[4]).toMatch(/^Cannot access memory at address 0x[0-9a-f]+$/);
    expect(said[5]).toContain('"CPU 0" (running, user, 64-bit, DAT primary)');
    // A variable of a program is gdb's to know, which the answer says how to ask.
    const [, advice] = /(eval ".*)$/m.exec(said[6] ?? '') ?? [];
    expect(advice).toBe('eval "monitor ... %#lx", (unsigned long) (primes)');
    const [walk] = await gdb.run(advice?.replace('...', 'walk') ?? '');
    expect(walk).toMatch(/^absolute = 0x\w+$/m);
    const [symbol, variable] = await gdb.run('monitor walk handle_page_fault', 'monitor read &ticks 8 home');
    expect(symbol).toMatch(/^address = 0x21820$/m);
    expect(variable).toMatch(/^address = 0x\w+$/m);
  });

  test('a watchpoint on a variable of it', async () => {
    const gdb = await demo();
    await gdb.run('tbreak is_prime if candidate == 11', 'continue');
    const said = await gdb.run('p &primes[4]', 'watch *(unsigned long *)0x40010000020', 'continue', 'bt 1', 'p count');
    expect(said[0]).toBe('$1 = (const unsigned long *) 0x40010000020');
    expect(said[1]).toMatch(/^Hardware watchpoint 2: /);
    expect(said[2]).toMatch(/^Old value = 0\nNew value = 11\nfind_primes/m);
    expect(said[4]).toBe('$2 = 5');
  });

  test('a step of a supervisor call goes into the kernel, by instruction to its entry, by line to its C code', async () => {
    const gdb = await demo();
    const entered = await gdb.run('tbreak svc_entry', 'continue', 'bt 2', 'x/i $pc', 'stepi', 'info symbol $pc');
    expect(entered[2]).toMatch(/^#0 {2}<signal handler called>\n#1 {2}.*\bsupervisor_call \(/m);
    expect(entered[3]).toMatch(/^=> 0x[0-9a-f]+ <svc_entry>:\t/);
    expect(entered[5]).toBe('svc_entry + 6 in section .text');
    await gdb.run('tbreak find_primes', 'continue');
    expect((await gdb.run('next', 'next', 'next'))[2]).toMatch(/^do_svc \(regs=/m);
    // From there it is a `finish` through the interruption's frame back to the program.
    const back = await gdb.run('finish', 'tbreak user64.c:42', 'continue', 'info symbol $pc');
    expect(back[3]).toMatch(/^find_primes/);
  });

  test('a step of an instruction whose page is not there stops at the first instruction of the handler', async () => {
    const gdb = await demo();
    await gdb.run('tbreak handle_page_fault if address == 0x40010000000', 'continue');
    const [where] = await gdb.run('bt');
    expect(where).toMatch(
      /^#0 {2}handle_page_fault .*\n#1 .* do_program_check .*\n#2 {2}<signal handler called>\n#3 {2}.*find_primes/,
    );
    await gdb.run('up 3', 'tbreak *$pc', 'continue');
    const [, symbol] = await gdb.run('p primes', 'info symbol $pc');
    expect(symbol).toMatch(/^find_primes/);
    const other = await demo();
    const place = (await gdb.run('p/x $pc'))[0]?.split(' = ')[1] ?? '';
    await other.run(`tbreak *${place}`, 'continue', 'stepi');
    expect(await other.run('info symbol $pc')).toEqual(['program_entry in section .text']);
  });

  test('a 31-bit program', async () => {
    const gdb = await demo();
    await gdb.run('add-symbol-file guests/demo/user31.elf', 'tbreak fibonacci', 'continue');
    const said = await gdb.run('info threads', 'x/i $pc', 'p/x $pswm & 0x180000000');
    expect(said[0]).toContain('user, 31-bit, DAT primary');
    expect(said[1]).toMatch(/^=> 0x4[0-9a-f]+ <fibonacci/);
    expect(said[2]).toBe('$1 = 0x80000000');
  });
});
