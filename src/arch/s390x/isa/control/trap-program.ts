/** PoP, "Control Instructions": TRAP, which goes to a program that the dispatchable unit's control table names. */

import { toBigEndian } from '../../../../bits/hex.ts';
import type { AccessPath } from '../../cpu/access-path.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { PSW } from '../../cpu/psw.ts';
import { slots, ZERO_REGISTER } from '../../cpu/state-layout.ts';
import { branchTrace, makeTraceEntry, traces } from '../../cpu/trace-table.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { ducts } from '../../dat/asn.ts';
import { RealTables } from '../../dat/real-tables.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { ofOtherSpaces, requireSpace } from './spaces.ts';

/** Trap control block and save area lie in the home space. */
const path: AccessPath = { space: 'home', ar: ZERO_REGISTER };
/** Word of the DUCT that enables traps and has the control block's address. */
const CONTROL = 44;
const ENABLED = 1;
const ADDRESS = 0x7fff_ffff;
/** Bits of the control block's first word: the PSW in 16 bytes, general registers of 64 bits. */
const block = { wholePsw: 0x4_0000, wholeRegisters: 0x2_0000, saveArea: 12, program: 20 } as const;
/** Bits of the save area's first word. */
const saved = { executed: 0x8000_0000, withOperand: 0x4000_0000 } as const;

// By 31-bit addresses, whatever the mode.
function place(vcpu: Vcpu, address: number, kind: 'fetch' | 'store'): number {
  return vcpu.core.access.require(vcpu, 0, address & ADDRESS, kind, path);
}

function fetchWord(vcpu: Vcpu, address: number): number {
  return vcpu.core.complex.storage.word(place(vcpu, address, 'fetch'));
}

// In doublewords, each of which is within a page; nothing is stored unless all can be.
function storeArea(vcpu: Vcpu, area: number, bytes: Uint8Array): () => void {
  const places = Array.from({ length: bytes.length / 8 }, (_, i) => place(vcpu, area + 8 * i, 'store'));
  const { access, complex } = vcpu.core;
  return () => {
    for (const [i, at] of places.entries()) {
      complex.storage.write(at, bytes.subarray(8 * i, 8 * i + 8));
      access.recorder?.accessed(vcpu, 0, (area + 8 * i) & ADDRESS, 8, 'store', path);
      complex.stored(at, 8);
    }
  };
}

// Bit 12 tells the short form apart.
function pswBytes(vcpu: Vcpu, whole: boolean, next: bigint): Uint8Array {
  const mask = vcpu.pswMask;
  if (whole) return Uint8Array.from([...toBigEndian(mask, 8), ...toBigEndian(next, 8)]);
  const word = ((mask >> 32n) << 32n) | PSW.short | (mask & PSW.ba) | (next & 0x7fff_ffffn);
  return Uint8Array.from([...toBigEndian(word, 8), ...new Uint8Array(8)]);
}

/** What the trap's program finds in the save area. */
function saveArea(vcpu: Vcpu, controls: number, withOperand: boolean, operand: bigint, next: bigint): Uint8Array {
  const executed = vcpu.isExecuting();
  const flags = (vcpu.ilc << 16) | (executed ? saved.executed : 0) | (withOperand ? saved.withOperand : 0);
  const word = (value: number): Uint8Array => toBigEndian(BigInt(value >>> 0), 4);
  const whole = (controls & block.wholeRegisters) !== 0;
  const registers = Array.from({ length: 16 }, (_, r) => (whole ? toBigEndian(vcpu.gr(r), 8) : word(vcpu.grLow(r))));
  const heads = [word(flags), word(0), word(Number(operand & 0x7fff_ffffn)), word(vcpu.ar(15))];
  const psw = pswBytes(vcpu, (controls & block.wholePsw) !== 0, next);
  return Uint8Array.from([...heads, psw, ...registers].flatMap((bytes) => [...bytes]));
}

const trap = helper(
  'trapProgram',
  {
    params: ['i32', 'i64', 'i64'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true, ends: true },
  },
  (vcpu, withOperand, operand, following) => {
    requireSpace(vcpu, ...ofOtherSpaces);
    const tables = new RealTables(vcpu.place, vcpu.prefix);
    const control = tables.word(ducts.origin(vcpu) + CONTROL) ?? vcpu.raise(PGM.addressing);
    if ((control & ENABLED) === 0) vcpu.raise(PGM.specialOperation);
    const at = control & 0x7fff_fff8;
    const controls = fetchWord(vcpu, at);
    const area = fetchWord(vcpu, at + block.saveArea) & 0x7fff_fff8;
    const program = BigInt(fetchWord(vcpu, at + block.program) & ADDRESS);
    const next = BigInt.asUintN(64, following) & vcpu.amask;
    const bytes = saveArea(vcpu, controls, withOperand !== 0, operand, next);
    const store = storeArea(vcpu, area, bytes);
    const wide = vcpu.num(slots.addressingMode) === 3;
    if (wide && (controls & block.wholePsw) === 0) vcpu.raise(PGM.specialOperation);
    const trace = traces.branches(vcpu) ? branchTrace(vcpu, 1, program) : undefined;
    store();
    makeTraceEntry(vcpu, trace);
    if (wide) vcpu.setGr(15, BigInt(at));
    else vcpu.setGrLow(15, at);
    vcpu.setBig(slots.bea, vcpu.ia);
    vcpu.setPsw({ mask: (vcpu.pswMask & ~(PSW.ea | PSW.addressSpace)) | PSW.ba, address: program });
  },
);

/** TRAP, without and with an operand address. */
export const trapRows: readonly Row[] = [
  insn('TRAP2', { op: 0x01ff, fmt: 'E', title: 'TRAP', facility: 'zarch' }, ($) => $.callVoid(trap, 0, 0n, $.next())),
  insn('TRAP4', { op: 0xb2ff, fmt: 'S', title: 'TRAP', facility: 'zarch' }, ($, f) =>
    $.callVoid(trap, 1, $.address2(f).at, $.next()),
  ),
];
