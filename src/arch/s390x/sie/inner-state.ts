/** A guest's state between its state description in storage and the vCPU that it is executed on: by words, without bigints. */

import { engineState } from '../../../machine/layout.ts';
import { INSTRUCTIONS_PER_MICROSECOND, TOD_PER_MICROSECOND } from '../cpu/clock.ts';
import { CR0_TRANSLATION } from '../cpu/control-register-bits.ts';
import type { S390xCore } from '../cpu/core.ts';
import { isValidPswWords } from '../cpu/psw.ts';
import { files, slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { sieFields } from './state-description.ts';
import { spaceRegisters } from './state-transfer.ts';

/** Doublewords besides the control registers: offsets in the vCPU's state and in the block. */
const doublewords: readonly (readonly [state: number, block: number])[] = [
  [files.gr.offset + 14 * 8, sieFields.gg14[0]],
  [files.gr.offset + 15 * 8, sieFields.gg15[0]],
  [slots.clockComparator.offset, sieFields.ckc[0]],
  [slots.bea.offset, sieFields.gbea[0]],
];

/**
 * What host and guest have in common besides the vector registers: general registers 0 to 13, access, floating-point-control and
 * guarded-storage registers, in words. So few are quicker copied one by one.
 */
const sharedWords: readonly (readonly [offset: number, words: number])[] = [
  [files.gr.offset, 14 * 2],
  [files.ar.offset, 16],
  [slots.fpc.offset, 1],
  [slots.gsd.offset, 3 * 2],
];
const VECTOR_BYTES = 32 * 16;

/** Gives the registers that are not in the block from one vCPU to the other. */
export function shareRegisters(from: Vcpu, to: Vcpu): void {
  const { bytes, words } = from.core.complex.storage;
  for (const [offset, count] of sharedWords) {
    const source = (from.base + offset) >>> 2;
    const target = (to.base + offset) >>> 2;
    for (let i = 0; i < count; i++) words[target + i] = words[source + i] ?? 0;
  }
  const vectors = from.base + files.vr.offset;
  bytes.copyWithin(to.base + files.vr.offset, vectors, vectors + VECTOR_BYTES);
}

/** Gives the count of instructions from one vCPU to the other. */
export function shareCount(from: Vcpu, to: Vcpu): void {
  const { words } = from.core.complex.storage;
  for (const offset of [engineState.end.offset, engineState.end.offset + 4, engineState.remaining.offset]) {
    words[(to.base + offset) >>> 2] = words[(from.base + offset) >>> 2] ?? 0;
  }
}

/** Gives the guest of the block at a storage offset its clock: the host's, and the difference that the block says. */
export function shareClock(host: Vcpu, guest: Vcpu, at: number): void {
  const { words, top } = host.core.complex.storage;
  copyDoubleword(words, host.base + slots.timeSkew.offset, guest.base + slots.timeSkew.offset);
  const [own, block] = [(host.base + slots.epoch.offset) >>> 2, (top - 8 - at - sieFields.epoch[0]) >>> 2];
  const to = (guest.base + slots.epoch.offset) >>> 2;
  const low = (words[own] ?? 0) + (words[block] ?? 0);
  words[to] = low;
  words[to + 1] = (words[own + 1] ?? 0) + (words[block + 1] ?? 0) + (low > 0xffff_ffff ? 1 : 0);
}

/** Brings the guest's state from the block at a storage offset into the vCPU; `newSpace` says that its storage is another. */
export function loadInner(core: S390xCore, guest: Vcpu, at: number, newSpace: boolean): void {
  const { storage } = core.complex;
  const { words, top } = storage;
  const { base } = guest;
  const cr0 = guest.crLow(0);
  const spaceChanged = loadControlRegisters(guest, words, top - 8 - at) || newSpace;
  guest.setNum(slots.registerControls, guest.crLow(0) & guest.enabledRegisters);
  if (((cr0 ^ guest.crLow(0)) & CR0_TRANSLATION) !== 0) guest.flushTlb();
  for (const [state, field] of doublewords) copyDoubleword(words, top - 8 - at - field, base + state);
  copyDoubleword(words, top - 8 - at - sieFields.cputm[0], base + slots.cpuTimer.offset);
  words[(base + slots.cpuTimerBase.offset) >>> 2] = guest.instructions.low;
  words[((base + slots.cpuTimerBase.offset) >>> 2) + 1] = guest.instructions.high;
  // The only one that is not aligned.
  const pp = top - 8 - at - sieFields.pp[0];
  storage.bytes.copyWithin(base + slots.programParameter.offset, pp, pp + 8);
  guest.setNum(slots.todProgrammable, storage.word(at + sieFields.todpr[0]));
  const psw = at + sieFields.gpsw[0];
  const [high, low] = [storage.word(psw), storage.word(psw + 4)];
  const [addressHigh, addressLow] = [storage.word(psw + 8), storage.word(psw + 12)];
  if (isValidPswWords(high, low, addressHigh, addressLow)) guest.loadPsw(high, low, addressHigh, addressLow);
  else guest.setPsw({ mask: storage.doubleword(psw), address: storage.doubleword(psw + 8) });
  if (spaceChanged) guest.selectSpaces();
}

function loadControlRegisters({ base }: Vcpu, words: Uint32Array, block: number): boolean {
  let newSpace = false;
  for (let n = 0; n < 16; n++) {
    const from = (block - sieFields.gcr[0] - n * 8) >>> 2;
    const to = (base + files.cr.offset + n * 8) >>> 2;
    if (words[to] === words[from] && words[to + 1] === words[from + 1]) continue;
    words[to] = words[from] ?? 0;
    words[to + 1] = words[from + 1] ?? 0;
    if (spaceRegisters.has(n)) newSpace = true;
  }
  return newSpace;
}

/** Brings the guest's state back. Whoever calls tells that the block was stored into. */
export function storeInner(core: S390xCore, guest: Vcpu, at: number): void {
  const { storage } = core.complex;
  const { words, top } = storage;
  const { base } = guest;
  for (let n = 0; n < 16; n++) {
    copyDoubleword(words, base + files.cr.offset + n * 8, top - 8 - at - sieFields.gcr[0] - n * 8);
  }
  for (const [state, field] of doublewords) copyDoubleword(words, base + state, top - 8 - at - field);
  storeCpuTimer(core, guest, at);
  const pp = base + slots.programParameter.offset;
  storage.bytes.copyWithin(top - 8 - at - sieFields.pp[0], pp, pp + 8);
  storage.setWord(at + sieFields.todpr[0], guest.num(slots.todProgrammable));
  const psw = at + sieFields.gpsw[0];
  if (guest.hasInvalidPsw) {
    const { mask, address } = guest.psw;
    storage.setDoubleword(psw, mask);
    storage.setDoubleword(psw + 8, address);
    return;
  }
  const [high, low, addressHigh, addressLow] = guest.pswWords();
  storage.setWord(psw, high);
  storage.setWord(psw + 4, low);
  storage.setWord(psw + 8, addressHigh);
  storage.setWord(psw + 12, addressLow);
}

// What a short run takes off the timer is a number; a long one wants the clock's arithmetic.
function storeCpuTimer({ clock, complex }: S390xCore, guest: Vcpu, at: number): void {
  const { storage } = complex;
  const { words } = storage;
  const base = (guest.base + slots.cpuTimerBase.offset) >>> 2;
  const passed = guest.instructions.low - (words[base] ?? 0);
  if (passed < 0 || guest.instructions.high !== words[base + 1]) {
    storage.setDoubleword(at + sieFields.cputm[0], clock.cpuTimer(guest));
    return;
  }
  const timer = (guest.base + slots.cpuTimer.offset) >>> 2;
  const units = Math.floor((passed * Number(TOD_PER_MICROSECOND)) / Number(INSTRUCTIONS_PER_MICROSECOND));
  const low = (words[timer] ?? 0) - (units % 0x1_0000_0000);
  const high = (words[timer + 1] ?? 0) - Math.floor(units / 0x1_0000_0000) - (low < 0 ? 1 : 0);
  storage.setWord(at + sieFields.cputm[0], high);
  storage.setWord(at + sieFields.cputm[0] + 4, low);
}

/** Both at multiples of 4: a doubleword has its low word first in the mirrored storage and in a vCPU's state. */
function copyDoubleword(words: Uint32Array, from: number, to: number): void {
  words[to >>> 2] = words[from >>> 2] ?? 0;
  words[(to >>> 2) + 1] = words[(from >>> 2) + 1] ?? 0;
}
