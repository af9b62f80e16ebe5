/** Interruptions that wait. */

import { hex } from '../../../bits/hex.ts';
import { CR0 } from '../cpu/control-register-bits.ts';
import type { IoInterruption } from '../cpu/interruption.ts';
import type { FloatingInterrupts, LocalInterrupts } from '../kvm/interrupts.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';

/** All interruptions that wait for a vCPU, or that it could take for the whole configuration, in words. */
export function pendingInterruptions(v: KvmVcpu): string[] {
  return [...timers(v), ...local(v.local), ...floating(v.vm.floating)];
}

function* timers({ vm, vcpu }: KvmVcpu): Iterable<string> {
  if (vm.core.clock.clockComparatorPending(vcpu)) yield 'clock comparator';
  if (vm.core.clock.cpuTimerPending(vcpu)) yield 'CPU timer';
}

function* local(all: LocalInterrupts): Iterable<string> {
  if (all.restart) yield 'restart';
  if (all.stop !== undefined) yield all.stop.storeStatus ? 'stop and store status' : 'stop';
  for (const cpu of all.malfunction) yield `malfunction alert from CPU ${cpu}`;
  for (const cpu of all.emergency) yield `emergency signal from CPU ${cpu}`;
  if (all.externalCall !== undefined) yield `external call from CPU ${all.externalCall}`;
}

function* floating(all: FloatingInterrupts): Iterable<string> {
  if (all.interruptKey) yield 'interrupt key';
  const service = all.nextExternal(CR0.serviceSignal, false);
  if (service !== undefined) yield `service signal, parameter ${hex(service.parameter ?? 0, 8)}`;
  for (let isc = 0; isc < 8; isc++) {
    const io = all.nextIo((0x8000_0000 >>> isc) >>> 0, false);
    if (io !== undefined) yield ioText(isc, io);
  }
}

function ioText(isc: number, io: IoInterruption): string {
  return `I/O subclass ${isc}, subchannel ${hex(io.subchannelId, 4)}.${hex(io.subchannelNumber, 4)}`;
}
