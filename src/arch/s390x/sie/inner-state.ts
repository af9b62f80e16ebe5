/**
 * A guest's state between its state description in storage and the vCPU that it is executed on. Both lie in the machine's memory, and
 * what moves is the same each time: WebAssembly moves it in a tenth of the time that a loop here takes.
 */

import { engineState } from '../../../machine/layout.ts';
import type { FunctionBuilder } from '../../../wasm/function-builder.ts';
import { ModuleBuilder } from '../../../wasm/module-builder.ts';
import { INSTRUCTIONS_PER_MICROSECOND, TOD_PER_MICROSECOND } from '../cpu/clock.ts';
import { files, lastEntry, slots } from '../cpu/state-layout.ts';
import { STATE_DESCRIPTION_BYTES, sieFields } from './state-description.ts';

/** Addresses of states of vCPUs, and of the state description: of its last byte, since storage is mirrored. */
export interface InnerState {
  /** What host and guest have in common goes from one vCPU to the other: registers that are in no state description, and the count. */
  share(from: number, to: number): void;
  /** The count of instructions alone. */
  shareCount(from: number, to: number): void;
  /** True when a control of the block, or what of its host has a say in how it is interpreted, is not as it was when asked last. */
  differs(host: number, guest: number, block: number): number;
  /** The guest gets its clock: the host's, and the difference that the block says. */
  setClock(host: number, guest: number, block: number): void;
  /**
   * Brings the guest's state from the block, but for its PSW. A bit for each control register that was another one, bit 15-n for n, and
   * `OTHER_PSW`.
   */
  load(guest: number, block: number): number;
  /** Brings it back, the PSW included, which is a valid one. Whoever calls tells that the block was stored into. */
  store(guest: number, block: number): void;
}

/** The guest's PSW is another one than the block's. */
export const OTHER_PSW = 0x1_0000;

const BASE = 0;
const [FIRST, SECOND, BLOCK] = [0, 1, 2];

/** Ranges of registers that host and guest share: offset and bytes. */
const shared: readonly (readonly [offset: number, bytes: number])[] = [
  [files.gr.offset, 14 * 8],
  [files.ar.offset, 16 * 4],
  [files.vr.offset, 32 * 16],
  [slots.gsd.offset, 3 * 8],
  [slots.fpc.offset, 4],
];
/** What the guest executes counts for its host. */
const count: typeof shared = [
  [engineState.end.offset, 8],
  [engineState.remaining.offset, 4],
];

/** Doublewords that the block holds as they are. */
const doublewords: readonly (readonly [state: number, field: number])[] = [
  [files.gr.offset + 14 * 8, sieFields.gg14[0]],
  [files.gr.offset + 15 * 8, sieFields.gg15[0]],
  [slots.clockComparator.offset, sieFields.ckc[0]],
  [slots.bea.offset, sieFields.gbea[0]],
  [slots.programParameter.offset, sieFields.pp[0]],
];

/** Fields, and parts of the host's state, that decide how a block is interpreted. */
const controls = [
  ...(['cpuflags', 'prefix', 'svcc', 'ictl', 'eca', 'scaoh', 'scaol', 'crycbd', 'fac', 'ecd'] as const),
  ...(['mso', 'msl', 'itdba', 'riccbd', 'gvrd', 'sdnxo'] as const),
].map((name) => sieFields[name]);
/** Words that hold smaller fields: LCTL and the CPU address; FPF, ECB, ECB2 and ECB3; SDF and what stands beside it. */
const controlWords = [sieFields.lctl[0], sieFields.fpf[0], sieFields.sdf[0]].map((offset) => [offset, 4] as const);
const ofHost: readonly (readonly [offset: number, bytes: 4 | 8])[] = [
  [files.cr.offset + 8, 8],
  [files.cr.offset, 4],
  [slots.prefix.offset, 4],
];

/** Where a field is from the block's last byte on. */
const placeOf = (offset: number, bytes: number): number => STATE_DESCRIPTION_BYTES - bytes - offset;

