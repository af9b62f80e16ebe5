import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexAddress, hexBytes, hexCount, hexName, list, oneOf, optional, seq, textUntil } from '../../src/rsp/args.ts';
import { packets } from '../../src/rsp/packets/index.ts';
import { threadId } from '../../src/rsp/threads.ts';
import { Harness } from '../unit/rsp/harness.ts';
import { transcripts } from '../unit/rsp/transcripts.ts';

const names = packets.map(({ name }) => name);
/** Packets that answer later or end the session. */
const silent = /^(c|C|s|S|vCont(?!\?)|k|D|vKill)/;

const operandText = fc.string({
  unit: fc.constantFrom(...'0123456789abcdefABCDEF,;:=.-px*} \u0003\u00ff#$'),
  maxLength: 24,
});
const samples = transcripts.flatMap(({ talk }) => [...talk.matchAll(/^-> (.*)$/gm)].map(([, packet = '']) => packet));

/** A packet that is nearly right: a name and anything, or a good one with one character changed, added or lost. */
const packet = fc.oneof(
  fc.tuple(fc.constantFrom(...names), fc.constantFrom('', ':', ',', ';'), operandText).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.nat({ max: 2 }), operandText).map(([sample, place, cut, text]) => {
    const at = place % (sample.length + 1);
    return sample.slice(0, at) + text.slice(0, 2) + sample.slice(at + cut);
  }),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
);

/** As a client must: what framing reserves is escaped. */
function escaped(text: string): string {
  return text.replace(/[#$}]/g, (c) => `}${String.fromCharCode(c.charCodeAt(0) ^ 0x20)}`);
}

test('every packet gets exactly one answer, no exception, and the session goes on', () => {
  fc.assert(
    fc.property(fc.array(packet, { minLength: 1, maxLength: 8 }), (sent) => {
      const harness = new Harness();
      for (const body of sent.filter((text) => !silent.test(text))) {
        const answers = harness.send(escaped(body)).filter((answer) => !/^O([0-9a-f]{2})+$/.test(answer));
        expect(answers.length, body).toBe(1);
      }
      expect(harness.faults).toEqual([]);
      expect(harness.send('qC')[0]).toMatch(/^QC(p1\.)?[12]$/);
    }),
    { numRuns: 2000 },
  );
});

test('anything at all, resumes and departures included, raises no exception', () => {
  fc.assert(
    fc.property(fc.array(packet, { minLength: 1, maxLength: 10 }), (sent) => {
      const harness = new Harness();
      for (const body of sent) {
        harness.send(escaped(body));
        harness.feed('\x03');
        harness.advance();
      }
      harness.session.close();
      expect(harness.faults).toEqual([]);
      expect(harness.target.calls.filter((call) => call === 'detach' || call === 'kill').length).toBe(1);
    }),
    { numRuns: 1000 },
  );
});

test('a malformed packet changes nothing', () => {
  const stores = fc
    .constantFrom('M1800,2:', 'X1800,2:', 'P4=', 'G', 'Z0,1800', 'Z2,2000,')
    .chain((head) => fc.tuple(fc.constant(head), operandText));
  fc.assert(
    fc.property(stores, ([head, tail]) => {
      const harness = new Harness();
      const before = Buffer.from(harness.target.storage);
      const [answer = ''] = harness.send(escaped(head + tail));
      if (!answer.startsWith('E')) return;
      expect(Buffer.compare(before, harness.target.storage)).toBe(0);
      expect(harness.target.calls).toEqual([]);
      expect(harness.target.breakpoints.size).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test('every parser is total and leaves the cursor inside the packet', () => {
  const parsers = [
    hexAddress,
    hexCount,
    hexBytes,
    hexName,
    textUntil(':'),
    threadId,
    optional(seq('p', hexCount)),
    list(hexCount, ';'),
    oneOf<unknown>(seq(hexAddress, ','), seq(hexBytes)),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...parsers), operandText, fc.nat({ max: 4 }), (parser, text, start) => {
      const bytes = Buffer.from(text, 'latin1');
      const cursor = { bytes, at: Math.min(start, bytes.length) };
      const from = cursor.at;
      const result = parser(cursor);
      expect(typeof result.ok).toBe('boolean');
      expect(cursor.at).toBeGreaterThanOrEqual(from);
      expect(cursor.at).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 3000 },
  );
});
