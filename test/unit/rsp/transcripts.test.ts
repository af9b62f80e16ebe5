import { describe, expect, test } from 'vitest';
import { packets } from '../../../src/rsp/packets/index.ts';
import { Harness, shownBy } from './harness.ts';
import { type Transcript, transcripts } from './transcripts.ts';

function literal(text: string): string {
  return text
    .replace(/\{pc (\w+)(?: cpu (\d))?\}/g, (_, pc: string, cpu = '0') => {
      return `01:${pc.padStart(16, '0')};11:${`3f0${cpu}`.padStart(16, '0')};`;
    })
    .replace(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Plays a transcript; what the server said and nobody asked about is an error. */
function play({ talk }: Transcript): void {
  const harness = new Harness();
  let said: string[] = [];
  for (const line of talk.split('\n')) {
    const [, sign = '', text = ''] = /^(->|<-|o|\.|\^C|=) ?(.*)$/s.exec(line) ?? [];
    if (sign !== '<-' && sign !== 'o' && sign !== '=') expect(said, `before ${line}`).toEqual([]);
    switch (sign) {
      case '->':
        said = harness.send(literal(text));
        break;
      case '.':
        said = harness.advance();
        break;
      case '^C':
        said = harness.feed('\x03');
        break;
      case '<-':
        expect(said.shift(), line).toBe(literal(text));
        break;
      case 'o':
        expect(shownBy(said.shift() ?? ''), line).toBe(literal(text));
        break;
      case '=':
        expect(harness.target.calls.at(-1), line).toBe(text);
        break;
      default:
        throw new Error(`a transcript has the line ${line}`);
    }
  }
  expect(said).toEqual([]);
  expect(harness.faults).toEqual([]);
}

describe.each(packets.map(({ name }) => name))('%s', (name) => {
  const own = transcripts.filter((transcript) => transcript.packet === name);
  test('has a transcript that sends it', () => {
    const sends = own.filter(({ talk }) => talk.split('\n').some((line) => line.startsWith(`-> ${name}`)));
    expect(sends.length).toBeGreaterThan(0);
  });
  for (const transcript of own) test(transcript.hazard, () => play(transcript));
});

test('every transcript is about a packet of the table', () => {
  const names = new Set(packets.map(({ name }) => name));
  expect(transcripts.filter(({ packet }) => !names.has(packet))).toEqual([]);
});

test.each([
  'QPassSignals:e;10',
  'QTSave:file',
  'qTMinFTPILen',
  'Qqemu.sstep=0x5',
  'qqemu.sstepbits',
  'QNonStop:1',
  'R00',
  'z',
  '',
  'vCont1',
])('%s is not known and is answered with nothing', (packet) => {
  expect(new Harness().send(packet)).toEqual(['']);
});
