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

const GR14 = files.gr.offset + 14 * 8;
const GR15 = files.gr.offset + 15 * 8;
/** Words of the general registers that are not in the block, of access, guarded-storage and vector registers. */
const GENERAL_WORDS = 14 * 2;
const ACCESS_WORDS = 16;
const GUARDED_WORDS = 3 * 2;
const VECTOR_WORDS = 32 * 4;

/** The registers that host and guest have in common: they are not in the block, and go from one vCPU to the other. */
export class SharedRegisters {
  readonly #words: Uint32Array;
  readonly #base: number;
  readonly #vectors: Uint32Array;

  /** Those of a vCPU. */
  constructor({ base, core }: Vcpu) {
    const { words } = core.complex.storage;
    this.#words = words;
    this.#base = base >>> 2;
    const vectors = this.#base + files.vr.offset / 4;
    this.#vectors = words.subarray(vectors, vectors + VECTOR_WORDS);
  }

  /** Takes them from another vCPU: a few one by one, since that is quicker, and the many at once. */
  take(from: SharedRegisters): void {
    const words = this.#words;
    const source = from.#base;
    const target = this.#base;
    copyWords(words, source + files.gr.offset / 4, target + files.gr.offset / 4, GENERAL_WORDS);
    copyWords(words, source + files.ar.offset / 4, target + files.ar.offset / 4, ACCESS_WORDS);
    copyWords(words, source + slots.gsd.offset / 4, target + slots.gsd.offset / 4, GUARDED_WORDS);
    copyWords(words, source + slots.fpc.offset / 4, target + slots.fpc.offset / 4, 1);
    this.#vectors.set(from.#vectors);
  }
}

function copyWords(words: Uint32Array, from: number, to: number, count: number): void {
  for (let i = 0; i < count; i++) words[to + i] = words[from + i] ?? 0;
}

/** Gives the count of instructions from one vCPU to the other. */
export function shareCount(from: Vcpu, to: Vcpu): void {
  const { words } = from.core.complex.storage;
  copyDoubleword(words, from.base + engineState.end.offset, to.base + engineState.end.offset);
  const remaining = engineState.remaining.offset;
  words[(to.base + remaining) >>> 2] = words[(from.base + remaining) >>> 2] ?? 0;
}

/** Gives the guest of the block at a storage offset its clock: the host's, and the difference that the block says. */
export function shareClock(host: Vcpu, guest: Vcpu, at: number): void {
  const { words, bytes, top } = host.core.complex.storage;
  copyDoubleword(words, host.base + slots.timeSkew.offset, guest.base + slots.timeSkew.offset);
  const own = (host.base + slots.epoch.offset) >>> 2;
  const block = (top - 8 - at - sieFields.epoch[0]) >>> 2;
  const to = (guest.base + slots.epoch.offset) >>> 2;
  const low = (words[own] ?? 0) + (words[block] ?? 0);
  const high = (words[own + 1] ?? 0) + (words[block + 1] ?? 0) + (low > 0xffff_ffff ? 1 : 0);
  words[to] = low;
  words[to + 1] = high;
  const index = host.num(slots.epochIndex) + (bytes[top - 1 - at - sieFields.epdx[0]] ?? 0);
  guest.setNum(slots.epochIndex, (index + (high > 0xffff_ffff ? 1 : 0)) & 0xff);
}

/** Brings the guest's state from the block at a storage offset into the vCPU; `newSpace` says that its storage is another. */
export function loadInner(core: S390xCore, guest: Vcpu, at: number, newSpace: boolean): void {
  const { storage } = core.complex;
  const { words, top } = storage;
  const { base } = guest;
  guest.controlsWritten = false;
  const cr0 = guest.crLow(0);
  const spaceChanged = loadControlRegisters(guest, words, top - 8 - at) || newSpace;
  guest.setNum(slots.registerControls, guest.crLow(0) & guest.enabledRegisters);
  if (((cr0 ^ guest.crLow(0)) & CR0_TRANSLATION) !== 0) guest.flushTlb();
  const block = top - 8 - at;
  copyDoubleword(words, block - sieFields.gg14[0], base + GR14);
  copyDoubleword(words, block - sieFields.gg15[0], base + GR15);
  copyDoubleword(words, block - sieFields.ckc[0], base + slots.clockComparator.offset);
  copyDoubleword(words, block - sieFields.gbea[0], base + slots.bea.offset);
  copyDoubleword(words, top - 8 - at - sieFields.cputm[0], base + slots.cpuTimer.offset);
  words[(base + slots.cpuTimerBase.offset) >>> 2] = guest.instructions.low;
  words[((base + slots.cpuTimerBase.offset) >>> 2) + 1] = guest.instructions.high;
  // The only one that is not aligned.
  const pp = top - 8 - at - sieFields.pp[0];
  storage.bytes.copyWithin(base + slots.programParameter.offset, pp, pp + 8);
  guest.setNum(slots.todProgrammable, storage.word(at + sieFields.todpr[0]));
  const psw = at + sieFields.gpsw[0];
  const high = storage.word(psw);
  const low = storage.word(psw + 4);
  const addressHigh = storage.word(psw + 8);
  const addressLow = storage.word(psw + 12);
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
  // Most guests come back with the control registers that they had.
  if (guest.controlsWritten) {
    for (let n = 0; n < 16; n++) {
      copyDoubleword(words, base + files.cr.offset + n * 8, top - 8 - at - sieFields.gcr[0] - n * 8);
    }
  }
  const block = top - 8 - at;
  copyDoubleword(words, base + GR14, block - sieFields.gg14[0]);
  copyDoubleword(words, base + GR15, block - sieFields.gg15[0]);
  copyDoubleword(words, base + slots.clockComparator.offset, block - sieFields.ckc[0]);
  copyDoubleword(words, base + slots.bea.offset, block - sieFields.gbea[0]);
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
  storage.setWord(psw, guest.pswFirst);
  storage.setWord(psw + 4, guest.pswSecond);
  storage.setWord(psw + 8, guest.nextHigh);
  storage.setWord(psw + 12, guest.nextLow);
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
