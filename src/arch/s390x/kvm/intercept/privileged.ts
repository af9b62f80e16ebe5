/** Intercepted control instructions: prefix, CPU address and identification, facilities, TEST BLOCK, clocks. */

import { toBigEndian } from '../../../../bits/hex.ts';
import { prefixed } from '../../cpu/access.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { lowcore } from '../../cpu/lowcore.ts';
import { protectedBlock } from '../../cpu/protection.ts';
import { slots } from '../../cpu/state-layout.ts';
import { conditionCode, type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { interceptedOperands } from './operands.ts';
import { retry } from './retry.ts';

export type InstructionHandler = (v: KvmVcpu) => Outcome;

const specification: Outcome = program(PGM.specification);
const addressing: Outcome = program(PGM.addressing);

function setPrefix(v: KvmVcpu): Outcome {
  const { address, base } = interceptedOperands(v);
  if ((address & 3n) !== 0n) return specification;
  const prefix = v.vm.core.access.fetch32(v.vcpu, address, { space: 'current', ar: base }) & 0x7fff_e000;
  if (!v.vm.gmap.covers(prefix, 8192)) return addressing;
  v.vcpu.setPrefix(prefix);
  return resume;
}

function storePrefix(v: KvmVcpu): Outcome {
  const { address, base } = interceptedOperands(v);
  if ((address & 3n) !== 0n) return specification;
  v.vm.core.access.store32(v.vcpu, address, v.vcpu.prefix, { space: 'current', ar: base });
  return resume;
}

function storeCpuAddress(v: KvmVcpu): Outcome {
  const { address, base } = interceptedOperands(v);
  if ((address & 1n) !== 0n) return specification;
  v.vm.core.access.write(v.vcpu, address, toBigEndian(BigInt(v.cpuAddress), 2), { space: 'current', ar: base });
  return resume;
}

/** What STIDP stores: version FF for a guest, a CPU identification, the machine type of a zEC12. */
export const CPU_ID = 0xff00_0000_2827_8000n;

function storeCpuId(v: KvmVcpu): Outcome {
  const { address, base } = interceptedOperands(v);
  if ((address & 7n) !== 0n) return specification;
  v.vm.core.access.store64(v.vcpu, address, CPU_ID, { space: 'current', ar: base });
  return resume;
}

function storeFacilityList(v: KvmVcpu): Outcome {
  let word = 0;
  for (const f of v.vm.core.facilities) if (f < 32) word |= 0x8000_0000 >>> f;
  if (!v.vm.writeAbsolute(v.vcpu.prefix + lowcore.facilityList[0], toBigEndian(BigInt(word >>> 0), 4)))
    return addressing;
  return resume;
}

function testBlock(v: KvmVcpu): Outcome {
  const { rre2 } = interceptedOperands(v);
  const { vcpu, vm } = v;
  const real = vcpu.gr(rre2) & vcpu.amask & ~0xfffn;
  const teid = protectedBlock(vcpu, real);
  if (teid !== undefined) return program(PGM.protection, { nullified: false, teid });
  const absolute = prefixed(Number(real), vcpu.prefix);
  if (!vm.writeAbsolute(absolute, new Uint8Array(4096))) return addressing;
  vcpu.setGr(0, 0n);
  return conditionCode(0);
}

function setClock(v: KvmVcpu): Outcome {
  const { address, base } = interceptedOperands(v);
  if ((address & 7n) !== 0n) return specification;
  const value = v.vm.core.access.fetch64(v.vcpu, address, { space: 'current', ar: base });
  const all = v.vm.vcpus;
  v.vm.core.clock.setTod([v.vcpu, ...all.filter((o) => o !== v).map((o) => o.vcpu)], value);
  for (const o of all) o.sync();
  return conditionCode(0);
}

function setProgrammableField(v: KvmVcpu): Outcome {
  const value = v.vcpu.grLow(0);
  if ((value & 0xffff_0000) !== 0) return specification;
  v.vcpu.setNum(slots.todProgrammable, value);
  return resume;
}

/** Function code of the topology; those between it and 3 are none. */
const TOPOLOGY_CODE = 15;

function storeSystemInformation(v: KvmVcpu): Outcome {
  const { vcpu, vm } = v;
  const { address, base } = interceptedOperands(v);
  const functionCode = vcpu.grLow(0) >>> 28;
  if (functionCode > 3 && functionCode !== TOPOLOGY_CODE) {
    return conditionCode(3);
  }
  if ((vcpu.grLow(0) & 0x0fff_ff00) !== 0 || (vcpu.grLow(1) & 0xffff_0000) !== 0) return specification;
  if (functionCode === 0) {
    vcpu.setGrLow(0, 0x3000_0000);
    return conditionCode(0);
  }
  if ((address & 0xfffn) !== 0n) return specification;
  const block = vm.userSpace.systemInformation(v, functionCode, vcpu.grLow(0) & 0xff, vcpu.grLow(1) & 0xffff);
  if (block === undefined) {
    return conditionCode(3);
  }
  vm.core.access.write(vcpu, address, block, { space: 'current', ar: base });
  vcpu.setGrLow(0, 0);
  return conditionCode(0);
}

function performTopologyFunction(v: KvmVcpu): Outcome {
  const { rre1 } = interceptedOperands(v);
  const { vcpu } = v;
  if ((vcpu.gr(rre1) & ~0xffn) !== 0n) return specification;
  const polarization = Number(vcpu.gr(rre1) & 0xffn);
  if (polarization > 2) return specification;
  if (polarization === 2) {
    return conditionCode(0);
  }
  // Horizontal polarization is what there is; vertical is refused with reason code 0.
  vcpu.setGr(rre1, (vcpu.gr(rre1) & 0xffn) | (polarization === 0 ? 0x100n : 0n));
  return conditionCode(2);
}

/** A control function of PERFORM TIMING FACILITY FUNCTION: a guest's clock is not for it to steer. */
function controlTiming(): Outcome {
  return conditionCode(3);
}

function notInstalled(): Outcome {
  return program(PGM.operation);
}

/** Handlers of this file by opcode. */
export const privilegedHandlers: readonly (readonly [number, InstructionHandler])[] = [
  [0xb202, storeCpuId],
  [0xb204, setClock],
  [0xb210, setPrefix],
  [0xb211, storePrefix],
  [0xb212, storeCpuAddress],
  [0xb214, notInstalled],
  [0xb22c, testBlock],
  [0xb256, notInstalled],
  [0xb9ab, notInstalled],
  [0xb27d, storeSystemInformation],
  [0xb2b1, storeFacilityList],
  [0xb9a2, performTopologyFunction],
  [0x0104, controlTiming],
  [0x0107, setProgrammableField],
  [0xb221, retry],
  [0xb250, retry],
  [0xb98e, retry],
  [0xb98a, retry],
];
