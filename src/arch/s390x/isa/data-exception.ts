import { CR0 } from '../cpu/control-register-bits.ts';
import { VECTORS } from '../cpu/interception-controls.ts';
import { DXC, PGM } from '../cpu/interruption-codes.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { helper } from './helper.ts';

/**
 * Ends the instruction with a data exception and its code, which the floating-point-control register takes too when the
 * AFP-register control is one (PoP, "Data-Exception Code (DXC)"). The PSW is past the instruction; what it has changed
 * stays, and whether that may be anything is the caller's question.
 */
export function raiseData(vcpu: Vcpu, dxc: number): never {
  if ((vcpu.crLow(0) & CR0.afpRegisters) !== 0) vcpu.fpc = (vcpu.fpc & ~0xff00) | (dxc << 8);
  return vcpu.raise(PGM.data, { dxc });
}

/** `raiseData`, from IR. Without the control for vectors there are no such instructions. */
export const dataException = helper(
  'dataException',
  { params: ['i32'], result: undefined, effects: { faults: true } },
  (vcpu, dxc) => {
    if (dxc === DXC.vectorInstruction && (vcpu.controls.eca & VECTORS) === 0) vcpu.raise(PGM.operation);
    return raiseData(vcpu, dxc);
  },
);
