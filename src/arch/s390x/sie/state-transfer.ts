import { CR0, CR0_REGISTERS, CR0_TRANSLATION } from '../cpu/control-register-bits.ts';
import type { S390xCore } from '../cpu/core.ts';
import { VECTORS } from '../cpu/interception-controls.ts';
import { files, slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { ecd, type SieBlock, sieFields } from './state-description.ts';

/** Control registers whose change changes an address space. */
export const spaceRegisters: ReadonlySet<number> = new Set([1, 7, 13]);

/**
 * Brings the guest state of a block into the vCPU, unless it is there already. Call after the controls were looked at; what
 * was not written since `storeState` costs nothing.
 */
export function loadState(core: S390xCore, vcpu: Vcpu, block: SieBlock): void {
  loadControls(vcpu, block);
  if (block.isAsStored && vcpu.stateOf === block) return;
  if (vcpu.stateOf !== block) vcpu.stateOf?.settle();
  const { clock } = core;
  let flush = block.get('ihcpu') === 0xffff;
  block.set('ihcpu', 0);
  const prefix = block.get('prefix') & 0x7fff_e000;
  if (prefix !== vcpu.prefix) {
    vcpu.setNum(slots.prefix, prefix);
    flush = true;
  }
  const cr0 = vcpu.crLow(0);
  const newSpace = loadControlRegisters(vcpu, block);
  if (((cr0 ^ vcpu.crLow(0)) & CR0_TRANSLATION) !== 0) flush = true;
  if (flush) vcpu.flushTlb();
  vcpu.setGr(14, block.big('gg14'));
  vcpu.setGr(15, block.big('gg15'));
  const timer = BigInt.asIntN(64, block.big('cputm'));
  if (timer !== clock.cpuTimer(vcpu)) clock.setCpuTimer(vcpu, timer);
  clock.setClockComparator(vcpu, block.big('ckc'));
  vcpu.setBig(slots.epoch, block.big('epoch'));
  vcpu.setNum(slots.epochIndex, block.get('epdx'));
  vcpu.setNum(slots.todProgrammable, block.get('todpr'));
  vcpu.setBig(slots.bea, block.big('gbea'));
  vcpu.setBig(slots.programParameter, block.big('pp'));
  vcpu.cpuAddress = block.get('icpua');
  const psw = vcpu.psw;
  const [mask, address] = [block.big('gpsw'), block.big('gpswAddress')];
  if (psw.mask !== mask || psw.address !== address) vcpu.setPsw({ mask, address });
  else if (newSpace) vcpu.selectSpaces();
  block.isAsStored = true;
  vcpu.stateOf = block;
}

/**
 * Puts the controls of a block in force. Those that are almost always as they were are only stored when they are not: numbers
 * beyond 31 bits cost an allocation.
 */
export function loadControls(vcpu: Vcpu, block: SieBlock): void {
  if (!block.takesControls() && vcpu.controlsOf === block) return;
  vcpu.controlsOf = block;
  const { controls } = vcpu;
  const { controlBytes } = block;
  controls.ictl = block.ictl;
  controls.lctl = block.lctl;
  controls.cpuflags = block.cpuflags;
  const eca = controlBytes.getUint32(sieFields.eca[0]);
  if (controls.eca !== eca) controls.eca = eca;
  vcpu.enabledRegisters = enabledRegisters(vcpu);
  const svcc = controlBytes.getUint32(sieFields.svcc[0]);
  if (controls.svcc !== svcc) controls.svcc = svcc;
  controls.ecb = controlBytes.getUint8(sieFields.ecb[0]);
  controls.ecb2 = controlBytes.getUint8(sieFields.ecb2[0]);
  controls.ecb3 = controlBytes.getUint8(sieFields.ecb3[0]);
  controls.multipleEpoch = (controlBytes.getUint32(sieFields.ecd[0]) & ecd.mef) !== 0;
}

// Those that the guest's host has itself, of a guest's guest; and no vector registers without their control.
function enabledRegisters({ controls, outer }: Vcpu): number {
  const host = outer === undefined ? CR0_REGISTERS : outer.crLow(0) & CR0_REGISTERS;
  return (controls.eca & VECTORS) === 0 ? host & ~CR0.vector : host;
}

/** True when an address space may be another one now. */
function loadControlRegisters({ view, base, enabledRegisters }: Vcpu, { bytes }: SieBlock): boolean {
  let newSpace = false;
  for (let n = 0; n < 16; n++) {
    const from = sieFields.gcr[0] + n * 8;
    const to = base + files.cr.offset + n * 8;
    const [high, low] = [bytes.getUint32(from), bytes.getUint32(from + 4)];
    if (view.getUint32(to, true) === low && view.getUint32(to + 4, true) === high) continue;
    view.setUint32(to, low, true);
    view.setUint32(to + 4, high, true);
    if (n === 0) view.setUint32(base + slots.registerControls.offset, low & enabledRegisters, true);
    if (spaceRegisters.has(n)) newSpace = true;
  }
  return newSpace;
}

/** Doublewords that are copied as they are: offsets in the vCPU's state and in the block. */
const doublewords: readonly (readonly [from: number, to: number])[] = [
  ...Array.from({ length: 16 }, (_, n) => [files.cr.offset + n * 8, sieFields.gcr[0] + n * 8] as const),
  [files.gr.offset + 14 * 8, sieFields.gg14[0]],
  [files.gr.offset + 15 * 8, sieFields.gg15[0]],
  [slots.clockComparator.offset, sieFields.ckc[0]],
  [slots.epoch.offset, sieFields.epoch[0]],
  [slots.bea.offset, sieFields.gbea[0]],
  [slots.programParameter.offset, sieFields.pp[0]],
];

/** Brings the vCPU's guest state back to the block: at once, or when somebody looks if only this program can. */
export function storeState(core: S390xCore, vcpu: Vcpu, block: SieBlock): void {
  if (vcpu.stateOf === block && block.owesStill()) return;
  vcpu.stateOf = block;
  block.owe(() => write(core, vcpu, block));
}

function write(core: S390xCore, vcpu: Vcpu, block: SieBlock): void {
  const { view, base } = vcpu;
  const { bytes } = block;
  for (const [from, to] of doublewords) {
    bytes.setUint32(to, view.getUint32(base + from + 4, true));
    bytes.setUint32(to + 4, view.getUint32(base + from, true));
  }
  bytes.setUint32(sieFields.prefix[0], vcpu.prefix);
  // Without the facility it is nobody's.
  if (vcpu.controls.multipleEpoch) bytes.setUint8(sieFields.epdx[0], vcpu.num(slots.epochIndex));
  bytes.setUint32(sieFields.todpr[0], vcpu.num(slots.todProgrammable));
  bytes.setBigUint64(sieFields.cputm[0], BigInt.asUintN(64, core.clock.cpuTimer(vcpu)));
  storePsw(vcpu, block);
}

function storePsw(vcpu: Vcpu, { bytes }: SieBlock): void {
  const at = sieFields.gpsw[0];
  if (vcpu.hasInvalidPsw) {
    const { mask, address } = vcpu.psw;
    bytes.setBigUint64(at, mask);
    bytes.setBigUint64(at + 8, address);
    return;
  }
  vcpu.pswWords().forEach((word, i) => {
    bytes.setUint32(at + 4 * i, word);
  });
}
