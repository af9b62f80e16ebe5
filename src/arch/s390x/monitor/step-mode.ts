import { type Answer, type CommandRow, command, item, oneOf, optional, words } from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';

/** `step-mode`: what a step does about interruptions. */
export const stepMode: CommandRow<S390xGuest> = command(
  'step-mode',
  {
    words: words(optional(oneOf('mask', 'into', 'over'))),
    usage: '[mask|into|over]',
    summary: 'say, or choose, what a step does about interruptions',
    details: [
      'mask: interruptions from outside wait; a supervisor call or program interruption goes into its handler.',
      'into: all interruptions are taken, and a handler is entered by a step of its own.',
      'over: all interruptions are taken, and their handlers run to the end before the step is over.',
    ],
  },
  function* ({ debug }, [mode]): Answer {
    if (mode !== undefined) debug.stepMode = mode;
    yield item('mode', debug.stepMode);
    return undefined;
  },
);
