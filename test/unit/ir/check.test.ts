import { describe, expect, test } from 'vitest';
import { checkBody, lateFaults } from '../../../src/ir/check.ts';
import type { Field } from '../../../src/ir/field.ts';
import type { Address, Helper, RegisterFile, RegisterPart, Slot } from '../../../src/ir/node.ts';
import { Recorder } from '../../../src/ir/recorder.ts';

const field = (name: string, slot: number, kind: Field['kind'] = 'gr', bytes: Field['bytes'] = 1): Field => ({
  name,
  kind,
  start: 8,
  length: 4,
  signed: false,
  slot,
  bytes,
});
const r1 = field('r1', 4);
const r2 = field('r2', 5);
const i2 = field('i2', 8, 'imm', 4);
const elsewhere = field('r1', 4);
const file: RegisterFile = { name: 'gr', offset: 0x80, width: 8 };
const gr: RegisterPart<'i64'> = { file, name: 'gr', offset: 0, ty: 'i64', bytes: 8 };
const cc: Slot<'i32'> = { name: 'cc', offset: 0x400, ty: 'i32' };
const named = (f: Field) => ({ by: 'field', field: f, delta: 0 }) as const;

const faulting: Helper<readonly ['i64'], undefined> = {
  name: 'checkStore',
  params: ['i64'],
  result: undefined,
  effects: { faults: true },
};

/** Records and checks a body on an instruction with the operands R1 and R2, which it uses besides. */
function check(record: ($: Recorder) => void): void {
  const $ = new Recorder();
  $.writeReg(gr, named(r1), $.readReg(gr, named(r2)));
  record($);
  checkBody('TEST', $.finish(), { fields: [r1, r2] });
}

function at($: Recorder): Address {
  return { at: $.readReg(gr, named(r2)), space: r2 };
}

describe('a body passes', () => {
  test('with every kind of statement in its place', () => {
    check(($) => {
      const sum = $.variable($.i64(0));
      const left = $.variable($.i32(3));
      $.repeat(() => {
        $.set(sum, $.add($.get(sum), $.fetchAs('i64', 64, at($))));
        $.set(left, $.sub($.get(left), 1));
        return $.ne($.get(left), 0);
      });
      const pointer = $.probe('store', at($), $.i32(4));
      $.when(
        pointer,
        () => $.hostStore(32, pointer, 0, $.wrap($.get(sum))),
        () => $.storeAs(32, at($), $.wrap($.get(sum))),
      );
      $.setState(cc, $.select($.eq($.get(sum), 0), $.i32(0), 1));
      $.callVoid(faulting, $.ia());
      $.branch($.next());
    });
  });
  test('that reads in a loop what was evaluated before it', () => {
    check(($) => {
      const once = $.readReg(gr, named(r1));
      $.repeat(() => $.eq($.readReg(gr, named(r2)), once));
    });
  });
});

