import { expect, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { RspClient } from '../support/rsp-client.ts';
import { describeWithTools } from '../support/tools.ts';
import { disabledWait, tinyGuest } from './tiny-guest.ts';

const script = [
  'break heartbeat',
  'watch tasks[0].published',
  'continue',
  'continue',
  'info registers',
  'delete 2',
  'tbreak is_prime if candidate > 5000',
  'continue',
  'next',
  'next',
  'stepi 100',
  'bt',
  'continue',
  'finish',
  'set var ticks = 7',
  'monitor clock --json',
  'continue',
  'p *current',
  'p tasks',
  'info registers',
  'monitor clock --json',
];

async function transcript(): Promise<string> {
  const guest = await GuestProcess.start(demoImage);
  const gdb = await attach(guest.port, demoImage);
  await gdb.run(...script);
  const said = gdb.transcript.replaceAll(`:${guest.port}`, ':PORT');
  await gdb.run('detach');
  guest.interrupt();
  return said;
}

describeWithTools(['gdb-multiarch'], 'a gdb script', () => {
  test('says the same at every run, to the instruction', async () => {
    const first = await transcript();
    expect(first).toContain('Breakpoint 1, heartbeat');
    expect(first).toMatch(/"instructions":\s*"?\w+/);
    expect(await transcript()).toBe(first);
  });
});

/** CPU 0 looks 300 times at what CPU 1 has counted, stops it, and ends. `look` is at 0x1002c. */
const two = `
_start:	larl	%r1, 3f
	mvc	0x1a0(16), 0(%r1)
	lghi	%r4, 1
	sigp	%r2, %r4, 6
	lghi	%r5, 300
	lghi	%r6, 0x4000
	lghi	%r9, 0x3000
outer:	lghi	%r7, 1000
inner:	aghi	%r8, 1
	brctg	%r7, inner
look:	mvc	0(8, %r6), 8(%r9)
	aghi	%r6, 8
	brctg	%r5, outer
	sigp	%r2, %r4, 5
	larl	%r1, 2f
	lpswe	0(%r1)
second:	lghi	%r9, 0x3000
1:	agsi	8(%r9), 1
	j	1b
	.balign 8
3:	.quad	0x0000000180000000, second
2:	${disabledWait(0)}
`;

describeWithTools(['s390x-linux-gnu-gcc'], 'two CPUs', () => {
  test('take the same turns whether breakpoints stop them 300 times or never', async () => {
    const image = tinyGuest(two);
    const results: string[] = [];
    for (const stops of [false, true]) {
      const guest = await GuestProcess.start(image, ['--smp', '2']);
      const client = await RspClient.connect(guest.port);
      if (stops) {
        await client.ask('Z0,1002c,2');
        for (let i = 0; i < 300; i++) {
          expect(await client.ask('vCont;c')).toContain('01:000000000001002c');
          await client.ask('z0,1002c,2');
          await client.ask('vCont;s:p1.1');
          await client.ask('Z0,1002c,2');
        }
      }
      expect(await client.ask('vCont;c')).toContain('thread:p1.1');
      results.push(await client.ask('m4000,960'));
    }
    const [plain = '', stopped] = results;
    expect(stopped).toBe(plain);
    // They did run by turns.
    expect(new Set(plain.match(/.{16}/g)).size).toBeGreaterThan(3);
  });
});
