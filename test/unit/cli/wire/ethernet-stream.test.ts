import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, frameBytes } from '../../../../src/cli/wire/ethernet-stream.ts';
import { seed } from '../../../support/seed.ts';

test('a frame lies behind its length, most significant byte first', () => {
  expect(Buffer.from(frameBytes(Uint8Array.of(1, 2, 3))).toString('hex')).toBe('00000003010203');
});

test('frames come out as they went in, wherever the stream is cut', () => {
  const frame = fc.uint8Array({ minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 20 })), (frames, cuts) => {
      const stream = Buffer.concat(frames.map(frameBytes));
      const reader = new FrameReader();
      const found: Uint8Array[] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        found.push(...reader.push(stream.subarray(at, at + cut)));
        at += cut;
      }
      expect(found).toEqual(frames);
    }),
    { seed },
  );
});

test('what is no stream of frames is refused: here, the words of a terminal', () => {
  expect(() => new FrameReader().push(Buffer.from('hello'))).toThrow('a frame of 1751477356 bytes was announced');
});
