/**
 * Runs a test image on the emulated CPU: the least that makes a machine of it. Interruptions go to the prefix area as the
 * machine would have them, and everything else that leaves the CPU is an error.
 */

import { CpuComplex } from '../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../src/arch/s390x/cpu/core.ts';
import { facilityBits } from '../../../src/arch/s390x/cpu/facilities.ts';
import { deliverProgram, deliverSvc } from '../../../src/arch/s390x/cpu/interruption.ts';
import { PSW } from '../../../src/arch/s390x/cpu/psw.ts';
import { makeTraceEntry, tracesInstructions } from '../../../src/arch/s390x/cpu/trace-table.ts';
import type { UnwindCause } from '../../../src/arch/s390x/cpu/unwind-cause.ts';
import type { Vcpu } from '../../../src/arch/s390x/cpu/vcpu.ts';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { traceOfNext } from '../../../src/arch/s390x/sie/tracing.ts';
import { buildTestEngine } from '../../support/engine.ts';
import { everyFacility } from '../../support/s390x/facilities.ts';
import type { OracleImage } from './image.ts';
import { ofTheZ17 } from './known-differences.ts';
import { real, storageFor } from './layout.ts';
import { readResults } from './result.ts';

const MASK_64 = 0x0000_0001_8000_0000n;
const SLICE = 1_000_000n;

/** All that there is but what a z17 brought: no other machine has that, and of quadwords it would have other opinions. */
const newer: ReadonlySet<number> = new Set([...ofTheZ17].map((name) => facilityBits[name]));
const comparable: ReadonlySet<number> = new Set([...everyFacility].filter((bit) => !newer.has(bit)));

/** What the image leaves from `address` on. Throws when it did not come to its end. */
export function runHere(image: OracleImage, address: number, bytes: number): Uint8Array {
  const complex = new CpuComplex({ vcpus: 1, storage: storageFor(image.cases.length), decodePages: 64 });
  const core = new S390xCore(complex, instructionTable, { facilities: comparable });
  const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);
  const [vcpu] = complex.vcpus;
  if (vcpu === undefined) throw new Error('no vCPU');
  complex.storage.write(0, image.bytes);
  vcpu.setPsw({ mask: MASK_64, address: BigInt(real.runner) });
  while ((vcpu.pswMask & PSW.wait) === 0n) {
    const traced = tracesInstructions(vcpu) ? traceOfNext(core, vcpu) : undefined;
    if (traced?.kind === 'refused') {
      deliverProgram(complex, vcpu, traced.interruption);
      continue;
    }
    const before = vcpu.icount;
    vcpu.runUntil(before + (tracesInstructions(vcpu) ? 1n : SLICE));
    try {
      interpreter.run(vcpu.base);
    } catch (error) {
      throw new Error(describe(complex, vcpu, image), { cause: error });
    }
    const cause = vcpu.takeCause();
    if (cause === undefined && vcpu.icount !== before) makeTraceEntry(vcpu, traced?.entry);
    if (cause !== undefined) interrupt(complex, vcpu, cause, () => describe(complex, vcpu, image));
  }
  if (vcpu.psw.address !== 0n) throw new Error(`the runner stopped; ${describe(complex, vcpu, image)}`);
  return complex.storage.read(address, bytes);
}

function interrupt(complex: CpuComplex, vcpu: Vcpu, cause: UnwindCause, where: () => string): void {
  if (cause.kind === 'program') deliverProgram(complex, vcpu, cause.interruption);
  else if (cause.kind === 'svc') deliverSvc(complex, vcpu, cause.number, cause.ilc);
  else throw new Error(`left by ${JSON.stringify(cause)}; ${where()}`);
}

function describe(complex: CpuComplex, vcpu: Vcpu, image: OracleImage): string {
  const done = readResults(complex.storage.read(image.results, image.resultBytes), image.cases.length);
  const at = image.cases[done.findIndex((r) => r.pswMask === 0n && r.address === 0n)];
  const psw = `${vcpu.pswMask.toString(16)} ${vcpu.psw.address.toString(16)}`;
  return `case ${at?.mnemonic}:${at?.number} (${at?.text}), PSW ${psw}, instruction at ${vcpu.ia.toString(16)}`;
}
