import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { ok } from '../../src/bits/result.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import type { StepMode } from '../../src/machine/course.ts';
import type { StopEvent } from '../../src/machine/exit.ts';
import { MemoryDisk } from '../../src/virtio/block.ts';
import { tinyGuest } from '../gdb/tiny-guest.ts';
import { differences, notPlain } from '../support/plain.ts';
import { randomWords } from '../support/seed.ts';
import { describeWithTools } from '../support/tools.ts';

/** Where the program counts, for each CPU: loops, timers, signals, service signals. */
const COUNTERS = 0x3000n;
/** Handler of external interruptions. */
const HANDLER = 0x11000n;

/**
 * Every CPU counts, signals the next one, and waits for its timer now and then. External interruptions are counted, and what
 * was typed is read.
 */
const busy = (cpus: number): string => `
_start:	larl	%r1, restart
	mvc	0x1a0(16), 0(%r1)
	larl	%r1, external
	mvc	0x1b0(16), 0(%r1)
	larl	%r2, mask
	l	%r1, 0f
	.insn	rre, 0xb2200000, %r1, %r2
	lghi	%r4, 1
1:	cghi	%r4, ${cpus}
	jnl	main
	sigp	%r2, %r4, 6
	aghi	%r4, 1
	j	1b
	.balign 4
0:	.long	0x00780005
main:	stap	0xe00
	llgh	%r10, 0xe00
	sllg	%r11, %r10, 13
	aghi	%r11, 0x4000
	agfi	%r11, 0x20000
	mvc	0(256, %r11), 0
	mvc	0x100(256, %r11), 0x100
	st	%r11, 0xe08
	spx	0xe08
	sllg	%r9, %r10, 5
	aghi	%r9, 0x3000
	larl	%r1, cr0
	lctlg	%c0, %c0, 0(%r1)
	stosm	0xe10, 1
loop:	agsi	0(%r9), 1
	aghi	%r8, 7
	tmll	%r8, 0x3ff
	jnz	loop
	lgr	%r4, %r10
	aghi	%r4, 1
	cghi	%r4, ${cpus}
	jl	2f
	lghi	%r4, 0
2:	sigp	%r2, %r4, 3
	tmll	%r8, 0x400
	jnz	loop
	stck	0xe18
	lg	%r5, 0xe18
	agfi	%r5, 0x100000
	stg	%r5, 0xe18
	sckc	0xe18
	larl	%r1, wait
	lpswe	0(%r1)
awake:	j	loop
	.balign 8
cr0:	.quad	0x4ae0
restart:	.quad	0x0000000180000000, main
external:	.quad	0x0000000180000000, ${HANDLER}
wait:	.quad	0x0102000180000000, awake
	.balign 4096
	.org	${HANDLER - 0x10000n}
	lh	%r5, 0x86
	chi	%r5, 0x1004
	jne	3f
	agsi	8(%r9), 1
	lghi	%r6, -1
	stg	%r6, 0xe18
	sckc	0xe18
	j	5f
3:	chi	%r5, 0x2401
	je	4f
	agsi	16(%r9), 1
	j	5f
4:	agsi	24(%r9), 1
	l	%r5, 0x80
	tmll	%r5, 1
	jz	5f
	larl	%r6, read
	mvc	0(8, %r6), 8(%r6)
	l	%r5, 16(%r6)
	.insn	rre, 0xb2200000, %r5, %r6
5:	ni	0x131, 0xfd
	lpswe	0x130
	.balign 4096
mask:	.short	28
	.fill	8, 1, 0
	.short	4
	.long	0x80000040, 0, 0, 0
	.balign 4096
read:	.quad	0x0100000000000000, 0x0100000000000000
	.long	0x00770005
	.org	0x18000
`;

const MEMORY = 4 << 20;

/** A machine with the program; its host takes as long for everything as chance has it. */
function machine(image: Uint8Array, vcpus: number, words: () => number): Assembly<S390xGuest> {
  let clock = 0;
  const assembly = assemble(s390xWing, {
    memory: MEMORY,
    vcpus,
    clock: 'virtual',
    now: () => {
      clock += (words() % 1000) / 1000;
      return clock;
    },
    console: () => undefined,
  });
  assembly.guest.devices.offer('stick', { kind: 'block', number: 7, backend: new MemoryDisk(new Uint8Array(4096)) });
  const booted = assembly.built.boot(
    () => ok({ image }),
    () => undefined,
  );
  if (!booted.ok) throw new Error(booted.error.message);
  return assembly;
}

/** A debugger and a typist at work. */
class Session {
  readonly #assembly: Assembly<S390xGuest>;
  readonly #words: () => number;
  readonly #stops: ((event: StopEvent) => void)[] = [];
  readonly seen = new Map<string, number>();

