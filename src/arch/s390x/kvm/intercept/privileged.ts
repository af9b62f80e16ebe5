/** Intercepted control instructions: prefix, CPU address and identification, facilities, TEST BLOCK, clocks. */

import { toBigEndian } from '../../../../bits/hex.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { lowcore } from '../../cpu/lowcore.ts';
import { protectedBlock, readOnlyTeid } from '../../cpu/protection.ts';
import { slots } from '../../cpu/state-layout.ts';
import { further, gpa, gra } from '../../dat/address.ts';
import { PREFIX_AREA_BYTES, prefixed } from '../../dat/prefix.ts';
import { conditionCode, type Outcome, program, resume } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept, storageOperand } from './row.ts';

const specification: Outcome = program(PGM.specification);
const addressing: Outcome = program(PGM.addressing);

function setPrefix(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 3n) !== 0n) return specification;
  const prefix = gpa(v.vm.core.access.fetch32(v.vcpu, address, path) & 0x7fff_e000);
  if (!v.vm.gmap.covers(prefix, PREFIX_AREA_BYTES)) return addressing;
  v.vcpu.setPrefix(prefix);
  return resume;
}

function storePrefix(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 3n) !== 0n) return specification;
  v.vm.core.access.store32(v.vcpu, address, v.vcpu.prefix, path);
  return resume;
}

function storeCpuAddress(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 1n) !== 0n) return specification;
  v.vm.core.access.store16(v.vcpu, address, v.cpuAddress, path);
  return resume;
}

function storeCpuId(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 7n) !== 0n) return specification;
  v.vm.core.access.store64(v.vcpu, address, v.vm.model.cpuId, path);
  return resume;
}

function storeFacilityList(v: KvmVcpu): Outcome {
  let word = 0;
  for (const f of v.vm.core.facilities) if (f < 32) word |= 0x8000_0000 >>> f;
  if (!v.vm.writeAbsolute(further(v.vcpu.prefix, lowcore.facilityList[0]), toBigEndian(BigInt(word >>> 0), 4)))
    return addressing;
  return resume;
}

function testBlock(v: KvmVcpu, { r2 }: Operands<'RRE'>): Outcome {
  const { vcpu, vm } = v;
  const real = vcpu.gr(r2) & vcpu.amask & ~0xfffn;
  const teid = protectedBlock(vcpu, real);
  if (teid !== undefined) return program(PGM.protection, { nullified: false, teid });
  const absolute = prefixed(gra(Number(real)), vcpu.prefix);
  if (vm.gmap.isReadOnly(absolute)) return program(PGM.protection, { nullified: false, teid: readOnlyTeid(absolute) });
  if (!vm.writeAbsolute(absolute, new Uint8Array(4096))) return addressing;
  vcpu.setGr(0, 0n);
  return conditionCode(0);
}

function setClock(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { address, path } = storageOperand(v, b2, d2);
  if ((address & 7n) !== 0n) return specification;
  const value = v.vm.core.access.fetch64(v.vcpu, address, path);
  // The epoch index becomes 0.
  v.vm.setTime(value, v.vcpu);
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

function storeSystemInformation(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { vcpu, vm } = v;
  const { address, path } = storageOperand(v, b2, d2);
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
  vm.core.access.write(vcpu, address, block, path);
  vcpu.setGrLow(0, 0);
  return conditionCode(0);
}

/** Functions of PERFORM TOPOLOGY FUNCTION, and the reason for which one is refused that asks for what there is. */
const topologyFunction = { horizontal: 0n, vertical: 1n, check: 2n } as const;
const ALREADY_POLARIZED = 0x100n;

function performTopologyFunction({ vcpu, vm }: KvmVcpu, { r1 }: Operands<'RRE'>): Outcome {
  const wanted = vcpu.gr(r1);
  if (wanted > topologyFunction.check) return specification;
  if (wanted === topologyFunction.check) {
    const changed = vm.topologyChanged;
    vm.topologyChanged = false;
    return conditionCode(changed ? 1 : 0);
  }
  const vertical = wanted === topologyFunction.vertical;
  if (vm.vertical === vertical) {
    vcpu.setGr(r1, wanted | ALREADY_POLARIZED);
    return conditionCode(2);
  }
  vm.vertical = vertical;
  vm.topologyChanged = true;
  return conditionCode(0);
}

/** A control function of PERFORM TIMING FACILITY FUNCTION: a guest's clock is not for it to steer. */
function controlTiming(): Outcome {
  return conditionCode(3);
}

function notInstalled(): Outcome {
  return program(PGM.operation);
}

const unprivileged = { unprivileged: true } as const;

/** Handlers of this file. */
export const privilegedRows: readonly InterceptRow[] = [
  onIntercept('STIDP', 'S', storeCpuId),
  onIntercept('SCK', 'S', setClock),
  onIntercept('SPX', 'S', setPrefix),
  onIntercept('STPX', 'S', storePrefix),
  onIntercept('STAP', 'S', storeCpuAddress),
  onIntercept('SIE', 'S', notInstalled),
  // Of PCI functions. What is not installed is that in every state.
  ...(['CLP', 'PCISTG', 'PCILG', 'RPCIT'] as const).map((m) => onIntercept(m, 'RRE', notInstalled, unprivileged)),
  ...(['MPCIFC', 'STPCIFC'] as const).map((m) => onIntercept(m, 'RXY_a', notInstalled, unprivileged)),
  ...(['PCISTB', 'SIC'] as const).map((m) => onIntercept(m, 'RSY_a', notInstalled, unprivileged)),
  onIntercept('TB', 'RRE', testBlock),
  onIntercept('STSI', 'S', storeSystemInformation),
  onIntercept('STFL', 'S', storeFacilityList),
  onIntercept('PTF', 'RRE', performTopologyFunction),
  onIntercept('PTFF', 'E', controlTiming),
  onIntercept('SCKPF', 'E', setProgrammableField),
];
