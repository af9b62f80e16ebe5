import { hex } from '../../../bits/hex.ts';
import { describeMsr } from '../cpu/msr.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Ppc64Guest } from '../guest.ts';

/** Where each vCPU is: a line for each that is not stopped. */
export function* positions(guest: Ppc64Guest): Iterable<string> {
  for (const { vcpu, id, stopped, ceded } of guest.vm.vcpus) {
    if (stopped && vcpu.executed === 0n) continue;
    const state = stopped ? ' stopped' : ceded ? ' ceded' : '';
    yield `CPU ${id}: pc ${hex(vcpu.pc)} msr ${hex(vcpu.msr)} (${describeMsr(vcpu.msr)})${state}`;
  }
}

/** Everything that a report of a fault needs. */
export function* stateDump(guest: Ppc64Guest): Iterable<string> {
  yield* positions(guest);
  for (const { vcpu, id, exits } of guest.vm.vcpus) {
    yield `CPU ${id}: executed ${vcpu.executed}, lr ${hex(vcpu.lr)} ctr ${hex(vcpu.ctr)} cr ${hex(BigInt(vcpu.cr))} xer ${hex(BigInt(vcpu.xer))}`;
    for (let n = 0; n < 32; n += 4) {
      const four = [0, 1, 2, 3].map((i) => `r${n + i} ${hex(vcpu.gpr(n + i))}`);
      yield `CPU ${id}: ${four.join(' ')}`;
    }
    for (const name of ['srr0', 'srr1', 'dar', 'hsrr0', 'hsrr1', 'hdar'] as const) {
      yield `CPU ${id}: ${name} ${hex(vcpu.big(slots[name]))}`;
    }
    const taken = [...vcpu.taken].map(([v, n]) => `${v.toString(16)}: ${n}`).join(', ');
    yield `CPU ${id}: interruptions ${taken}; exits ${[...exits].map(([v, n]) => `${v.toString(16)}: ${n}`).join(', ')}`;
  }
}
