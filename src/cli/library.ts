/** The package's library: that of `api/`, with the interpreter that came with the build. */

import { Vm as ApiVm, type VmOptions } from '../api/index.ts';
import { buildEngine } from '../engine/engine.ts';
import { keptInterpreter } from './kept-interpreter.ts';

export * from '../api/index.ts';

/** A VM of a KVM-like hypervisor for s390x: storage, vCPUs, and everything that the hypervisor keeps of them. */
export class Vm extends ApiVm {
  constructor(options: VmOptions) {
    const { engine: kind = 'translator' } = options;
    const kept = keptInterpreter('s390x');
    super(options, (arch, memory, filter) => buildEngine(arch, memory, filter, { kind, kept }));
  }
}
