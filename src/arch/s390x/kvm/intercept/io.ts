import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import type { AccessPath } from '../../cpu/access.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { lowcore } from '../../cpu/lowcore.ts';
import { conditionCode, type Outcome, program } from '../outcome.ts';
import type { IoInstruction } from '../user-space.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { interceptedOperands } from './operands.ts';

const TEST_PENDING_INTERRUPTION = 0xb236;
const CHANNEL_SUBSYSTEM_CALL = 0xb25f;

const opcodes: ReadonlySet<number> = new Set([
  0xb230, 0xb231, 0xb232, 0xb233, 0xb234, 0xb235, 0xb236, 0xb237, 0xb238, 0xb239, 0xb23a, 0xb23b, 0xb23c, 0xb25f,
  0xb274, 0xb276,
]);

/** True for the first halfword of an I/O instruction. */
export function isIoOpcode(ipa: number): boolean {
  return opcodes.has(ipa);
}

/** I/O instructions: user space has the channel subsystem, the hypervisor has the interruptions. */
export function handleIo(v: KvmVcpu): Outcome {
  const { vcpu } = v;
  if (vcpu.problemState) return program(PGM.privilegedOperation);
  const opcode = v.block.get('ipa');
  if (opcode === TEST_PENDING_INTERRUPTION) return testPendingInterruption(v);
  return v.vm.userSpace.io(instructionOf(v, opcode));
}

function instructionOf(v: KvmVcpu, opcode: number): IoInstruction {
  const { vcpu } = v;
  const { access } = v.vm.core;
  const operands = interceptedOperands(v);
  const call = opcode === CHANNEL_SUBSYSTEM_CALL;
  const address = call ? vcpu.gr(operands.rre1) & vcpu.amask : operands.address;
  const path: AccessPath = { space: 'current', ar: call ? operands.rre1 : operands.base };
  return {
    opcode,
    gr1: vcpu.gr(1),
    gr2: vcpu.gr(2),
    address,
    cc: vcpu.cc,
    fetch: (length) => access.read(vcpu, address, length, path),
    store: (data, offset = 0) => access.write(vcpu, address + BigInt(offset), data, path),
    checkStore: (length) => access.check(vcpu, address, length, 'store', path),
  };
}

/** What tells of an I/O interruption: the interruption code, and behind it the word. */
const ioCode = {
  subchannelId: [0, 2],
  subchannelNumber: [2, 2],
  parameter: [4, 4],
  word: [8, 4],
} as const satisfies RecordLayout;

/**
 * TEST PENDING INTERRUPTION: takes the most urgent I/O interruption that CR6 enables, the PSW aside, and stores its code
 * at the operand, or with the interruption word at the assigned locations when the operand's address is zero.
 */
function testPendingInterruption(v: KvmVcpu): Outcome {
  const { vcpu, vm } = v;
  const { address, base } = interceptedOperands(v);
  if ((address & 3n) !== 0n) return program(PGM.specification);
  const cr6 = vcpu.crLow(6);
  const io = vm.floating.nextIo(cr6, false);
  if (io === undefined) {
    return conditionCode(0);
  }
  const code = new Uint8Array(12);
  const fields = new BigEndianRecord(ioCode, code);
  fields.set('subchannelId', io.subchannelId);
  fields.set('subchannelNumber', io.subchannelNumber);
  fields.set('parameter', io.parameter);
  fields.set('word', io.word);
  if (address === 0n) vm.writeAbsolute(vcpu.prefix + lowcore.subchannelId[0], code);
  else vm.core.access.write(vcpu, address, code.subarray(0, 8), { space: 'current', ar: base });
  vm.floating.nextIo(cr6, true);
  return conditionCode(1);
}
