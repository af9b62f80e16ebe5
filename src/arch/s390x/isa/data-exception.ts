import { PGM } from '../cpu/interruption-codes.ts';
import { helper } from './helper.ts';

/** CR0 bit 45, the AFP-register control, in the low word. */
const AFP_REGISTER_CONTROL = 1 << 18;

/**
 * Raises a data exception with a data-exception code, which the floating-point-control register takes too when the
 * AFP-register control is one (PoP, "Data-Exception Code (DXC)"). The PSW is past the instruction; what it has changed
 * stays, and whether that may be anything is the caller's question.
 */
export const dataException = helper(
  'dataException',
  { params: ['i32'], result: undefined, effects: { faults: true } },
  (vcpu, dxc) => {
    if ((vcpu.crLow(0) & AFP_REGISTER_CONTROL) !== 0) vcpu.fpc = ((vcpu.fpc & 0xffff_00ff) | (dxc << 8)) >>> 0;
    vcpu.raise(PGM.data, { dxc });
  },
);
