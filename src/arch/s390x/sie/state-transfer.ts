import type { S390xCore } from '../cpu/core.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { SieBlock } from './state-description.ts';

/** CR0 bits that a TLB entry depends on: EDAT, low-address protection, the overrides, IEP. */
const CR0_TRANSLATION = (1 << 23) | (1 << 28) | (1 << 25) | (1 << 24) | (1 << 20);

/** Brings the guest state of a block into the vCPU. What is already there costs nothing. */
export function loadState(core: S390xCore, vcpu: Vcpu, block: SieBlock): void {
  const { clock } = core;
  let flush = block.get('ihcpu') === 0xffff;
  block.set('ihcpu', 0);
  const prefix = block.get('prefix') & 0x7fff_e000;
  if (prefix !== vcpu.prefix) {
    vcpu.setNum(slots.prefix, prefix);
    flush = true;
  }
  const cr0 = vcpu.crLow(0);
  for (let i = 0; i < 16; i++) vcpu.setCr(i, block.gcr(i));
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
  const { controls } = vcpu;
  controls.ictl = block.get('ictl');
  controls.lctl = block.get('lctl');
  controls.eca = block.get('eca');
  controls.ecb = block.get('ecb');
  controls.ecb2 = block.get('ecb2');
  controls.svcc = block.get('svcc');
  controls.cpuflags = block.get('cpuflags');
  vcpu.setPsw({ mask: block.big('gpsw'), address: block.big('gpswAddress') });
}

/** Brings the vCPU's guest state back to the block. */
export function storeState(core: S390xCore, vcpu: Vcpu, block: SieBlock): void {
  for (let i = 0; i < 16; i++) block.setGcr(i, vcpu.cr(i));
  block.setBig('gg14', vcpu.gr(14));
  block.setBig('gg15', vcpu.gr(15));
  block.set('prefix', vcpu.prefix);
  block.setBig('cputm', core.clock.cpuTimer(vcpu));
  block.setBig('ckc', core.clock.clockComparator(vcpu));
  block.setBig('epoch', vcpu.big(slots.epoch));
  block.set('todpr', vcpu.num(slots.todProgrammable));
  block.setBig('gbea', vcpu.big(slots.bea));
  block.setBig('pp', vcpu.big(slots.programParameter));
  const psw = vcpu.psw;
  block.setBig('gpsw', psw.mask);
  block.setBig('gpswAddress', psw.address);
}
