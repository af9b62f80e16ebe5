import { describe, expect, test } from 'vitest';
import { leavesFirst } from '../../../src/engine/interpreter/leaves-first.ts';
import type { Address, Helper, RegisterFile, RegisterPart } from '../../../src/ir/node.ts';
import { Recorder } from '../../../src/ir/recorder.ts';

const file: RegisterFile = { name: 'gr', offset: 0x80, width: 8 };
const gr: RegisterPart<'i64'> = { file, name: 'gr', offset: 0, ty: 'i64', bytes: 8 };
const helper: Helper<readonly [], undefined> = { name: 'help', params: [], result: undefined, effects: {} };

/** What bodies are made of. */
class Words extends Recorder {
  get at(): Address {
    return { at: this.i64(0x1000), space: 'data' };
  }
  changes(): void {
    this.writeReg(gr, { by: 'value', index: this.i32(1) }, this.i64(1));
  }
  fetches(): void {
    this.fetchAs('i64', 64, this.at);
  }
  stores(): void {
    this.storeAs(64, this.at, this.i64(1));
  }
  storesBehindProbe(): void {
    this.hostStore(64, this.probe('store', this.at, this.i32(8)), 0, this.i64(1));
  }
}

function can(record: ($: Words) => void): boolean {
  const $ = new Words();
  record($);
  return leavesFirst($.finish());
}

describe('what one function of several rows may hold', () => {
  test.each<[string, ($: Words) => void]>([
    ['a fetch, then a change', ($) => [$.fetches(), $.changes()]],
    ['a fetch and a store', ($) => [$.fetches(), $.stores(), $.changes()]],
    ['a probe and a store behind it', ($) => [$.storesBehindProbe(), $.changes()]],
    ['a call on one way', ($) => $.when($.i32(1), () => $.callVoid(helper))],
    ['a trap of what has been done', ($) => [$.changes(), $.trapIf($.i32(1), 8)]],
    ['a loop that looks', ($) => [$.repeat(() => [$.fetches(), $.i32(0)][1] ?? $.i32(0)), $.changes()]],
  ])('%s', (_, record) => {
    expect(can((words) => void record(words))).toBe(true);
  });

  test.each<[string, ($: Words) => void]>([
    ['a fetch behind a change', ($) => [$.changes(), $.fetches()]],
    ['a store behind a change', ($) => [$.changes(), $.stores()]],
    ['two stores', ($) => [$.stores(), $.stores()]],
    ['a probe behind a store', ($) => [$.storesBehindProbe(), $.storesBehindProbe()]],
    ['a call behind a change on one way', ($) => [$.when($.i32(1), () => $.changes()), $.callVoid(helper)]],
    ['a trap behind a store', ($) => [$.storesBehindProbe(), $.trapIf($.i32(1), 8)]],
    [
      'a loop that changes and looks',
      ($) =>
        $.repeat(() => {
          $.fetches();
          $.changes();
          return $.i32(1);
        }),
    ],
  ])('not %s', (_, record) => {
    expect(can((words) => void record(words))).toBe(false);
  });
});
