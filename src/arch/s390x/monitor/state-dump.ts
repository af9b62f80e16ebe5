import { hex } from '../../../bits/hex.ts';
import { describePsw } from '../cpu/psw.ts';
import type { S390xGuest } from '../guest.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';

/** PSW of a vCPU: raw, and in words. */
export function pswLine(v: KvmVcpu): string {
  const { mask, address } = v.psw;
  return `CPU ${v.id}: PSW ${hex(mask, 16)} ${hex(address, 16)} (${describePsw(v.psw)})`;
}

/** PSWs of all vCPUs that ever ran or could. */
export function pswLines(guest: S390xGuest): string[] {
  return guest.vm.vcpus.filter((v) => v.id === 0 || v.psw.mask !== 0n || v.psw.address !== 0n).map(pswLine);
}

/** Everything that a report of a fault needs: PSW and registers of every vCPU, and what it last did. */
export function* stateDump(guest: S390xGuest): Iterable<string> {
  for (const v of guest.vm.vcpus) {
    const state = v.stopped ? 'stopped' : v.waiting ? 'waiting' : 'running';
    yield `${pswLine(v)} ${state}, ${guest.vcpus[v.id]?.elapsed() ?? 0n} instructions`;
    yield* registerRows('gr', 16, (n) => hex(v.vcpu.gr(n), 16));
    yield* registerRows('cr', 16, (n) => hex(v.vcpu.cr(n), 16));
    yield* registerRows('ar', 16, (n) => hex(v.vcpu.ar(n), 8));
    yield* registerRows('f', 16, (n) => hex(v.vcpu.fpr(n), 16));
    yield `  fpc = ${hex(v.vcpu.fpc, 8)}  prefix = ${hex(v.vcpu.prefix)}  icptcode = ${hex(v.block.get('icptcode'), 2)}`;
  }
}

function* registerRows(name: string, count: number, value: (n: number) => string): Iterable<string> {
  for (let n = 0; n < count; n += 4) {
    yield `  ${[n, n + 1, n + 2, n + 3].map((i) => `${`${name}${i}`.padEnd(4)} = ${value(i)}`).join('  ')}`;
  }
}
