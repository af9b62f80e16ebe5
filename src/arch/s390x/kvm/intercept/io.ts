import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { lowcore } from '../../cpu/lowcore.ts';
import { further } from '../../dat/address.ts';
import { conditionCode, type Outcome, program } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept, type StorageOperand, storageOperand } from './row.ts';

/** I/O instructions: user space has the channel subsystem, the hypervisor has the interruptions. */
function io(v: KvmVcpu, opcode: number, { address, path }: StorageOperand): Outcome {
  const { vcpu } = v;
  const { access, patience } = v.vm.core;
  // A channel program may move megabytes.
  patience.look(vcpu);
  return v.vm.userSpace.io({
    opcode,
    gr1: vcpu.gr(1),
    gr2: vcpu.gr(2),
    address,
    cc: vcpu.cc,
    fetch: (length) => access.read(vcpu, address, length, path),
    store: (data, offset = 0) => access.write(vcpu, address + BigInt(offset), data, path),
    checkStore: (length) => access.check(vcpu, address, length, 'store', path),
  });
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
function testPendingInterruption(v: KvmVcpu, { b2, d2 }: Operands<'S'>): Outcome {
  const { vcpu, vm } = v;
  const { address, path } = storageOperand(v, b2, d2);
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
  if (address === 0n) vm.writeAbsolute(further(vcpu.prefix, lowcore.subchannelId[0]), code);
  else vm.core.access.write(vcpu, address, code.subarray(0, 8), path);
  vm.floating.nextIo(cr6, true);
  return conditionCode(1);
}

/** Instructions for user space whose operand is in storage, with the opcodes by which it knows them. */
const opcodes = {
  CSCH: 0xb230,
  HSCH: 0xb231,
  MSCH: 0xb232,
  SSCH: 0xb233,
  STSCH: 0xb234,
  TSCH: 0xb235,
  SAL: 0xb237,
  RSCH: 0xb238,
  STCRW: 0xb239,
  STCPS: 0xb23a,
  RCHP: 0xb23b,
  SCHM: 0xb23c,
  SIGA: 0xb274,
  XSCH: 0xb276,
} as const;
const CHANNEL_SUBSYSTEM_CALL = 0xb25f;

/** I/O instructions. */
export const ioRows: readonly InterceptRow[] = [
  ...Object.entries(opcodes).map(([mnemonic, opcode]) =>
    onIntercept(mnemonic, 'S', (v, { b2, d2 }) => io(v, opcode, storageOperand(v, b2, d2))),
  ),
  // The operand is where the first register points.
  onIntercept('CHSC', 'RRE', (v, { r1 }) =>
    io(v, CHANNEL_SUBSYSTEM_CALL, {
      address: v.vcpu.gr(r1) & v.vcpu.amask,
      path: { space: 'current', ar: r1 },
    }),
  ),
  onIntercept('TPI', 'S', testPendingInterruption),
];
