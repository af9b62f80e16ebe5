import { describe, expect, test } from 'vitest';
import { readArguments } from '../../../src/cli/arguments.ts';

const commands = {
  run: {
    append: { type: 'string', requiresArg: true },
    disk: { type: 'string', array: true, requiresArg: true },
    clock: { choices: ['real', 'virtual'], requiresArg: true },
    wait: { type: 'boolean' },
  },
  demo: { wait: { type: 'boolean' } },
} as const;
const read = (...args: readonly string[]): string[] => readArguments(args, commands);

describe('an option takes one value, the next word,', () => {
  test.each([
    ['so the image behind it is not taken for another', ['run', '--disk', 'a', 'image'], ['run', '--disk=a', 'image']],
    [
      'also when that begins with dashes',
      ['run', 'i', '--append', '--sequential'],
      ['run', 'i', '--append=--sequential'],
    ],
    [
      'also when that is an option',
      ['run', 'i', '--append', '--wait', '--wait'],
      ['run', 'i', '--append=--wait', '--wait'],
    ],
    ['or has it in its own word', ['run', 'i', '--append=a=b'], ['run', 'i', '--append=a=b']],
    ['but not behind --', ['run', '--', '--append', 'x'], ['run', '--', '--append', 'x']],
  ])('%s', (_, given, wanted) => {
    expect(read(...given)).toEqual(wanted);
  });
});

test('values of an option that may be given more than once are collected; one that is on or off is so once', () => {
  expect(read('run', '--disk', 'a', '--disk=b', 'i')).toEqual(['run', '--disk=a', '--disk=b', 'i']);
  expect(read('run', '--wait', 'i', '--wait')).toEqual(['run', 'i', '--wait']);
});

describe('a mistake names the word and what there is:', () => {
  test.each([
    [['rum', 'image'], 'there is no command rum, did you mean run? (there are run, demo)'],
    [['xyzzy'], 'there is no command xyzzy (there are run, demo)'],
    [['run', '--bogus', 'x'], 'there is no option --bogus'],
    [['run', '--dsk', 'x'], 'did you mean --disk?'],
    [['-v'], 'there is no option -v: -V or --version shows the version'],
    [['run', '-x'], 'there is no option -x; --help'],
    [['run', 'i', '--clock', 'sun'], '--clock sun: give real or virtual'],
    [['run', 'i', '--clock=sun'], '--clock sun: give real or virtual'],
    [['run', 'i', '--append'], '--append needs a value behind it'],
    [['run', 'i', '--append', 'a', '--append=b=c'], '--append is given twice, as a and as b=c'],
    [['run', 'i', '--clock', 'real', '--clock', 'real'], '--clock is given twice, as real and as real'],
    [['demo', '--append', 'x'], 'demo takes no option --append'],
  ])('%j: %s', (args, words) => {
    expect(() => read(...args)).toThrow(words);
  });
});

test('a dash alone is a word, and so is a negative number', () => {
  expect(read('run', '-', '-1')).toEqual(['run', '-', '-1']);
});
