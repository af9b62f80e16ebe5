import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { engineModes, engineOptions } from '../../src/engine/modes.ts';
import { disabledWait, tinyGuest } from '../gdb/tiny-guest.ts';
import { caughtBothWays, debugged, type Go, stopped } from '../support/caught.ts';
import { buildSuite } from '../support/suite.ts';
import { describeWithTools } from '../support/tools.ts';

/**
 * Goes round a loop of ten, in which come: SVC, an operation exception, SIGP to itself with its external call, DIAG 44, SSKE, LCTLG of
 * another CR1, the clock comparator. The second CPU is started first and counts.
 */
const busy = `
	.macro	handler new, name
	larl	%r1, \\name\\()_psw
	mvc	\\new\\()(16,%r0), 0(%r1)
	.endm
_start:	handler	0x1a0, second
	lghi	%r2, 1
	sigp	%r0, %r2, 6
	handler	0x1b0, external
	handler	0x1c0, svc
	handler	0x1d0, program
	larl	%r15, saved
	lghi	%r10, 10
round:	lgfi	%r11, 300
1:	brctg	%r11, 1b
	svc	42
	.short	0
	larl	%r1, call_mask
	lctlg	%c0, %c0, 0(%r1)
	lghi	%r2, 0
	sigp	%r0, %r2, 2
	larl	%r1, enabled
	lpswe	0(%r1)
external:
	diag	%r0, %r0, 0x44
	lgr	%r3, %r10
	sllg	%r3, %r3, 4
	larl	%r4, saved
	sske	%r3, %r4
	larl	%r1, space
	stg	%r10, 0(%r1)
	oi	6(%r1), 0x70
	lctlg	%c1, %c1, 0(%r1)
	brctg	%r10, round
	lghi	%r2, 1
	sigp	%r0, %r2, 5
	larl	%r1, end
	lpswe	0(%r1)
svc:	lpswe	0x140(%r0)
program: lpswe	0x150(%r0)
cpu1:	lghi	%r9, 0
2:	aghi	%r9, 1
	j	2b
	.balign	8
second_psw: .quad 0x0000000180000000, cpu1
external_psw: .quad 0x0000000180000000, external
svc_psw: .quad 0x0000000180000000, svc
program_psw: .quad 0x0000000180000000, program
call_mask: .quad 0x00000000000022c0
enabled: .quad 0x0100000180000000, never
end:	${disabledWait(0)}
space:	.quad	0
never:	j	never
	.data
	.balign	4096
saved:	.space	4096
`;

/**
 * Goes round a loop of ten, in which come: the I/O interruption of a subchannel that is cleared, the machine check for the report of
 * a channel path that is reset, a restart by itself.
 */
const reports = `
	.macro	handler new, name
	larl	%r1, \\name\\()_psw
	mvc	\\new\\()(16,%r0), 0(%r1)
	.endm
_start:	handler	0x1a0, restart
	handler	0x1e0, mcck
	handler	0x1f0, io
	larl	%r1, masks
	lctlg	%c6, %c6, 0(%r1)
	lctlg	%c14, %c14, 8(%r1)
	lgfi	%r1, 0x10000
	larl	%r4, block
	stsch	0(%r4)
	oi	5(%r4), 0x80
	msch	0(%r4)
	lghi	%r10, 10
round:	lgfi	%r11, 300
1:	brctg	%r11, 1b
	lgfi	%r1, 0x10000
	csch
	larl	%r5, io_enabled
	lpswe	0(%r5)
io:	larl	%r4, block
	tsch	0(%r4)
	lghi	%r1, 0
	rchp
	larl	%r5, mcck_enabled
	lpswe	0(%r5)
mcck:	larl	%r4, block
2:	stcrw	0(%r4)
	jz	2b
	lghi	%r2, 0
	sigp	%r0, %r2, 6
	j	never
restart: brctg	%r10, round
	larl	%r1, end
	lpswe	0(%r1)
never:	j	never
	.balign	8
restart_psw: .quad 0x0000000180000000, restart
mcck_psw: .quad 0x0000000180000000, mcck
io_psw:	.quad 0x0000000180000000, io
io_enabled: .quad 0x0200000180000000, never
mcck_enabled: .quad 0x0004000180000000, never
masks:	.quad 0x00000000ff000000, 0x0000000010000000
end:	${disabledWait(0)}
	.data
	.balign	8
block:	.space	96
`;

interface Session extends Assembly<S390xGuest> {
  readonly go: Go;
  readonly here: () => object;
}

function debug(image: Uint8Array, mode: (typeof engineModes)[number], vcpus: number, mebibytes = 4): Session {
  const now = (): number => performance.now();
  const engine = engineOptions(mode);
  const assembly = assemble(s390xWing, {
    memory: mebibytes << 20,
    vcpus,
    devices: [{ kind: 'console', output: () => undefined }],
    clock: 'virtual',
    now,
    console: () => undefined,
    engine,
  });
  const { machine, guest } = assembly;
  const plan = guest.boot(() => loadImage({ storage: guest.storage, image }));
  if (!plan.ok) throw new Error(plan.error.message);
  return {
    ...assembly,
    go: debugged(assembly),
    here: () => ({
      time: machine.time,
      vcpus: guest.vm.vcpus.map((v) => [v.vcpu.psw, v.vcpu.icount, Array.from({ length: 16 }, (_, n) => v.vcpu.gr(n))]),
    }),
  };
}

describeWithTools(['s390x-linux-gnu-gcc'], 'events that are caught', () => {
  const busyKinds = ['svc 42', 'pgm operation', 'ext 0x1202', 'sigp 2', 'diag 0x44', 'key', 'space'];
  const reportKinds = ['io 0', 'mcck', 'restart'];

  describe.each(engineModes)('in the mode %s', (mode) => {
    test.each([
      [1, busyKinds, busy],
      [2, busyKinds, busy],
      [1, reportKinds, reports],
    ] as const)('stop %i vCPUs at the same places forwards and backwards, each ten times: %j', async (vcpus, kinds, source) => {
      const image = new Uint8Array(readFileSync(tinyGuest(source)));
      for (const kind of kinds) await tenTimes(debug(image, mode, vcpus), kind);
    });
  });

  test('stop a hypervisor where its guests are entered and left, forwards and backwards', async () => {
    const image = new Uint8Array(readFileSync(await interpretive()));
    const session = debug(image, 'translator', 1, 16);
    expect([...session.monitor.execute('catch sie', 0)].join()).toMatch(/^catches\[0\] = number 1: sie$/);
    const seen: object[] = [];
    for (let i = 0; i < 20; i++) seen.push(await stopped(session, 'forward'));
    expect(new Set(seen.map((one) => JSON.stringify(one, plain))).size).toBe(20);
    expect(JSON.stringify(seen, plain)).toMatch(/0x[0-9a-f]+/);
    for (const before of seen.slice(0, -1).toReversed()) expect(await stopped(session, 'back')).toEqual(before);
  });
});

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value);

async function tenTimes(session: Session, kind: string): Promise<void> {
  expect(await caughtBothWays(session, kind), kind).toHaveLength(10);
}

/** The hypervisor of the suites. */
async function interpretive(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-catches-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return buildSuite('interpretive', folder);
}
