import { slots } from './state-layout.ts';

/** Bit of `cpuflags`: program events are recognized and intercepted whatever PSW bit 1 says. */
export const GUEST_PER_ENHANCEMENT = 0x0001;
/** Bit of `eca`: the guest has the vector facility. */
export const VECTORS = 0x0002_0000;

/**
 * The interception controls of the state description in force, as numbers. Zero when nothing is intercepted. Generated code
 * looks at two of them: they live in the vCPU's state.
 */
export class InterceptionControls {
  readonly #view: DataView;
  readonly #base: number;
  /** Vectors are the guest's until something else is said. */
  eca = VECTORS;
  ecb = 0;
  ecb2 = 0;
  ecb3 = 0;
  /** The guest's clock has an epoch index; until something else is said. */
  multipleEpoch = true;
  /** Byte 0 of the SVC interception control, and the three numbers. */
  svcc = 0;
  cpuflags = 0;
  /** Real address in the host's storage of the facility list of a guest's guest; 0 when it has none of its own. */
  facilityList = 0;

  /** Those of the vCPU whose state is at `base`, none in force yet. */
  constructor(view: DataView, base: number) {
    this.#view = view;
    this.#base = base;
  }

  get ictl(): number {
    return this.#view.getUint32(this.#base + slots.ictl.offset, true);
  }
  set ictl(value: number) {
    this.#view.setUint32(this.#base + slots.ictl.offset, value, true);
  }
  get lctl(): number {
    return this.#view.getUint32(this.#base + slots.lctl.offset, true);
  }
  set lctl(value: number) {
    this.#view.setUint32(this.#base + slots.lctl.offset, value, true);
  }
}
