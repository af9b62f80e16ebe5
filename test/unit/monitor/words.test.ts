import { describe, expect, test } from 'vitest';
import { address, either, number, oneOf, optional, range, value64, words } from '../../../src/monitor/words.ts';

const registers = new Map([
  ['r15', 0x2ee58n],
  ['pc', 0x21820n],
]);
const scope = { register: (name: string): bigint | undefined => registers.get(name) };
const symbols = new Map([
  ['start_kernel', 0x77ed96cn],
  ['r15', 0xbadn],
  ['init.part.0', 0x5000n],
]);
const named = { ...scope, symbol: (name: string): bigint | undefined => symbols.get(name) };
const most = 0xffff_ffff_ffff_ffffn;

describe('a value', () => {
  test.each([
    ['0', 0n],
    ['42', 42n],
    ['0x42', 0x42n],
    ['0XFf', 0xffn],
    ['0x0002_0001', 0x20001n],
    ['18446744073709551615', most],
    ['$r15', 0x2ee58n],
    ['r15', 0x2ee58n],
    ['pc', 0x21820n],
  ])('%s', (word, wanted) => {
    expect(value64.parse(word, scope)).toEqual({ ok: true, value: wanted });
  });

  test.each([
    '',
    '0x',
    '12ab',
    '-1',
    '0x1_0000_0000_0000_0000',
    '18446744073709551616',
    '$r77',
    '$',
    '1.5',
    '0b1',
  ])('refuses %j', (word) => {
    expect(value64.parse(word, scope)).toMatchObject({ ok: false });
  });
});

describe('a symbol', () => {
  test.each([
    ['start_kernel', 0x77ed96cn],
    ['&start_kernel', 0x77ed96cn],
    ['init.part.0', 0x5000n],
    // A register hides a symbol of its name, which & uncovers.
    ['r15', 0x2ee58n],
    ['&r15', 0xbadn],
  ])('%s is a value where symbols are known', (word, wanted) => {
    expect(value64.parse(word, named)).toEqual({ ok: true, value: wanted });
    expect(address.parse(`${word}+0x10`, named)).toEqual({ ok: true, value: wanted + 0x10n });
  });

  test.each([
    'nowhere',
    '&nowhere',
    '$start_kernel',
    'task->mm',
    '*init_task',
    '&&start_kernel',
  ])('%s is refused, with the words in which gdb works it out', (word) => {
    const refused = value64.parse(word, named);
    expect(refused.ok ? '' : refused.error).toContain(`eval "monitor ... %#lx", (unsigned long) (${word})`);
  });

  test('is none where nothing is known of them', () => {
    expect(value64.parse('start_kernel', scope)).toMatchObject({ ok: false });
  });
});

describe('an address', () => {
  test('is a value or a sum, which wraps at 64 bits', () => {
    expect(address.parse('$r15+0xa0', scope)).toEqual({ ok: true, value: 0x2eef8n });
    expect(address.parse(`${most}+2`, scope)).toEqual({ ok: true, value: 1n });
  });
  test.each(['+1', '1+', '1+2+3', '$r77+1', '1+$r77'])('refuses %s', (word) => {
    expect(address.parse(word, scope)).toMatchObject({ ok: false });
  });
});

describe('a range', () => {
  test.each([
    ['0x1000-0x1fff', 0x1000n, 0x1fffn],
    ['0x1000+0x1000', 0x1000n, 0x1fffn],
    ['0x1000', 0x1000n, 0x1000n],
    ['$r15+1', 0x2ee58n, 0x2ee58n],
    ['5-5', 5n, 5n],
    [`0x10-${most}`, 0x10n, most],
    [`${most}+1`, most, most],
  ])('%s', (word, first, last) => {
    expect(range.parse(word, scope)).toEqual({ ok: true, value: { first, last } });
  });
  test.each(['2-1', '0+0', `${most}+2`, '1-2-3', '-5', '5-', ''])('refuses %j', (word) => {
    expect(range.parse(word, scope)).toMatchObject({ ok: false });
  });
});

describe('words', () => {
  const parse = words(address, optional(either(oneOf('home', 'real'), number('N', 9))));

  test('that may be left out are undefined', () => {
    expect(parse(['1'], scope)).toEqual({ ok: true, value: [1n, undefined] });
    expect(parse(['1', 'home'], scope)).toEqual({ ok: true, value: [1n, 'home'] });
    expect(parse(['1', '9'], scope)).toEqual({ ok: true, value: [1n, 9] });
  });
  test('say what is missing, too many or wrong', () => {
    expect(parse([], scope)).toEqual({ ok: false, error: 'ADDR is missing' });
    expect(parse(['1', 'home', 'x', 'y'], scope)).toEqual({ ok: false, error: 'there is no place for x y' });
    expect(parse(['1', '10'], scope)).toEqual({ ok: false, error: '10 is not a number from 0 to 9' });
    expect(oneOf('a', 'b').parse('c', scope)).toEqual({ ok: false, error: 'c is none of a, b' });
  });
});
