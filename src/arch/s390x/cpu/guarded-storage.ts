/** The guarded-storage facility (PoP, "Guarded-Storage Facility"): its registers, and the event. */

import { bigEndian, toBigEndian } from '../../../bits/hex.ts';
import type { AccessPath } from './access-path.ts';
import { PSW_HIGH } from './psw.ts';
import { slots } from './state-layout.ts';
import { abortCode, abortCondition } from './transaction.ts';
import type { Vcpu } from './vcpu.ts';

/** Guarded-storage designation, section mask, address of the event parameter list: in the order of the control block. */
export const guardedStorageRegisters = [slots.gsd, slots.gssm, slots.gsepla] as const;
/** Bytes of a guarded-storage control block; the first 8 are reserved. */
export const CONTROL_BLOCK_BYTES = 32;

/** Bytes of the event parameter list up to its last field, and fields in it. */
const LIST_BYTES = 48;
const LIST = { addressingMode: 1, cause: 2, accessInformation: 3, handler: 8, stored: 0x10 } as const;
const IN_TRANSACTION = 0x80;
const CONSTRAINED = 0x40;
/** The instruction was LLGFSG. */
const SHIFTED = 0x01;
const DAT = 0x40;

/** Where the list lies: in the space that instructions come from. */
const listPath: AccessPath = { space: 'instruction', ar: 0 };

/** The control block as the vCPU has it. */
export function controlBlock(vcpu: Vcpu): Uint8Array {
  const out = new Uint8Array(CONTROL_BLOCK_BYTES);
  guardedStorageRegisters.forEach((slot, i) => {
    out.set(toBigEndian(vcpu.big(slot), 8), 8 * (i + 1));
  });
  return out;
}
/** Sets the registers from a control block. */
export function loadControlBlock(vcpu: Vcpu, block: Uint8Array): void {
  guardedStorageRegisters.forEach((slot, i) => {
    vcpu.setBig(slot, bigEndian(block.subarray(8 * (i + 1), 8 * (i + 2))));
  });
}

/** What a guarded-storage event is told of. */
export interface GuardedLoad {
  /** The doubleword that was loaded, as it would have come into the register. */
  readonly value: bigint;
  /** Address of the operand, and the number of its access register. */
  readonly operand: bigint;
  readonly ar: number;
  readonly shifted: boolean;
}

/**
 * A guarded-storage event of the instruction in execution: stores the event's parameters, and gives the address of the handler.
 * A transaction is aborted before; then the run of generated code ends with the PSW at the handler.
 */
export function guardedStorageEvent(vcpu: Vcpu, load: GuardedLoad): bigint {
  const { access, transactions } = vcpu.core;
  const list = vcpu.big(slots.gsepla);
  access.check(vcpu, list, LIST_BYTES, 'store', listPath);
  const handler = access.fetch64(vcpu, list + BigInt(LIST.handler), listPath) & vcpu.amask;
  const { ia } = vcpu;
  const open = transactions.of(vcpu);
  const causes = open === undefined ? 0 : IN_TRANSACTION | (open.constrained ? CONSTRAINED : 0);
  const information = accessInformation(vcpu, load.ar);
  const mode = vcpu.num(slots.addressingMode);
  let back = (ia + BigInt(vcpu.ilc)) & vcpu.amask;
  if (open !== undefined) {
    transactions.abort(vcpu, abortCode.guardedStorage, abortCondition.transient, ia);
    back = vcpu.psw.address;
  }
  const bytes = Uint8Array.of(mode, causes | (load.shifted ? SHIFTED : 0), information);
  access.write(vcpu, list + BigInt(LIST.addressingMode), bytes, listPath);
  const fields = [ia, load.operand, load.value, back];
  const stored = Uint8Array.from(fields.flatMap((field) => [...toBigEndian(BigInt.asUintN(64, field), 8)]));
  access.write(vcpu, list + BigInt(LIST.stored), stored, listPath);
  if (open !== undefined) vcpu.redirect({ mask: vcpu.pswMask, address: handler });
  return handler;
}

function accessInformation(vcpu: Vcpu, ar: number): number {
  if ((vcpu.pswHigh & PSW_HIGH.dat) === 0) return 0;
  return DAT | (vcpu.addressSpace << 4) | (vcpu.addressSpace === 1 ? ar & 15 : 0);
}