  constructor(assembly: Assembly<S390xGuest>, words: () => number) {
    this.#assembly = assembly;
    this.#words = words;
    assembly.target.onStop((event) => this.#stops.shift()?.(event));
    assembly.target.attach();
  }

  #any(n: number): number {
    return this.#words() % n;
  }
  #go(plans: Parameters<Assembly['target']['resume']>[0]): Promise<StopEvent> {
    const stop = new Promise<StopEvent>((resolve) => this.#stops.push(resolve));
    this.#assembly.target.resume(plans);
    return stop;
  }
  get #all(): ReadonlyMap<number, { readonly kind: 'continue' }> {
    return new Map(this.#assembly.guest.vcpus.map((v) => [v.id, { kind: 'continue' }]));
  }

  /** Lets it run for a while, typing, and interrupts it. */
  async run(): Promise<void> {
    const { machine, target } = this.#assembly;
    const stop = this.#go(this.#all);
    for (let i = 0; i < 3; i++) {
      if (this.#any(2) === 0) machine.post({ kind: 'console-input', data: Buffer.from(`line ${i}\n`) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    target.interrupt();
    await stop;
  }
  /** Steps a CPU, alone or beside the others. */
  async step(): Promise<void> {
    const { target, guest } = this.#assembly;
    const vcpu = this.#any(guest.vcpus.length);
    target.stepMode = (['mask', 'into', 'over'] as const satisfies readonly StepMode[])[this.#any(3)] ?? 'mask';
    const others = this.#any(2) === 0 ? this.#all : new Map();
    const pc = guest.vcpus[vcpu]?.pc() ?? 0n;
    const range = { kind: 'range', start: pc - 8n, end: pc + 8n } as const;
    const stop = this.#go(new Map([...others, [vcpu, this.#any(2) === 0 ? { kind: 'step' } : range]]));
    // A step of a CPU that waits may take for ever.
    const patience = setTimeout(() => target.interrupt(), 200);
    await stop;
    clearTimeout(patience);
  }
  /** Continues to a breakpoint at the handler, or to a store into a counter. */
  async stop(): Promise<void> {
    const { target, guest } = this.#assembly;
    const counter = COUNTERS + BigInt(this.#any(guest.vcpus.length) * 32);
    const [kind, address, length] =
      this.#any(2) === 0 ? (['hardware', HANDLER, 2] as const) : (['write', counter, 8] as const);
    target.insertBreakpoint(kind, address, length, 0);
    const { reason } = await this.#go(this.#all);
    target.removeBreakpoint(kind, address, length);
    this.seen.set(reason.kind, (this.seen.get(reason.kind) ?? 0) + 1);
  }
  /** Changes the guest from outside. */
  change(): void {
    const { target, guest, machine } = this.#assembly;
    const vcpu = this.#any(guest.vcpus.length);
    const data = Uint8Array.from({ length: 8 }, (_, i) => (i < 6 ? 0 : this.#any(256)));
    // General registers 0 and 7 are nobody's; the last counter of each CPU's area is where chance may write.
    const register = 2 + (this.#any(2) === 0 ? 0 : 7);
    expect(target.writeRegister(vcpu, register, data)).toBe(true);
    expect(target.writeMemory(vcpu, COUNTERS + BigInt(vcpu * 32), data)).toBe(true);
    if (this.#any(3) === 0)
      machine.enter(this.#any(2) === 0 ? { kind: 'plug', device: 'stick' } : { kind: 'unplug', device: 7 });
    if (this.#any(8) === 0) machine.save();
  }

  async play(rounds: number): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      const what = this.#any(4);
      if (what === 0) await this.run();
      else if (what === 1) await this.stop();
      else await this.step();
      this.change();
    }
  }
}

describeWithTools(['s390x-linux-gnu-gcc'], 'a session', () => {
  test.each([1, 4])('with a debugger and a typist, played again, comes to the same state: %i vCPUs', async (vcpus) => {
    const image = new Uint8Array(readFileSync(tinyGuest(busy(vcpus))));
    const first = machine(image, vcpus, randomWords(vcpus));
    const session = new Session(first, randomWords(100 + vcpus));
    await session.play(60);
    const { inputs, instant } = first.machine;
    const [log, lost] = [inputs.kept, inputs.lost];
    const wanted = first.machine.save();
    expect(lost).toBe(0);
    expect(notPlain(log)).toEqual([]);
    // All that was meant to happen did.
    expect(new Set(log.map(({ input }) => input.kind))).toContain('console-input');
    expect(session.seen.get('watchpoint')).toBeGreaterThan(0);
    expect(session.seen.get('breakpoint')).toBeGreaterThan(0);
    const again = machine(image, vcpus, randomWords(200 + vcpus)).machine;
    again.play(structuredClone(log));
    again.runToInstant(instant);
    expect(differences(again.save(), wanted)).toEqual([]);
    expect(again.inputs.kept.length).toBe(log.length + 1);
  });
});