/** Compiles the moves for a memory. */
export function compileInnerState(memory: WebAssembly.Memory): InnerState {
  const m = new ModuleBuilder('interpretation');
  const pages = memory.buffer.byteLength / 65536;
  m.importMemory('machine', 'memory', { min: pages, max: pages });
  const add = (name: keyof InnerState, params: number, hasResult: boolean, body: (f: FunctionBuilder) => void): void =>
    m.exportFunction(name, m.func(name, new Array<'i32'>(params).fill('i32'), hasResult ? ['i32'] : [], body));
  add('share', 2, false, (f) => emitCopies(f, [...shared, ...count]));
  add('shareCount', 2, false, (f) => emitCopies(f, count));
  add('differs', 3, true, emitDiffers);
  add('setClock', 3, false, emitClock);
  add('load', 2, true, emitLoad);
  add('store', 2, false, emitStore);
  const module = new WebAssembly.Module(m.finish());
  return new WebAssembly.Instance<{ [K in keyof InnerState]: InnerState[K] }>(module, { machine: { memory } }).exports;
}

function copy(f: FunctionBuilder, bytes: 4 | 8, from: number, fromOffset: number, to: number, toOffset: number): void {
  f.get(to);
  f.get(from);
  f.access(bytes === 8 ? 'i64.load' : 'i32.load', fromOffset, 0);
  f.access(bytes === 8 ? 'i64.store' : 'i32.store', toOffset, 0);
}

function emitCopies(f: FunctionBuilder, ranges: typeof shared): void {
  for (const [offset, bytes] of ranges) {
    let at = offset;
    for (; at + 16 <= offset + bytes; at += 16) {
      f.get(SECOND);
      f.get(FIRST);
      f.access('v128.load', at, 0);
      f.access('v128.store', at, 0);
    }
    for (; at + 8 <= offset + bytes; at += 8) copy(f, 8, FIRST, at, SECOND, at);
    for (; at + 4 <= offset + bytes; at += 4) copy(f, 4, FIRST, at, SECOND, at);
  }
}

// Compares with what was there the last time, and keeps it for the next.
function emitDiffers(f: FunctionBuilder): void {
  const [different, now] = [f.local('i64'), f.local('i64')];
  let kept = lastEntry.offset;
  const compare = (base: number, offset: number, bytes: number): void => {
    f.get(base);
    f.access(bytes === 8 ? 'i64.load' : 'i64.load32_u', offset, 0);
    f.tee(now);
    f.get(SECOND);
    f.access('i64.load', kept, 0);
    f.op('i64.xor');
    f.get(different);
    f.op('i64.or');
    f.set(different);
    f.get(SECOND);
    f.get(now);
    f.access('i64.store', kept, 0);
    kept += 8;
  };
  for (const [offset, bytes] of [...controls, ...controlWords]) compare(BLOCK, placeOf(offset, bytes), bytes);
  for (const [offset, bytes] of ofHost) compare(FIRST, offset, bytes);
  if (kept > lastEntry.offset + lastEntry.bytes)
    throw new Error('the state has no room for all that an entry looks at');
  f.get(different);
  f.i64const(0);
  f.op('i64.ne');
}

// Epoch index and epoch are 72 bits, whose carry goes on into the index.
function emitClock(f: FunctionBuilder): void {
  const [own, epoch] = [f.local('i64'), f.local('i64')];
  copy(f, 8, FIRST, slots.timeSkew.offset, SECOND, slots.timeSkew.offset);
  f.get(SECOND);
  f.get(FIRST);
  f.access('i64.load', slots.epoch.offset, 0);
  f.tee(own);
  f.get(BLOCK);
  f.access('i64.load', placeOf(sieFields.epoch[0], 8), 0);
  f.op('i64.add');
  f.tee(epoch);
  f.access('i64.store', slots.epoch.offset, 0);
  f.get(SECOND);
  f.get(FIRST);
  f.access('i32.load', slots.epochIndex.offset, 0);
  f.get(BLOCK);
  f.access('i32.load8_u', placeOf(sieFields.epdx[0], 1), 0);
  f.op('i32.add');
  f.get(epoch);
  f.get(own);
  f.op('i64.lt_u');
  f.op('i32.add');
  f.i32const(0xff);
  f.op('i32.and');
  f.access('i32.store', slots.epochIndex.offset, 0);
}

/** Pushes the vCPU's count of instructions. */
function pushCount(f: FunctionBuilder): void {
  f.get(BASE);
  f.access('i64.load', engineState.end.offset, 0);
  f.get(BASE);
  f.access('i64.load32_u', engineState.remaining.offset, 0);
  f.op('i64.sub');
}

