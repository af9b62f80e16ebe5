/** DIAGNOSE 258: a guest offers to do something else while its hypervisor brings a page. Here no page has to be waited for. */

import { BigEndianRecord, type RecordLayout } from '../../../bits/record.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import { gpa } from '../dat/address.ts';
import { type Outcome, program, resume } from './outcome.ts';
import type { KvmVcpu } from './vcpu.ts';

/** What a guest has said it wants to be told with: a token, and the bits of its PSW under which it may be. */
export interface PfaultState {
  readonly token: bigint | undefined;
  readonly select: bigint;
  readonly compare: bigint;
}

const CODE = 0x258;
const VERSION = 2;
const parameters = {
  code: [0, 2],
  subcode: [2, 2],
  length: [4, 2],
  version: [6, 2],
  token: [8, 8],
  select: [16, 8],
  compare: [24, 8],
  mode: [32, 8],
} as const satisfies RecordLayout;
/** Bytes of the parameter block, and doublewords that it must say it has. */
const BLOCK_BYTES = 40;
const LEAST_DOUBLEWORDS = 5;
const subcode = { token: 0, cancel: 1 } as const;
const Z_ARCHITECTURE = 0x8000_0000_0000_0000n;
/** Answers besides 0. */
const answer = { wasInactive: 4n, isActive: 8n } as const;

const refused: Outcome = program(PGM.specification);
const inactive: PfaultState = { token: undefined, select: 0n, compare: 0n };

/** The handshake of one vCPU, which its resets end. */
export class Pfault implements Stateful<PfaultState> {
  #state: PfaultState = inactive;

  /** Real address of the parameters in R1; the answer goes to R3. */
  diagnose({ vcpu, vm }: KvmVcpu, r1: number, r3: number): Outcome {
    const at = vcpu.gr(r1);
    if ((at & 7n) !== 0n) return refused;
    const path = { space: 'real', ar: 0, key: 0 } as const;
    const block = new BigEndianRecord(parameters, vm.core.access.read(vcpu, at, BLOCK_BYTES, path));
    const isKnown = block.get('code') === CODE && block.get('version') === VERSION;
    if (!isKnown || block.get('length') < LEAST_DOUBLEWORDS) return refused;
    const [token, select, compare, mode] = [
      block.big('token'),
      block.big('select'),
      block.big('compare'),
      block.big('mode'),
    ];
    switch (block.get('subcode')) {
      case subcode.token:
        if (this.#state.token !== undefined) {
          vcpu.setGr(r3, answer.isActive);
          return resume;
        }
        if ((compare & ~select) !== 0n || (token & 7n) !== 0n || mode !== Z_ARCHITECTURE) return refused;
        if (!vm.gmap.covers(gpa(Number(token)), 8)) return program(PGM.addressing);
        this.#state = { token, select, compare };
        vcpu.setGr(r3, 0n);
        return resume;
      case subcode.cancel:
        if ((token | select | compare | mode) !== 0n) return refused;
        vcpu.setGr(r3, this.#state.token === undefined ? answer.wasInactive : 0n);
        this.reset();
        return resume;
      default:
        return refused;
    }
  }

  reset(): void {
    this.#state = inactive;
  }
  /** @inheritdoc */
  save(): PfaultState {
    return { ...this.#state };
  }
  /** @inheritdoc */
  restore(state: PfaultState): void {
    this.#state = { ...state };
  }
}
