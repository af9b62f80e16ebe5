import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryDisk, VirtioBlock } from '../../../src/virtio/block.ts';
import { VirtioConsole } from '../../../src/virtio/console.ts';
import { VirtioNet } from '../../../src/virtio/net.ts';
import { SeededBytes, VirtioRng } from '../../../src/virtio/rng.ts';
import type { VirtioFunction } from '../../../src/virtio/virtio-function.ts';
import { Bench, opcode, schid } from '../arch/s390x/vmm/css/channel.ts';
import { place, QUEUE_SIZE, TestDriver } from '../arch/s390x/vmm/virtio-ccw/driver.ts';

const kinds: Readonly<Record<string, () => VirtioFunction>> = {
  block: () => new VirtioBlock({ backend: new MemoryDisk(new Uint8Array(65536)) }),
  console: () => new VirtioConsole(() => undefined),
  net: () => new VirtioNet({ send: () => undefined }, new Uint8Array(6)),
  rng: () => new VirtioRng(new SeededBytes(1)),
};

/** Values that lead somewhere more often than any. */
const word = fc.oneof(
  fc.nat(0xffff_ffff),
  fc.constantFrom(
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    12,
    16,
    32,
    0x1_0000,
    0x2_0000,
    0x2_0080,
    0x2_1000,
    0x4_0000,
    0xf_fff8,
    0x10_0000,
  ),
);
const descriptor = fc.tuple(word, word, fc.nat(7), fc.nat(QUEUE_SIZE));
const step = fc.record({
  descriptors: fc.array(descriptor, { maxLength: QUEUE_SIZE }),
  heads: fc.array(fc.nat(QUEUE_SIZE), { maxLength: QUEUE_SIZE }),
  index: fc.option(fc.nat(0xffff)),
  input: fc.option(fc.nat(3000)),
});

test.each(Object.keys(kinds))('%s: no ring makes it throw or go on for ever', (kind) => {
  fc.assert(
    fc.property(fc.nat(2), fc.array(step, { maxLength: 6 }), (revision, steps) => {
      const make = kinds[kind];
      if (make === undefined) throw new Error(kind);
      const d = new TestDriver(make(), { revision, features: 3n << 28n });
      for (const { descriptors, heads, index, input } of steps) {
        for (const [i, [address, length, flags, next]] of descriptors.entries()) {
          for (const queue of [0, 1]) d.descriptor(place.queue(queue) + 16 * i, address, length, flags, next);
        }
        for (const head of heads) d.makeAvailable(0, head);
        for (const head of heads) if (kind === 'console' || kind === 'net') d.makeAvailable(1, head);
        if (index !== null) d.view.setUint16(d.available(0) + 2, index, d.littleEndian);
        if (input !== null) d.device.received(new Uint8Array(input));
        for (const queue of [0, 1, 2]) d.kick(queue);
      }
    }),
    { numRuns: 300 },
  );
});

test('no channel program makes a device throw or go on for ever', () => {
  const ccw = fc.record({
    command: fc.oneof(
      fc.constantFrom(
        0x03,
        0x04,
        0x08,
        0x11,
        0x12,
        0x13,
        0x21,
        0x22,
        0x31,
        0x32,
        0x33,
        0x43,
        0x53,
        0x72,
        0x73,
        0x83,
        0xe4,
      ),
      fc.nat(255),
    ),
    flags: fc.oneof(fc.constantFrom(0x20, 0x40, 0x60, 0x80, 0xa0, 0x24, 0x64), fc.nat(255)),
    count: fc.oneof(fc.nat(40), fc.nat(65535)),
    address: fc.oneof(
      fc.nat(8).map((n) => 0x2000 + 8 * n),
      word,
    ),
  });
  fc.assert(
    fc.property(
      fc.array(ccw, { maxLength: 8 }),
      fc.nat(0xffff),
      fc.uint8Array({ maxLength: 64 }),
      (ccws, control, data) => {
        const bench = new Bench();
        const d = new TestDriver(new VirtioRng(new SeededBytes(1)));
        const programs = ccws.map(({ command, flags, count, address }) => {
          const bytes = Buffer.alloc(8);
          bytes.writeUInt8(command, 0);
          bytes.writeUInt8(flags, 1);
          bytes.writeUInt16BE(count, 2);
          bytes.writeUInt32BE(address, 4);
          return bytes;
        });
        for (const b of [bench, d.bench]) {
          b.enable();
          b.bytes.set(Buffer.concat(programs), 0x2000);
          b.bytes.set(data, 0x2_0000);
          b.view.setUint16(0x1004, control);
          b.view.setUint16(0x1006, 0xff00);
          b.view.setUint32(0x1008, 0x2000);
          for (const number of [0, 1]) {
            for (const op of [opcode.ssch, opcode.rsch, opcode.hsch, opcode.tsch]) {
              expect(b.io(op, { gr1: schid(number), address: op === opcode.ssch ? 0x1000 : 0x3000 })).toBeDefined();
            }
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});
