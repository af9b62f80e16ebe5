/** Power ISA, Book II: "Cache Management" and "Synchronization". */

import { trapCode } from '../../cpu/interruptions.ts';
import { field, form, forms } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';

/** Bytes of a cache block. */
const BLOCK = 128;

const clearBlock = helper(
  'clear block',
  { params: ['i64'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, core, ea) => core.access.write(vcpu, BigInt.asUintN(64, ea), new Uint8Array(BLOCK)),
);

/** Does nothing here: there is no cache, and the order of accesses is the program's. */
const nothing = (mnemonic: string, opcode: ReturnType<typeof op.x>, title: string): Row[] =>
  insn(mnemonic, { op: opcode, form: forms.none, title }, () => undefined);

/** Is checked as a load of the block, and does nothing else. */
const touched = (mnemonic: string, extended: number, title: string): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.address, title }, ($, f) => {
    $.fetch(8, $.ea($.gpr(f.ra), $.gpr(f.rb)));
  });

const privileged = form({ ra: field.gr0(11), rb: field.gr(16) });

/** The instructions. */
export const storageControl: readonly Row[] = [
  ...touched('icbi', 982, 'Instruction Cache Block Invalidate'),
  ...nothing('dcbt', op.x(31, 278), 'Data Cache Block Touch'),
  ...nothing('dcbtst', op.x(31, 246), 'Data Cache Block Touch for Store'),
  ...insn('dcbz', { op: op.x(31, 1014), form: forms.address, title: 'Data Cache Block set to Zero' }, ($, f) => {
    const ea = $.and($.ea($.gpr(f.ra), $.gpr(f.rb)), -BLOCK);
    const pointer = $.probe('store', { at: ea, space: 'data' }, $.i32(BLOCK));
    $.when(
      $.isZero(pointer),
      () => $.callVoid(clearBlock, ea),
      () => $.hostFill(pointer, $.i32(0), $.i32(BLOCK)),
    );
  }),
  ...touched('dcbst', 54, 'Data Cache Block Store'),
  ...touched('dcbf', 86, 'Data Cache Block Flush'),
  ...nothing('isync', op.x(19, 150), 'Instruction Synchronize'),
  ...nothing('sync', op.x(31, 598), 'Synchronize'),
  ...nothing('eieio', op.x(31, 854), 'Enforce In-order Execution of I/O'),
  ...nothing('wait', op.x(31, 62), 'Wait'),
  ...nothing('dst', op.x(31, 342), 'Data Stream Touch'),
  ...nothing('dstst', op.x(31, 374), 'Data Stream Touch for Store'),
  ...nothing('dss', op.x(31, 822), 'Data Stream Stop'),
  // Storage by real address with caching inhibited is the hypervisor's.
  ...(
    [
      ['lbzcix', 853],
      ['lhzcix', 821],
      ['lwzcix', 789],
      ['ldcix', 885],
      ['stbcix', 981],
      ['sthcix', 949],
      ['stwcix', 917],
      ['stdcix', 1013],
    ] as const
  ).flatMap(([mnemonic, extended]) =>
    insn(
      mnemonic,
      { op: op.x(31, extended), form: privileged, title: 'Caching Inhibited', ignores: ['ra', 'rb'] },
      ($) => $.trap(trapCode.privileged),
    ),
  ),
];
