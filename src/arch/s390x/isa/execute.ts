import { engineState } from '../../../machine/layout.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import { instructionLength } from './decoder.ts';
import { helper } from './helper.ts';

/**
 * Decodes the target of EXECUTE into the vCPU's own entry and returns it: bits 8-15 are OR'ed with the modifier, the
 * length by which the PSW advances is EXECUTE's, and relative operands count from the target (PoP, "EXECUTE").
 */
export const executeTarget = helper(
  'executeTarget',
  { params: ['i64', 'i32'], result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, address, modifier) => {
    const { core } = vcpu;
    const target = BigInt.asUintN(64, address);
    if ((target & 1n) !== 0n) vcpu.raise(PGM.specification);
    const first = core.fetchInstruction(vcpu, target, 2);
    const text = core.fetchInstruction(vcpu, target, instructionLength(first[0] ?? 0));
    const isExecute = text[0] === 0x44 || (text[0] === 0xc6 && ((text[1] ?? 0) & 15) === 0);
    if (isExecute) vcpu.raise(PGM.execute);
    text[1] = (text[1] ?? 0) | (modifier & 0xff);
    vcpu.executeText = text;
    const entry = vcpu.base + engineState.executeEntry.offset;
    core.enter(vcpu, entry, text, vcpu.ilc, target - vcpu.ia);
    return entry;
  },
);
