/** What a guest is told of, and what it gets when it asks: the same set, for every kind of request that has codes. */

import { beforeEach, describe, expect, test } from 'vitest';
import { CpuComplex } from '../../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../../src/arch/s390x/cpu/core.ts';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { lowcore } from '../../../../../src/arch/s390x/cpu/lowcore.ts';
import type { S390xGuest } from '../../../../../src/arch/s390x/guest.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import { buildTestEngine } from '../../../../support/engine.ts';
import { guestOn } from '../../../../support/s390x/guest.ts';
import { coded, MASK_64, psw } from '../kvm/harness.ts';
import { at, Bench, opcode } from './css/channel.ts';
import { commands, SclpHarness, sccb } from './sclp/harness.ts';

/** The numbers from 0 up. */
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('SERVICE CALL', () => {
  /** Commands with the bit of "read SCP information" (byte 48 and on) that tells of them; those of every SCLP without. */
  const told: ReadonlyMap<number, number | undefined> = new Map([
    [commands.readScpInformation, undefined],
    [commands.readScpInformationForced, undefined],
    [commands.writeEventData, undefined],
    [commands.readEventData, undefined],
    [commands.writeEventMask, undefined],
    [commands.readCpuInformation, 4],
    [commands.configureCpu, 5],
    [commands.deconfigureCpu, 5],
    [commands.readStorageElement, 17],
  ]);
  const INVALID_COMMAND = 0x01f0;

  test('the commands that are carried out are those that facility bits tell of', () => {
    const sclp = new SclpHarness();
    const { answer } = sclp.call(commands.readScpInformation, sccb(4096));
    const bits = answer.readBigUInt64BE(48);
    const set = numbers(64).filter((bit) => ((bits >> BigInt(63 - bit)) & 1n) === 1n);
    expect(set).toEqual([...new Set([...told.values()].filter((bit) => bit !== undefined))].sort((a, b) => a - b));
    const all = numbers(0x100).flatMap((high) => numbers(16).map((low) => high * 0x1_0000 + low));
    const accepted = all.filter((command) => sclp.response(command, sccb(4096)) !== INVALID_COMMAND);
    expect(accepted).toEqual([...told.keys()].sort((a, b) => a - b));
  });
});

describe('CHANNEL SUBSYSTEM CALL', () => {
  /** Commands with the bit of the command characteristics that tells of them; without one those by which reports are read. */
  const told: ReadonlyMap<number, number | undefined> = new Map([
    [0x0002, 1],
    [0x0004, 3],
    [0x000e, undefined],
    [0x0010, undefined],
    [0x0031, 109],
  ]);
  const NOT_PROVIDED = 4;
  const GENERAL_BYTES = 2040;

  function call(bench: Bench, code: number): Buffer {
    bench.put(at.operand, `0010${code.toString(16).padStart(4, '0')}${'00'.repeat(12)}`);
    expect(bench.io(opcode.chsc)).toEqual({ kind: 'cc', cc: 0 });
    return Buffer.from(bench.bytes.subarray(at.operand + 16, at.operand + 4096));
  }

  test('the commands that are carried out are those that the characteristics tell of', () => {
    const bench = new Bench();
    const characteristics = call(bench, 0x0010).subarray(8 + GENERAL_BYTES);
    const set = numbers(characteristics.length * 8).filter(
      (bit) => ((characteristics[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0,
    );
    expect(set).toEqual([...told.values()].filter((bit) => bit !== undefined));
    const accepted = numbers(0x1_0000).filter((code) => call(bench, code).readUInt16BE(2) !== NOT_PROVIDED);
    expect(accepted).toEqual([...told.keys()]);
  });
});

describe('DIAGNOSE', () => {
  const complex = new CpuComplex({ vcpus: 1, storage: 4 << 20, decodePages: 64 });
  const core = new S390xCore(complex, instructionTable);
  const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);
  const HANDLER = 0x2_3000;
  const PLACE = 0x1_0000;
  let guest: S390xGuest;
  beforeEach(() => {
    complex.storage.fill(0, complex.storage.size, 0);
    complex.frames.decodePages.flush();
    guest = guestOn(core, interpreter);
    guest.storage.write(lowcore.programNewPsw[0], psw(MASK_64, HANDLER));
    // Parameters for page faults.
    guest.storage.write(0x3_8000, Uint8Array.of(0x02, 0x58, 0, 0, 0, 5, 0, 2));
    guest.storage.write(0x3_8020, Uint8Array.of(0x80));
  });

  /** Program-interruption code of DIAGNOSE 2,4 with general registers 1 to 4. */
  function diagnose(code: number, [gr1, gr2, gr3, gr4]: Registers): number {
    const [v] = guest.vm.vcpus;
    if (v === undefined) throw new Error('no vCPU');
    guest.storage.write(PLACE, coded('DIAG', 2, 4, code));
    guest.storage.write(lowcore.programCode[0], new Uint8Array(2));
    v.setPsw({ mask: MASK_64, address: BigInt(PLACE) });
    for (const [i, value] of [gr1, gr2, gr3, gr4].entries()) v.vcpu.setGr(i + 1, value);
    v.start();
    v.sync();
    v.run({ until: v.vcpu.icount + 1n, checked: false });
    const [high, low] = guest.storage.read(lowcore.programCode[0], 2) ?? [];
    return ((high ?? 0) << 8) | (low ?? 0);
  }

  type Registers = readonly [bigint, bigint, bigint, bigint];
  const zeros: Registers = [0n, 0n, 0n, 0n];
  /** Registers with which each code is right. Nothing tells of these: guests under KVM know them, and try. */
  const known: ReadonlyMap<number, Registers> = new Map<number, Registers>([
    [0x010, [0n, 0x3_0000n, 0n, 0x3_0000n]],
    [0x044, zeros],
    [0x09c, zeros],
    [0x258, [0n, 0x3_8000n, 0n, 0n]],
    [0x288, [0n, 0n, 15n, 0n]],
    [0x308, [0n, 0x3_0000n, 0n, 6n]],
    [0x500, [3n, 0n, 0n, 0n]],
  ]);
  /** What is reserved for a debugger's breakpoints, and no DIAGNOSE. */
  const BREAKPOINT = 0x501;

  test.each([...known])('%d is known, with operands that are right', (code, registers) => {
    expect(diagnose(code, registers)).toBe(0);
  });
  test('every other code is a specification exception, whatever the registers', () => {
    const others = numbers(0x1000).filter((code) => !known.has(code) && code !== BREAKPOINT);
    const patterns = [zeros, ...known.values()];
    const accepted = others.filter((code) => {
      const registers = patterns[code % patterns.length] ?? zeros;
      return diagnose(code, registers) !== PGM.specification;
    });
    expect(accepted).toEqual([]);
    // One that some hypervisor has, with every pattern: the control program's name.
    for (const registers of patterns) expect(diagnose(0x318, registers)).toBe(PGM.specification);
  });
});
