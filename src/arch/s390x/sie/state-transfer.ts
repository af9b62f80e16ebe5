import { engineState } from '../../../machine/layout.ts';
import { CR0_TRANSLATION } from '../cpu/control-register-bits.ts';
import type { S390xCore } from '../cpu/core.ts';
import { files, slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { type SieBlock, type SieField, sieFields } from './state-description.ts';

/** Bits 0-31 and 32-63 of a PSW that must be zero. */
const RESERVED_HIGH = 0xb808_00fe;
const RESERVED_LOW = 0x7fff_ffff;
/** High word of the address as far as it must be zero with BA or without. */
const OUTSIDE_31_BITS = 0x8000_0000;
const OUTSIDE_24_BITS = 0xff00_0000;

/** Control registers whose change changes an address space. */
const spaceRegisters: ReadonlySet<number> = new Set([1, 7, 13]);

/**
 * Brings the guest state of a block into the vCPU, unless it is there already. Call after the controls were looked at; what
 * was not written since `storeState` costs nothing.
 */
export function loadState(core: S390xCore, vcpu: Vcpu, block: SieBlock): void {
  loadControls(vcpu, block);
  if (block.isAsStored && vcpu.stateOf === block) return;
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

function loadControls({ controls }: Vcpu, block: SieBlock): void {
  controls.ictl = block.get('ictl');
  controls.lctl = block.get('lctl');
  controls.eca = block.get('eca');
  controls.ecb = block.get('ecb');
  controls.ecb2 = block.get('ecb2');
  controls.svcc = block.get('svcc');
  controls.cpuflags = block.get('cpuflags');
}

/** True when an address space may be another one now. */
function loadControlRegisters({ view, base }: Vcpu, { bytes }: SieBlock): boolean {
  let newSpace = false;
  for (let n = 0; n < 16; n++) {
    const from = sieFields.gcr.offset + n * 8;
    const to = base + files.cr.offset + n * 8;
    const [high, low] = [bytes.getUint32(from), bytes.getUint32(from + 4)];
    if (view.getUint32(to, true) === low && view.getUint32(to + 4, true) === high) continue;
    view.setUint32(to, low, true);
    view.setUint32(to + 4, high, true);
    if (spaceRegisters.has(n)) newSpace = true;
  }
  return newSpace;
}

/** True when the PSW in a block is one that a CPU can have (PoP, "Early Exception Recognition"). */
export function hasValidPsw({ bytes }: SieBlock): boolean {
  const at = sieFields.gpsw.offset;
  const [high, low] = [bytes.getUint32(at), bytes.getUint32(at + 4)];
  if ((high & RESERVED_HIGH) !== 0 || (low & RESERVED_LOW) !== 0) return false;
  if ((high & 1) !== 0) return low !== 0;
  const outside = low !== 0 ? OUTSIDE_31_BITS : OUTSIDE_24_BITS;
  return bytes.getUint32(at + 8) === 0 && (bytes.getUint32(at + 12) & outside) === 0;
}

/** Brings the vCPU's guest state back to the block. */
export function storeState(core: S390xCore, vcpu: Vcpu, block: SieBlock): void {
  const { view, base } = vcpu;
  const { bytes } = block;
  const copy = (from: number, field: SieField, index = 0): void => {
    const to = sieFields[field].offset + index * 8;
    bytes.setUint32(to, view.getUint32(from + 4, true));
    bytes.setUint32(to + 4, view.getUint32(from, true));
  };
  for (let n = 0; n < 16; n++) copy(base + files.cr.offset + n * 8, 'gcr', n);
  copy(base + files.gr.offset + 14 * 8, 'gg14');
  copy(base + files.gr.offset + 15 * 8, 'gg15');
  copy(base + slots.clockComparator.offset, 'ckc');
  copy(base + slots.epoch.offset, 'epoch');
  copy(base + slots.bea.offset, 'gbea');
  copy(base + slots.programParameter.offset, 'pp');
  bytes.setUint32(sieFields.prefix.offset, vcpu.prefix);
  bytes.setUint32(sieFields.todpr.offset, vcpu.num(slots.todProgrammable));
  bytes.setBigUint64(sieFields.cputm.offset, BigInt.asUintN(64, core.clock.cpuTimer(vcpu)));
  storePsw(vcpu, block, copy);
  block.isAsStored = true;
  vcpu.stateOf = block;
}

function storePsw(vcpu: Vcpu, block: SieBlock, copy: (from: number, field: SieField) => void): void {
  if (vcpu.hasInvalidPsw) {
    const { mask, address } = vcpu.psw;
    block.bytes.setBigUint64(sieFields.gpsw.offset, mask);
    block.bytes.setBigUint64(sieFields.gpswAddress.offset, address);
    return;
  }
  const mode = vcpu.num(slots.addressingMode);
  const at = sieFields.gpsw.offset;
  const status = (vcpu.num(slots.cc) << 12) | (vcpu.num(slots.programMask) << 8);
  block.bytes.setUint32(at, (vcpu.pswHigh | status | (mode >> 1)) >>> 0);
  block.bytes.setUint32(at + 4, (mode << 31) >>> 0);
  copy(vcpu.base + engineState.pc.offset, 'gpswAddress');
  const high = block.bytes.getUint32(at + 8);
  const low = block.bytes.getUint32(at + 12);
  if (mode === 3) return;
  if (high !== 0) block.bytes.setUint32(at + 8, 0);
  block.bytes.setUint32(at + 12, (low & (mode === 0 ? 0xff_ffff : 0x7fff_ffff)) >>> 0);
}
