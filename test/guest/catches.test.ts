import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { engineModes, engineOptions } from '../../src/engine/modes.ts';
import { History } from '../../src/history/history.ts';
import type { StopEvent } from '../../src/machine/exit.ts';
import { disabledWait, tinyGuest } from '../gdb/tiny-guest.ts';
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

interface Session extends Assembly<S390xGuest> {
  readonly go: (way: 'forward' | 'back') => Promise<StopEvent>;
  readonly here: () => object;
}

function debug(image: Uint8Array, mode: (typeof engineModes)[number], vcpus: number): Session {
  const now = (): number => performance.now();
  const engine = engineOptions(mode);
  const assembly = assemble(s390xWing, {
    memory: 4 << 20,
    vcpus,
    clock: 'virtual',
    now,
    console: () => undefined,
    engine,
  });
  const { machine, target, guest } = assembly;
  const plan = guest.boot(() => loadImage({ storage: guest.storage, image }));
  if (!plan.ok) throw new Error(plan.error.message);
  const { pages } = guest.state;
  if (pages === undefined) throw new Error('nothing is kept of this guest');
  target.useHistory(new History(machine, pages, [], { budget: 64 << 20, spacing: 1000n, spacingOfPage: 0n }, now));
  target.attach();
  const all = new Map(guest.vcpus.map((v) => [v.id, { kind: 'continue' } as const]));
  return {
    ...assembly,
    go: (way) =>
      new Promise((resolve) => {
        target.onStop(resolve);
        if (way === 'forward') target.resume(all);
        else target.reverse('continue', 0);
      }),
    here: () => ({
      time: machine.time,
      vcpus: guest.vm.vcpus.map((v) => [v.vcpu.psw, v.vcpu.icount, Array.from({ length: 16 }, (_, n) => v.vcpu.gr(n))]),
    }),
  };
}

describeWithTools(['s390x-linux-gnu-gcc'], 'events that are caught', () => {
  const kinds = ['svc 42', 'pgm operation', 'ext 0x1202', 'sigp 2', 'diag 0x44', 'key', 'space'];

  describe.each(engineModes)('in the mode %s', (mode) => {
    test.each([1, 2])('stop %i vCPUs at the same places forwards and backwards, each ten times', async (vcpus) => {
      const image = new Uint8Array(readFileSync(tinyGuest(busy)));
      for (const kind of kinds) {
        const session = debug(image, mode, vcpus);
        expect([...session.monitor.execute(`catch ${kind}`, 0)].join()).toMatch(/^catches\[0\] = number 1: /);
        const seen: object[] = [];
        for (;;) {
          const { reason } = await session.go('forward');
          if (reason.kind !== 'event') break;
          seen.push({ said: reason.said, ...session.here() });
        }
        expect(seen).toHaveLength(10);
        for (const before of seen.toReversed()) {
          const { reason } = await session.go('back');
          expect({ said: reason.kind === 'event' ? reason.said : reason.kind, ...session.here() }).toEqual(before);
        }
        expect((await session.go('back')).reason.kind).toBe('history-begin');
        const { reason } = await session.go('forward');
        expect({ said: reason.kind === 'event' ? reason.said : reason.kind, ...session.here() }).toEqual(seen[0]);
      }
    });
  });
});
