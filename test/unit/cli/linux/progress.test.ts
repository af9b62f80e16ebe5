import { expect, test } from 'vitest';
import { Progress } from '../../../../src/cli/linux/progress.ts';
import { Kept } from '../fake-host.ts';

/** What is written of some work. */
function written(terminal: boolean): string {
  const output = Object.assign(new Kept(), { isTTY: terminal });
  const progress = new Progress(output);
  progress.say('reading');
  progress.done(0.4);
  for (const percent of [10, 30.7, 30.9, 20, 80, 100]) progress.done(percent);
  progress.say('unpacking');
  progress.end();
  return output.text;
}

test('on a terminal a line is written over, never backwards, and ended before the next', () => {
  const line = (percent: number): string => `\rguestscope: reading: ${percent} %`;
  const over = [10, 30, 80, 100].map(line).join('');
  expect(written(true)).toBe(`guestscope: reading\n${over}\nguestscope: unpacking\n`);
});

test('elsewhere there are lines at some steps', () => {
  const steps = 'guestscope: reading: 30 %\nguestscope: reading: 80 %\n';
  expect(written(false)).toBe(`guestscope: reading\n${steps}guestscope: unpacking\n`);
});
