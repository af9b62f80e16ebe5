import { describe, expect, test } from 'vitest';
import { evaluate, type Machine } from '../../../src/ir/evaluate.ts';
import type { Field } from '../../../src/ir/field.ts';
import type { Helper, RegisterFile, RegisterPart, Slot } from '../../../src/ir/node.ts';
import { Recorder } from '../../../src/ir/recorder.ts';

const file: RegisterFile = { name: 'gr', offset: 0, width: 8 };
const gr: RegisterPart<'i64'> = { file, name: 'gr', offset: 0, ty: 'i64', bytes: 8 };
const byte: RegisterPart<'i32'> = { file, name: 'byte', offset: 0, ty: 'i32', bytes: 1 };
const cc: Slot<'i32'> = { name: 'cc', offset: 0, ty: 'i32' };
const i2: Field = { name: 'i2', kind: 'imm', start: 16, length: 16, signed: true, slot: 8, bytes: 4 };
const twice: Helper<readonly ['i32', 'i64'], 'i64'> = {
  name: 'twice',
  params: ['i32', 'i64'],
  result: 'i64',
  effects: {},
};
const jump: Helper<readonly [], undefined> = { name: 'jump', params: [], result: undefined, effects: { ends: true } };

class Trapped extends Error {}

/** Records what a body did, in order; registers hold their number, storage its address, `i2` is -2. */
function run(record: ($: Recorder) => void): { readonly next: bigint; readonly did: readonly string[] } {
  const $ = new Recorder();
  record($);
  const did: string[] = [];
  const machine: Machine = {
    field: () => -2n,
    readRegister: (_, number) => BigInt(number),
    writeRegister: (part, number, value) => void did.push(`${part.name} ${number} = ${value}`),
    readState: () => 3n,
    writeState: (slot, value) => void did.push(`${slot.name} = ${value}`),
    fetch: (address, width) => BigInt.asUintN(width, address),
    store: (address, width, _, value) => void did.push(`store ${width} ${address} ${value}`),
    call: (helper, args, next) => {
      did.push(`${helper.name}(${args.join()})`);
      return helper === jump ? { result: undefined, next: 0x77n } : { result: BigInt(args[1] ?? 0) * 2n, next };
    },
    trap: (code) => {
      throw new Trapped(String(code));
    },
    dispatch: (entry) => BigInt(entry) * 2n,
  };
  return { next: evaluate($.finish(), machine, 0x1000n, 6), did };
}

const nth = ($: Recorder, n: number) => ({ by: 'value', index: $.i32(n) }) as const;
const at = ($: Recorder, n: bigint) => ({ at: $.i64(n), space: 'data' as const });

describe('a body is evaluated', () => {
  test('to the next address when it does not branch, to the target when it does', () => {
    expect(run(() => {}).next).toBe(0x1006n);
    expect(run(($) => $.branch($.add($.ia(), $.sext($.field(i2))))).next).toBe(0xffen);
  });
  test('with the low bits of a value for a part of a register, and the sign of an operand', () => {
    expect(run(($) => $.writeReg(byte, nth($, 5), $.field(i2))).did).toEqual(['byte 5 = 254']);
    expect(run(($) => $.writeReg(gr, nth($, 5), $.sext($.field(i2)))).did).toEqual([`gr 5 = ${2n ** 64n - 2n}`]);
  });
  test('with fetches of either sign', () => {
    const fetched = (signed: boolean) => run(($) => $.setState(cc, $.fetchAs('i32', 8, at($, 0x80n), signed))).did;
    expect(fetched(false)).toEqual(['cc = 128']);
    expect(fetched(true)).toEqual([`cc = ${2 ** 32 - 128}`]);
  });
  test('in loops that count, with what was read before a write', () => {
    const { did } = run(($) => {
      const left = $.variable($.i32(3));
      $.repeat(() => {
        const before = $.get(left);
        $.set(left, $.sub(before, 1));
        $.setState(cc, before);
        return $.get(left);
      });
    });
    expect(did).toEqual(['cc = 3', 'cc = 2', 'cc = 1']);
  });
  test('on one side of a condition alone', () => {
    const side = (c: number) =>
      run(($) =>
        $.when(
          $.i32(c),
          () => $.setState(cc, 1),
          () => $.setState(cc, 2),
        ),
      ).did;
    expect([side(1), side(0)]).toEqual([['cc = 1'], ['cc = 2']]);
  });
  test('the long way round a probe', () => {
    const { did } = run(($) => {
      const pointer = $.probe('store', at($, 8n), $.i32(4));
      $.when(
        pointer,
        () => $.hostStore(32, pointer, 0, $.i32(1)),
        () => $.storeAs(32, at($, 8n), $.i32(-1)),
      );
    });
    expect(did).toEqual([`store 32 8 ${2 ** 32 - 1}`]);
  });
  test('with signed arguments of helpers, and the address that an ending one leaves', () => {
    const { did, next } = run(($) => {
      $.writeReg(gr, nth($, 1), $.call(twice, -1, -2n));
      $.callVoid(jump);
    });
    expect(did).toEqual(['twice(-1,-2)', `gr 1 = ${2n ** 64n - 4n}`, 'jump()']);
    expect(next).toBe(0x77n);
  });
  test('up to a trap, and with what it does in place of another instruction', () => {
    expect(() => run(($) => $.trapIf($.i32(1), 6))).toThrow(new Trapped('6'));
    expect(run(($) => $.dispatch($.i32(0x40))).next).toBe(0x80n);
  });
  test('with a division by zero only where its quotient is used', () => {
    const divided = (used: number) =>
      run(($) => {
        const quotient = $.divU($.i32(1), 0);
        $.when($.i32(used), () => $.setState(cc, quotient));
      });
    expect(divided(0).did).toEqual([]);
    expect(() => divided(1)).toThrow('division by zero');
  });
  test('with vectors by lanes', () => {
    const { did } = run(($) => {
      const ones = $.conv('v128', 'i16x8.splat', $.i32(0x8001));
      $.setState(cc, $.lane('i32', 'i8x16.extract_lane_s', 1, ones));
      $.setState(cc, $.lane('i32', 'i16x8.extract_lane_u', 7, $.lane('v128', 'i16x8.replace_lane', 7, ones, $.i32(9))));
    });
    expect(did).toEqual([`cc = ${2 ** 32 - 128}`, 'cc = 9']);
  });
});
