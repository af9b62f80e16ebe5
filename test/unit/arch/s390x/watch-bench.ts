/** A machine of two vCPUs with a debugger at it: programs of a few instructions run from stop to stop. */

import { CpuComplex } from '../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../src/arch/s390x/cpu/core.ts';
import type { S390xGuest } from '../../../../src/arch/s390x/guest.ts';
import { instructionTable } from '../../../../src/arch/s390x/isa/table.ts';
import { Debugger } from '../../../../src/debug/debugger.ts';
import type { BreakpointKind } from '../../../../src/debug/target.ts';
import type { EngineMode } from '../../../../src/engine/modes.ts';
import type { StopEvent } from '../../../../src/machine/exit.ts';
import { Machine } from '../../../../src/machine/machine.ts';
import { buildTestEngine } from '../../../support/engine.ts';
import { guestOn } from '../../../support/s390x/guest.ts';
import { CODE, encode, MASK_64, psw } from './kvm/harness.ts';

/** Where the program stops that comes to its end. */
export const DONE = 0x1ffff;
const LAST = 0x1_8000;

/** The machine; `fresh` begins a test. The engine is built once, in the mode that the environment asks for unless one is given. */
export class WatchBench {
  readonly complex = new CpuComplex({ vcpus: 2, storage: 4 << 20, decodePages: 64 });
  readonly #core = new S390xCore(this.complex, instructionTable);
  readonly #engine;
  readonly #machine: () => readonly [S390xGuest, Debugger, () => Promise<StopEvent>];
  guest: S390xGuest;
  target: Debugger;
  #stop: () => Promise<StopEvent>;

  constructor(mode?: EngineMode) {
    const { complex } = this;
    this.#engine = buildTestEngine(this.#core, complex.memory, complex.filterAddress, mode);
    this.#machine = () => {
      const guest = guestOn(this.#core, this.#engine);
      const machine = new Machine(guest, {
        clock: 'virtual',
        now: () => performance.now(),
        instructionsPerMicrosecond: 100,
      });
      const target = new Debugger(machine);
      machine.debugged = true;
      const stop = () =>
        new Promise<StopEvent>((resolve, reject) => {
          target.onStop(resolve);
          machine.onFault = reject;
        });
      return [guest, target, stop];
    };
    [this.guest, this.target, this.#stop] = this.#machine();
  }

  /** Empty storage, registers of zeros, and nothing watched. A program exception is a disabled wait. */
  fresh(): void {
    const { complex } = this;
    complex.storage.fill(0, complex.storage.size, 0);
    complex.frames.decodePages.flush();
    [this.guest, this.target, this.#stop] = this.#machine();
    for (const { vcpu } of this.guest.vm.vcpus) for (let i = 0; i < 16; i++) vcpu.setGr(i, 0n);
    this.guest.storage.write(0x1d0, psw(MASK_64 | (1n << 49n), 0xdead));
  }

  /** Puts a program at the vCPU's PSW; at its end the guest ends. */
  program(texts: readonly Uint8Array[], { mask = MASK_64, vcpu = 0, at = CODE } = {}): void {
    const v = this.guest.vm.vcpus[vcpu];
    const bytes = texts.reduce((n, t) => n + t.length, 0);
    const end = [encode('LARL', { r1: 15, ri2: LAST - at - bytes }), encode('LPSWE', { b2: 15, d2: 0 })];
    this.guest.storage.write(LAST, psw(MASK_64 | (1n << 49n), DONE));
    this.guest.storage.write(at, Buffer.concat([...texts, ...end]));
    v?.setPsw({ mask, address: BigInt(at) });
    v?.sync();
    v?.start();
  }

  /** Lets all run to the next stop: `watch` with the address and vCPU, `end`, or what else it is. */
  async go(meanwhile: () => void = () => undefined): Promise<string> {
    const next = this.#stop();
    this.target.resume(new Map(this.guest.vcpus.map((v) => [v.id, { kind: 'continue' }])));
    meanwhile();
    const { vcpu, reason } = await next;
    if (reason.kind === 'watchpoint') return `watch 0x${reason.address.toString(16)} on ${vcpu}`;
    if (reason.kind !== 'guest-ended') return reason.kind;
    return reason.message.includes(DONE.toString(16)) ? 'end' : reason.message;
  }

  watch(
    address: number,
    { kind = 'write', length = 8, vcpu = 0 }: { kind?: BreakpointKind; length?: number; vcpu?: number } = {},
  ): void {
    this.target.insertBreakpoint(kind, BigInt(address), length, vcpu);
  }

  setGr(n: number, value: number | bigint): void {
    this.guest.vm.vcpus[0]?.vcpu.setGr(n, BigInt(value));
  }
}
