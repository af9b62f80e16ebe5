import { describe, expect, test } from 'vitest';
import { ConsoleEcho } from '../../../../../src/arch/s390x/vmm/console-echo.ts';
import type { ConsoleKind } from '../../../../../src/arch/s390x/vmm/sclp/console-input.ts';

/** What is shown of writings, each with `a` or `l` for its console in front. */
function shown(...writings: readonly string[]): string {
  const echo = new ConsoleEcho();
  const from: Readonly<Record<string, ConsoleKind>> = { a: 'ascii', l: 'line' };
  return writings
    .map((w) => Buffer.from(echo.filter(Buffer.from(w.slice(1), 'utf8'), from[w[0] ?? ''] ?? 'line')).toString('utf8'))
    .join('');
}

describe('what the line-mode console repeats of the ASCII console is shown once', () => {
  test.each([
    ['a line', ['aone\n', 'lone\n'], 'one\n'],
    ['lines that were written in pieces', ['aPASS: ', 'ax\n', 'lPASS: x\n'], 'PASS: x\n'],
    ['an empty line', ['a\nEXIT\n', 'l\n', 'lEXIT\n'], '\nEXIT\n'],
    ['several lines of one message', ['aone\ntwo\n', 'lone\ntwo\n'], 'one\ntwo\n'],
    [
      'with CR LF, or blanks at the end',
      ['aone\r\ntwo \n\rthree\n', 'lone\n', 'ltwo\n', 'lthree\n'],
      'one\r\ntwo \n\rthree\n',
    ],
    [
      'a long line in parts',
      [`a${'x'.repeat(119)}${'y'.repeat(20)}\n`, `l${'x'.repeat(119)}\n`, `l${'y'.repeat(20)}\n`],
      `${'x'.repeat(119)}${'y'.repeat(20)}\n`,
    ],
    [
      'a long line whose parts come before it has ended',
      [
        `a${'x'.repeat(119)}`,
        `l${'x'.repeat(119)}`,
        `a${'y'.repeat(119)}`,
        `l${'y'.repeat(119)}`,
        'aend\n',
        'lend\n',
        'amore\n',
        'lmore\n',
      ],
      `${'x'.repeat(119)}${'y'.repeat(119)}end\nmore\n`,
    ],
    [
      'a long line that is written letter by letter, and is repeated when so much of it is there',
      [
        ...Array.from({ length: 150 }, (_, i) => (i === 119 ? [`l${'z'.repeat(119)}`, 'az'] : ['az'])).flat(),
        'a\n',
        `l${'z'.repeat(31)}\n`,
      ],
      `${'z'.repeat(150)}\n`,
    ],
    [
      'a long line that has been repeated when it ends',
      [`a${'x'.repeat(119)}`, `l${'x'.repeat(119)}`, 'a\n', 'anext\n', 'lnext\n'],
      `${'x'.repeat(119)}\nnext\n`,
    ],
    [
      'a long line whose first part ends with a blank',
      [`a${'x'.repeat(118)} yes`, `l${'x'.repeat(118)} `, 'a it is\n', 'lyes it is\n'],
      `${'x'.repeat(118)} yes it is\n`,
    ],
    [
      'a long line of letters that have two bytes',
      [`a${'ä'.repeat(119)}`, `l${'ä'.repeat(119)}`, 'ab\n', 'lb\n'],
      `${'ä'.repeat(119)}b\n`,
    ],
    ['characters that are elsewhere in another code page', ['a[x]! |y|\n', 'l¬x¨] !y!\n'], '[x]! |y|\n'],
    ['text that is not ASCII', ['agrün\n', 'lgrün\n'], 'grün\n'],
  ])('%s', (_, writings, wanted) => {
    expect(shown(...writings)).toBe(wanted);
  });
});

describe('the line-mode console is shown', () => {
  test.each([
    ['when it is the only one', ['lone\n', 'lone\n', 'l\n'], 'one\none\n\n'],
    ['when it says something else', ['aone\n', 'ltwo\n'], 'one\ntwo\n'],
    ['when the same line was repeated already', ['aone\n', 'lone\n', 'lone\n'], 'one\none\n'],
    ['when it says only a part of a short line', ['aone two\n', 'lone\n'], 'one two\none\n'],
    ['when it has said something of its own in between', ['aone\n', 'ltwo\n', 'lone\n'], 'one\ntwo\none\n'],
    ['when the other one has not ended the line', ['aone', 'lone\n'], 'oneone\n'],
    ['when it comes first', ['lone\n', 'aone\n'], 'one\none\n'],
  ])('%s', (_, writings, wanted) => {
    expect(shown(...writings)).toBe(wanted);
  });

  test('also when the other one has said a lot since', () => {
    const much = Array.from({ length: 100 }, (_, i) => `${i}\n`).join('');
    expect(shown(`a${much}`, 'l10\n')).toBe(`${much}10\n`);
    expect(shown(`a${much}`, 'l90\n')).toBe(much);
  });
});
