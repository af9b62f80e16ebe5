import { ModuleBuilder } from '../../wasm/module-builder.ts';

/** A number whose square has more bits than are kept, and what is lost of it. */
const NUMBER = 1 + 2 ** -30;
const ROUNDED = 1 + 2 ** -29;
const LOST = 2 ** -60;

/**
 * True when the host multiplies and adds long numbers with one rounding: WebAssembly's relaxed operation is there, and the processor has
 * an instruction for it. Else it gives what two operations give, or is not known at all.
 */
export function hostFuses(): boolean {
  const m = new ModuleBuilder();
  const index = m.declare('fused', ['f64', 'f64', 'f64'], ['f64']);
  m.define(index, (f) => {
    for (let parameter = 0; parameter < 3; parameter++) {
      f.get(parameter);
      f.op('f64x2.splat');
    }
    f.fusedLong();
    f.lane('f64x2.extract_lane', 0);
  });
  m.exportFunction('fused', index);
  const bytes = m.finish();
  if (!WebAssembly.validate(bytes)) return false;
  const { fused } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return typeof fused === 'function' && fused(NUMBER, NUMBER, -ROUNDED) === LOST;
}
