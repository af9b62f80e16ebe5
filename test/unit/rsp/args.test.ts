import { describe, expect, test } from 'vitest';
import {
  args,
  hexAddress,
  hexBytes,
  hexCount,
  hexName,
  list,
  oneOf,
  optional,
  type Parser,
  rest,
  seq,
  textUntil,
} from '../../../src/rsp/args.ts';
import { covers, formatThread, selectVcpu, threadId } from '../../../src/rsp/threads.ts';

function parse<T>(parser: Parser<T>, text: string): T | string {
  const result = parser({ bytes: Buffer.from(text, 'latin1'), at: 0 });
  return result.ok ? result.value : `refused: ${result.error}`;
}

describe('numbers', () => {
  test.each([
    ['0', 0n],
    ['fFfF', 0xffffn],
    ['ffffffffffffffff', 0xffff_ffff_ffff_ffffn],
    ['00000000000000000000001', 1n],
    ['1234567890abc', 0x1234567890abcn],
  ])('address %s', (text, value) => {
    expect(parse(args(hexAddress), text)).toEqual([value]);
  });

  test.each(['', 'g', '0x10', '-1', '10000000000000000', '1 ', ' 1'])('address %j is refused', (text) => {
    expect(parse(args(hexAddress), text)).toMatch(/^refused/);
  });

  test('a count is exact or refused', () => {
    expect(parse(args(hexCount), '1fffffffffffff')).toEqual([Number.MAX_SAFE_INTEGER]);
    expect(parse(args(hexCount), '20000000000000')).toMatch(/^refused/);
  });
});

describe('parts', () => {
  test('literal text yields nothing', () => {
    expect(parse(args(hexAddress, ',', hexCount, ':', hexBytes), '10,2:aBcd')).toEqual([
      16n,
      2,
      Uint8Array.of(0xab, 0xcd),
    ]);
  });

  test('trailing bytes are refused by args and left by seq', () => {
    expect(parse(args(hexCount), '1;')).toMatch(/trailing/);
    expect(parse(seq(hexCount), '1;')).toEqual([1]);
  });

  test('an optional part that fails gives its bytes back', () => {
    expect(parse(args(optional(seq(hexCount, ',')), rest), '12;')).toEqual([undefined, Buffer.from('12;')]);
  });

  test('alternatives start where the first one did', () => {
    expect(parse(args(oneOf<unknown>(seq(hexCount, ','), seq(hexCount, ';'))), '12;')).toEqual([[18]]);
    expect(parse(args(oneOf<unknown>(seq('a'))), 'b')).toMatch(/^refused/);
  });

  test('a list wants one item behind each separator', () => {
    expect(parse(args(list(hexCount, ';')), '1;2;3')).toEqual([[1, 2, 3]]);
    expect(parse(args(list(hexCount, ';')), '1;')).toMatch(/^refused/);
    expect(parse(args(list(hexCount, ';')), '')).toMatch(/^refused/);
  });

  test('hex bytes: odd, foreign and no digits', () => {
    expect(parse(args(hexBytes), 'abc')).toMatch(/odd/);
    expect(parse(args(hexBytes), 'ag')).toMatch(/not a hex/);
    expect(parse(args(hexBytes), 'ga')).toMatch(/not a hex/);
    expect(parse(args(hexBytes), '')).toEqual([new Uint8Array(0)]);
    expect(parse(args(hexName, ',', rest), '61,')).toEqual([Uint8Array.of(0x61), Buffer.alloc(0)]);
  });

  test('text stops before its stop, or at the end', () => {
    expect(parse(args(textUntil(':'), ':', rest), 'a:b')).toEqual(['a', Buffer.from('b')]);
    expect(parse(args(textUntil(':')), 'ab')).toEqual(['ab']);
  });
});

describe('thread ids', () => {
  const vcpus = [0, 1].map((id) => ({ id, name: '', state: '' }));

  /** Of two vCPUs, the second one current: whom an action is meant for, and whom a selection picks. */
  test.each<[string, number[], number | undefined]>([
    ['p1.2', [1], 1],
    ['1', [0], 0],
    ['p01.01', [0], 0],
    ['p1.-1', [0, 1], 1],
    ['p1', [0, 1], 1],
    ['-1', [0, 1], 1],
    ['p-1.-1', [0, 1], 1],
    ['0', [1], 1],
    ['p0.0', [1], 1],
    ['3', [], undefined],
    ['p2.1', [], undefined],
    ['p2.-1', [], undefined],
  ])('%s is meant for %j and picks %s', (text, covered, selected) => {
    const parsed = parse(args(threadId), text);
    if (typeof parsed === 'string') throw new Error(parsed);
    const [id] = parsed;
    expect(vcpus.filter((vcpu) => covers(id, vcpu.id, 1)).map((vcpu) => vcpu.id)).toEqual(covered);
    expect(selectVcpu(id, vcpus, 1)).toBe(selected);
  });

  test.each(['', 'p', 'p1.', 'p.1', '-2', 'p1.2.3', 'q1'])('%j is refused', (text) => {
    expect(parse(args(threadId), text)).toMatch(/^refused/);
  });

  test('written as the client understands', () => {
    expect([formatThread(15, true), formatThread(15, false)]).toEqual(['p1.10', '10']);
  });
});
