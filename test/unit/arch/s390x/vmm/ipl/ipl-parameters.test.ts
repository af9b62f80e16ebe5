import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ccwIplParameterBlock,
  parseCcwIplParameterBlock,
} from '../../../../../../src/arch/s390x/vmm/ipl/ipl-parameters.ts';

const page = (block: Uint8Array): Buffer => Buffer.concat([block, Buffer.alloc(4096 - block.length)]);

test('a CCW block has the lengths, type and device where Linux reads them', () => {
  const block = Buffer.from(ccwIplParameterBlock({ subchannelSet: 1, device: 0xabcd, loadParameter: '2' }));
  expect(block.length).toBe(200);
  expect([block.readUInt32BE(0), block.readUInt8(7), block.readUInt32BE(8)]).toEqual([200, 0, 192]);
  expect([block.readUInt8(12), block.readUInt8(13)]).toEqual([2, 0x80]);
  expect(block.subarray(16, 24).toString('hex')).toBe('f240404040404040');
  expect([block.readUInt8(109), block.readUInt16BE(110)]).toEqual([1, 0xabcd]);
});

test('what is built is parsed', () => {
  const parameters = fc.record(
    {
      subchannelSet: fc.nat(3),
      device: fc.nat(0xffff),
      loadParameter: fc.stringMatching(/^[A-Z0-9]{0,8}$/),
    },
    { requiredKeys: ['subchannelSet', 'device'] },
  );
  fc.assert(
    fc.property(parameters, (given) => {
      expect(parseCcwIplParameterBlock(page(ccwIplParameterBlock(given)))).toEqual(given);
    }),
  );
});

test('a block with lengths that cannot be, or of another type or version, is none', () => {
  const good = page(ccwIplParameterBlock({ subchannelSet: 0, device: 1 }));
  const changed = (change: (copy: Buffer) => void): unknown => {
    const copy = Buffer.from(good);
    change(copy);
    return parseCcwIplParameterBlock(copy);
  };
  expect(changed(() => {})).toEqual({ subchannelSet: 0, device: 1 });
  expect(changed((b) => b.writeUInt32BE(4096, 0))).toBeDefined();
  expect(changed((b) => b.writeUInt32BE(199, 0))).toBeUndefined();
  expect(changed((b) => b.writeUInt32BE(4097, 0))).toBeUndefined();
  expect(changed((b) => b.writeUInt32BE(191, 8))).toBeUndefined();
  expect(changed((b) => b.writeUInt32BE(193, 8))).toBeUndefined();
  expect(changed((b) => b.writeUInt8(1, 7))).toBeUndefined();
  expect(changed((b) => b.writeUInt8(0, 12))).toBeUndefined();
  expect(parseCcwIplParameterBlock(new Uint8Array(0))).toBeUndefined();
});

test('no bytes make the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      parseCcwIplParameterBlock(bytes);
    }),
  );
});
