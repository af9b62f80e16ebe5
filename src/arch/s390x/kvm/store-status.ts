import { lowcore } from '../cpu/lowcore.ts';
import { slots } from '../cpu/state-layout.ts';
import type { KvmVcpu } from './vcpu.ts';

/**
 * Stores the status of a vCPU (PoP, "Store-Status Operation") with its save areas at the absolute address `at`, where the
 * assigned locations have 0x1200. False when the storage is not there.
 */
export function storeStatus(v: KvmVcpu, at: number): boolean {
  const { vcpu, vm } = v;
  const area = new Uint8Array(0x200);
  const view = new DataView(area.buffer);
  const offset = (field: keyof typeof lowcore): number => lowcore[field][0] - 0x1200;
  for (let i = 0; i < 16; i++) {
    view.setBigUint64(offset('fprSaveArea') + i * 8, vcpu.fpr(i));
    view.setBigUint64(offset('grSaveArea') + i * 8, vcpu.gr(i));
    view.setUint32(offset('arSaveArea') + i * 4, vcpu.ar(i));
    view.setBigUint64(offset('crSaveArea') + i * 8, vcpu.cr(i));
  }
  const { mask, address } = vcpu.psw;
  view.setBigUint64(offset('pswSaveArea'), mask);
  view.setBigUint64(offset('pswSaveArea') + 8, address);
  view.setUint32(offset('prefixSaveArea'), vcpu.prefix);
  view.setUint32(offset('fpcSaveArea'), vcpu.fpc);
  view.setUint32(offset('todProgrammableSaveArea'), vcpu.num(slots.todProgrammable));
  view.setBigUint64(offset('cpuTimerSaveArea'), BigInt.asUintN(64, vm.core.clock.cpuTimer(vcpu)));
  view.setBigUint64(offset('clockComparatorSaveArea') - 1, vm.core.clock.clockComparator(vcpu) >> 8n);
  return vm.writeAbsolute(at, area);
}
