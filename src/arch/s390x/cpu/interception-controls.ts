import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** The interception controls of the state description in force, as numbers. Zero when nothing is intercepted. */
export interface InterceptionControls {
  ictl: number;
  lctl: number;
  eca: number;
  ecb: number;
  ecb2: number;
  /** Byte 0 of the SVC interception control, and the three numbers. */
  svcc: number;
  cpuflags: number;
}

// Generated code looks at the first two: they live in the state.
/** The controls of a vCPU, none in force yet. */
export function controlsOf(vcpu: Vcpu): InterceptionControls {
  return {
    get ictl() {
      return vcpu.num(slots.ictl);
    },
    set ictl(value: number) {
      vcpu.setNum(slots.ictl, value);
    },
    get lctl() {
      return vcpu.num(slots.lctl);
    },
    set lctl(value: number) {
      vcpu.setNum(slots.lctl, value);
    },
    eca: 0,
    ecb: 0,
    ecb2: 0,
    svcc: 0,
    cpuflags: 0,
  };
}