function emitLoad(f: FunctionBuilder): void {
  const block = SECOND;
  const [changed, value] = [f.local('i32'), f.local('i64')];
  for (let n = 0; n < 16; n++) {
    const at = files.cr.offset + n * 8;
    f.get(block);
    f.access('i64.load', placeOf(sieFields.gcr[0] + n * 8, 8), 0);
    f.tee(value);
    f.get(BASE);
    f.access('i64.load', at, 0);
    f.op('i64.ne');
    f.get(changed);
    f.i32const(1);
    f.op('i32.shl');
    f.op('i32.or');
    f.set(changed);
    f.get(BASE);
    f.get(value);
    f.access('i64.store', at, 0);
  }
  for (const [state, field] of doublewords) copy(f, 8, block, placeOf(field, 8), BASE, state);
  copy(f, 4, block, placeOf(sieFields.todpr[0], 4), BASE, slots.todProgrammable.offset);
  copy(f, 8, block, placeOf(sieFields.cputm[0], 8), BASE, slots.cpuTimer.offset);
  f.get(BASE);
  pushCount(f);
  f.access('i64.store', slots.cpuTimerBase.offset, 0);
  pushPswMask(f);
  f.get(block);
  f.access('i64.load', placeOf(sieFields.gpsw[0], 8), 0);
  f.op('i64.ne');
  pushPswAddress(f);
  f.get(block);
  f.access('i64.load', placeOf(sieFields.gpswAddress[0], 8), 0);
  f.op('i64.ne');
  f.op('i32.or');
  f.i32const(16);
  f.op('i32.shl');
  f.get(changed);
  f.op('i32.or');
}

function emitStore(f: FunctionBuilder): void {
  const block = SECOND;
  for (let n = 0; n < 16; n++) copy(f, 8, BASE, files.cr.offset + n * 8, block, placeOf(sieFields.gcr[0] + n * 8, 8));
  for (const [state, field] of doublewords) copy(f, 8, BASE, state, block, placeOf(field, 8));
  copy(f, 4, BASE, slots.todProgrammable.offset, block, placeOf(sieFields.todpr[0], 4));
  f.get(block);
  pushCpuTimer(f);
  f.access('i64.store', placeOf(sieFields.cputm[0], 8), 0);
  f.get(block);
  pushPswMask(f);
  f.access('i64.store', placeOf(sieFields.gpsw[0], 8), 0);
  f.get(block);
  pushPswAddress(f);
  f.access('i64.store', placeOf(sieFields.gpswAddress[0], 8), 0);
}

// As `Clock.cpuTimer`: what the instructions since it was set have taken, rounded down.
function pushCpuTimer(f: FunctionBuilder): void {
  f.get(BASE);
  f.access('i64.load', slots.cpuTimer.offset, 0);
  pushCount(f);
  f.get(BASE);
  f.access('i64.load', slots.cpuTimerBase.offset, 0);
  f.op('i64.sub');
  f.i64const(TOD_PER_MICROSECOND);
  f.op('i64.mul');
  f.i64const(INSTRUCTIONS_PER_MICROSECOND);
  f.op('i64.div_u');
  f.op('i64.sub');
}

// As `Vcpu.pswMask`.
function pushPswMask(f: FunctionBuilder): void {
  const part = (offset: number, shift: number): void => {
    f.get(BASE);
    f.access('i32.load', offset, 0);
    if (shift === 0) return;
    f.i32const(Math.abs(shift));
    f.op(shift > 0 ? 'i32.shl' : 'i32.shr_u');
  };
  part(slots.pswHigh.offset, 0);
  part(slots.cc.offset, 12);
  f.op('i32.or');
  part(slots.programMask.offset, 8);
  f.op('i32.or');
  part(slots.addressingMode.offset, -1);
  f.op('i32.or');
  f.op('i64.extend_i32_u');
  f.i64const(32);
  f.op('i64.shl');
  part(slots.addressingMode.offset, 31);
  f.op('i64.extend_i32_u');
  f.op('i64.or');
}

function pushPswAddress(f: FunctionBuilder): void {
  f.get(BASE);
  f.access('i64.load', engineState.pc.offset, 0);
  f.get(BASE);
  f.access('i64.load', engineState.amask.offset, 0);
  f.op('i64.and');
}