describe('a body does not pass', () => {
  const node = new Recorder();
  const foreign = node.add(node.ia(), 1);
  const word = node.wrap(foreign);

  test('with an operand that nothing uses, and the message says what to do', () => {
    const $ = new Recorder();
    $.writeReg(gr, named(r1), 0);
    expect(() => checkBody('LR', $.finish(), { fields: [r1, r2] })).toThrow(/^LR: operand r2 is not used; .*`ignores`/);
    expect(() => checkBody('LR', $.finish(), { fields: [r1, r2], ignores: ['r2'] })).not.toThrow();
  });
  test('with an operand that was read and then forgotten', () => {
    const $ = new Recorder();
    $.writeReg(gr, named(r1), 0);
    $.field(i2);
    expect(() => checkBody('LHI', $.finish(), { fields: [r1, i2] })).toThrow('operand i2 is not used');
  });
  test('with an ignored operand that is used, or that does not exist', () => {
    const $ = new Recorder();
    $.writeReg(gr, named(r1), $.readReg(gr, named(r2)));
    const body = $.finish();
    expect(() => checkBody('X', body, { fields: [r1, r2], ignores: ['r2'] })).toThrow('operand r2 is used and listed');
    expect(() => checkBody('X', body, { fields: [r1, r2], ignores: ['m3'] })).toThrow('ignores m3, which');
  });
  test("with another format's operand of the same name", () => {
    expect(() => check(($) => void $.writeReg(gr, named(elsewhere), 0))).toThrow(
      'operand r1 belongs to another format',
    );
  });
  test('with an immediate in the place of a register', () => {
    expect(() => {
      const $ = new Recorder();
      $.writeReg(gr, named(i2), 0);
      checkBody('X', $.finish(), { fields: [i2] });
    }).toThrow('operand i2 names no register');
  });
  test('with an operation that WebAssembly lacks', () => {
    expect(() => check(($) => void $.un('sqrt', $.ia()))).toThrow('sqrt of i64 to i64 does not exist');
    expect(() => check(($) => void $.bin('plus', $.ia(), 1))).toThrow('plus on i64 does not exist');
  });
  test('with operands of different types', () => {
    expect(() => check(($) => void $.bin<'i64' | 'i32'>('add', $.ia(), $.i32(1)))).toThrow(
      'operand 1 of i64.add is i32',
    );
    expect(() => check(($) => void $.select<'i64' | 'i32'>($.i32(1), $.ia(), $.i32(1)))).toThrow(
      'an operand of select is i32',
    );
  });
  test('with a result that the operation does not give', () => {
    expect(() => check(($) => void $.conv('i64', 'extend_i32_u', $.ia()))).toThrow(
      'operand 0 of i64.extend_i32_u is i64',
    );
    expect(() => check(($) => void $.un('eqz', $.ia()))).toThrow('i64.eqz gives i32, not i64');
  });
  test('with a lane that the vector does not have', () => {
    expect(() =>
      check(($) => void $.lane('i32', 'i32x4.extract_lane', 4, $.conv('v128', 'i64x2.splat', $.ia()))),
    ).toThrow('has no lane 4');
  });
  test('with an access whose width its type does not hold', () => {
    expect(() => check(($) => void $.fetchAs('i32', 64, at($)))).toThrow('fetch of 64 bits as i32');
    expect(() => check(($) => $.storeAs(64, at($), $.i32(1)))).toThrow('store of 64 bits as i32');
  });
  test('that sets a slot to the wrong type', () => {
    expect(() => check(($) => $.setState<'i32' | 'i64'>(cc, $.ia()))).toThrow('the value of cc is i64, not i32');
  });
  test('that uses what only one branch evaluated', () => {
    expect(() =>
      check(($) => {
        let sum = $.ia();
        $.when($.wrap($.ia()), () => {
          sum = $.add($.ia(), 1);
        });
        $.branch(sum);
      }),
    ).toThrow(/used where it may not have been evaluated/);
  });
  test('that uses what the loop condition of another loop evaluated', () => {
    expect(() =>
      check(($) => {
        let last = $.i32(0);
        $.repeat(() => {
          last = $.wrap($.ia());
          return last;
        });
        $.setState(cc, last);
      }),
    ).toThrow(/used where it may not have been evaluated/);
  });
  test("that uses another body's value", () => {
    expect(() => check(($) => $.branch(foreign))).toThrow(/another body|evaluated/);
    expect(() => check(($) => $.setState(cc, word))).toThrow(/another body|evaluated/);
  });
  test("that reads another body's variable, or its own in a branch that did not set it", () => {
    expect(() => check(($) => void $.get(node.variable(foreign)))).toThrow('variable 0 belongs to another body');
    expect(() =>
      check(($) => {
        const made = { v: $.variable($.ia()) };
        $.when($.wrap($.ia()), () => {
          made.v = $.variable($.ia());
        });
        $.branch($.get(made.v));
      }),
    ).toThrow('variable 1 may have no value where it is read');
  });
});

describe('late faults', () => {
  const late = (record: ($: Recorder) => void): string[] => {
    const $ = new Recorder();
    record($);
    return lateFaults($.finish(), (code) => code.k === 'const' && code.value === 8n);
  };

  test('a fetch, a store, a helper and a trap behind a change are told', () => {
    expect(
      late(($) => {
        $.setState(cc, 1);
        $.fetchAs('i64', 64, at($));
        $.storeAs(64, at($), $.ia());
        $.callVoid(faulting, $.ia());
        $.trap(6);
      }),
    ).toEqual([
      'a fetch of 64 bits after cc was set',
      'a store of 64 bits after cc was set',
      'checkStore may fault after cc was set',
      'a trap after cc was set',
    ]);
  });
  test('the second of two stores is late', () => {
    expect(
      late(($) => {
        $.storeAs(64, at($), $.ia());
        $.storeAs(32, at($), $.i32(0));
      }),
    ).toEqual(['a store of 32 bits after a store of 64 bits']);
  });
  test('a completing trap and what comes before the first change are not', () => {
    expect(
      late(($) => {
        $.callVoid(faulting, $.ia());
        $.fetchAs('i64', 64, at($));
        $.writeReg(gr, named(r1), 0);
        $.trapIf($.i32(1), 8);
        $.setState(cc, 0);
      }),
    ).toEqual([]);
  });
  test('what a branch changed is remembered behind it, unless the branch ended the instruction', () => {
    expect(
      late(($) => {
        $.when($.i32(1), () => $.setState(cc, 1));
        $.fetchAs('i64', 64, at($));
      }),
    ).toEqual(['a fetch of 64 bits after cc was set']);
    expect(
      late(($) => {
        $.when($.i32(1), () => {
          $.setState(cc, 1);
          $.trap(8);
        });
        $.fetchAs('i64', 64, at($));
      }),
    ).toEqual([]);
  });
  test('a loop that changes something at its end faults late in its second round', () => {
    expect(
      late(($) =>
        $.repeat(() => {
          $.fetchAs('i64', 64, at($));
          $.setState(cc, 1);
          return $.i32(1);
        }),
      ),
    ).toEqual(['a fetch of 64 bits after cc was set']);
  });
});
