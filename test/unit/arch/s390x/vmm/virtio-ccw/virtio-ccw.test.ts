import { describe, expect, test } from 'vitest';
import { virtioCommand as c } from '../../../../../../src/arch/s390x/vmm/virtio-ccw/virtio-ccw.ts';
import type { VirtioDriver, VirtioFunction } from '../../../../../../src/virtio/virtio-function.ts';
import { at, opcode, schid } from '../css/channel.ts';
import { doublewords, halves, place, QUEUE_SIZE, TestDriver } from './driver.ts';

/** A device that sends every buffer back as it came, and whose configuration can be written. */
class Echo implements VirtioFunction {
  readonly type = 42;
  readonly features = 0x5n;
  readonly queueSizes = [QUEUE_SIZE, 2 * QUEUE_SIZE];
  readonly log: string[] = [];
  config = Uint8Array.of(1, 2, 3, 4);
  driver: VirtioDriver | undefined;

  configuration(): Uint8Array {
    return this.config;
  }
  configure(bytes: Uint8Array): void {
    this.config = bytes.slice();
  }
  notified(driver: VirtioDriver, index: number): void {
    this.driver = driver;
    this.log.push(`notified ${index}`);
    const queue = driver.queue(index);
    queue?.each((buffer) => queue.put(buffer, buffer.write(0, buffer.read())));
    if (queue !== undefined) driver.used(queue, index);
  }
  reset(): void {
    this.log.push('reset');
  }
  save(): Uint8Array {
    return this.config.slice();
  }
  restore(config: Uint8Array): void {
    this.config = config.slice();
  }
}

const REJECT = { device: 0x02 };
const DONE = { device: 0x0c, channel: 0 };
const INDIRECT = 1n << 28n;
const EVENT_INDEX = 1n << 29n;
const chain = { readable: [Uint8Array.of(1, 2, 3)], writable: [8] };

describe('identification', () => {
  test('a control unit 3832 whose model is the device type', () => {
    const { data } = new TestDriver(new Echo()).command(0xe4, [], 16);
    expect(Buffer.from(data).toString('hex')).toBe('ff38322a000000000000000000000000');
  });
});

describe('revisions', () => {
  const unset = (): TestDriver => {
    const d = new TestDriver(new Echo());
    d.enable(false);
    d.enable(true);
    return d;
  };
  test.each([0, 1, 2])('%i is taken once', (revision) => {
    const d = unset();
    expect(d.command(c.setRevision, halves(revision, 0))).toMatchObject(DONE);
    expect(d.command(c.setRevision, halves(revision, 0))).toMatchObject(REJECT);
  });
  test('3 is refused, and a length that does not fit; another may be asked for then', () => {
    const d = unset();
    expect(d.command(c.setRevision, halves(3, 0))).toMatchObject(REJECT);
    expect(d.command(c.setRevision, [...halves(1, 1), 0])).toMatchObject(REJECT);
    expect(d.command(c.setRevision, halves(1, 0))).toMatchObject(DONE);
  });
  test('who sets none is a legacy driver for good', () => {
    const d = unset();
    expect(d.command(c.readConfiguration, [], 4)).toMatchObject(DONE);
    expect(d.command(c.setRevision, halves(1, 0))).toMatchObject(REJECT);
  });
  test('the device status can be read from revision 2 on', () => {
    expect(new TestDriver(new Echo(), { revision: 2 }).readStatus()).toBe(15);
    expect(new TestDriver(new Echo(), { revision: 1 }).command(c.readStatus, [0])).toMatchObject(REJECT);
  });
});

describe('features', () => {
  test('legacy drivers see any layout but not VERSION_1', () => {
    expect(new TestDriver(new Echo(), { revision: 0 }).readFeatures()).toBe(0x3800_0005n);
    expect(new TestDriver(new Echo()).readFeatures()).toBe(0x1_3000_0005n);
  });
  test('words past the second are empty', () => {
    const { data } = new TestDriver(new Echo()).command(c.readFeatures, [9, 9, 9, 9, 200]);
    expect([...data]).toEqual([0, 0, 0, 0, 200]);
  });
  test('features that were not offered, or VERSION_1 left out, are not OK', () => {
    const d = new TestDriver(new Echo());
    d.writeFeatures(1n << 40n);
    d.command(c.reset);
    expect(d.status(11)).toMatchObject(REJECT);
    d.writeFeatures((1n << 32n) | 2n);
    expect(d.status(11)).toMatchObject(REJECT);
    expect(d.readStatus()).toBe(0);
    d.writeFeatures((1n << 32n) | 4n);
    expect(d.status(11)).toMatchObject(DONE);
  });
});

describe('commands', () => {
  test.each([
    ['set vq', c.setQueue, 32],
    ['set vq, legacy', c.setQueue, 16],
    ['set indicators', c.setIndicators, 8],
    ['set configuration indicators', c.setConfigurationIndicators, 8],
    ['set adapter indicators', c.setAdapterIndicators, 25],
    ['read features', c.readFeatures, 5],
    ['write features', c.writeFeatures, 5],
    ['write status', c.writeStatus, 1],
    ['read vq configuration', c.readQueueConfiguration, 4],
  ])('%s with too few bytes is refused', (title, code, needs) => {
    const d = new TestDriver(new Echo(), title.endsWith('legacy') ? { revision: 0 } : {});
    expect(d.command(code, new Uint8Array(needs - 1), needs - 1, 0x20)).toMatchObject(REJECT);
  });

  test('what is no command is refused', () => {
    expect(new TestDriver(new Echo()).command(0x93, [0])).toMatchObject(REJECT);
  });

  test('more bytes than needed are of incorrect length, unless suppressed', () => {
    const d = new TestDriver(new Echo());
    expect(d.command(c.writeStatus, [15, 0])).toMatchObject({ device: 0x0c, channel: 0x40, count: 1 });
    expect(d.command(c.writeStatus, [15, 0], 2, 0x20)).toMatchObject(DONE);
  });

  test('the configuration is read as far as asked for, and written', () => {
    const d = new TestDriver(new Echo());
    expect(d.command(c.readConfiguration, [], 3)).toMatchObject({ ...DONE, data: Uint8Array.of(1, 2, 3) });
    expect(d.command(c.writeConfiguration, [9, 8, 7, 6])).toMatchObject(DONE);
    expect([...d.configuration(4)]).toEqual([9, 8, 7, 6]);
  });

  test('queues and their sizes', () => {
    const d = new TestDriver(new Echo());
    const sizeOf = (index: number): number[] => [
      ...d.command(c.readQueueConfiguration, [...halves(index), 0xee, 0xee]).data,
    ];
    expect(sizeOf(1)).toEqual([0, 1, 0, 16]);
    expect(sizeOf(2)).toEqual([0, 2, 0, 0]);
    expect(d.setQueue(2)).toMatchObject(REJECT);
    expect(d.setQueue(0, 2 * QUEUE_SIZE)).toMatchObject(REJECT);
    expect(d.setQueue(1, 3)).toMatchObject(REJECT);
    expect(d.setQueue(1, 0)).toMatchObject(DONE);
  });

  test('a legacy alignment of no power of two is refused', () => {
    const d = new TestDriver(new Echo(), { revision: 0 });
    for (const align of [0, 0x1001]) {
      const block = [...doublewords(0x20000), ...halves(0, align), ...halves(0, 8)];
      expect(d.command(c.setQueue, block)).toMatchObject(REJECT);
    }
  });

  test('classic and adapter indicators exclude each other until they are taken back', () => {
    const d = new TestDriver(new Echo());
    const adapter = [...doublewords(place.summary, place.queueBits, 0), 3];
    expect(d.command(c.setAdapterIndicators, adapter)).toMatchObject(REJECT);
    d.command(c.setIndicators, doublewords(0));
    expect(d.command(c.setAdapterIndicators, [...adapter.slice(0, 24), 8])).toMatchObject(REJECT);
    expect(d.command(c.setAdapterIndicators, adapter)).toMatchObject(DONE);
    expect(d.command(c.setIndicators, doublewords(place.indicators))).toMatchObject(REJECT);
    d.command(c.setAdapterIndicators, [...doublewords(place.summary, 0, 0), 3]);
    expect(d.command(c.setIndicators, doublewords(place.indicators))).toMatchObject(DONE);
  });

  test('reset forgets queues, features, indicators and status', () => {
    const echo = new Echo();
    const d = new TestDriver(echo);
    d.offer(0, chain);
    expect(d.command(c.reset)).toMatchObject(DONE);
    expect(d.readStatus()).toBe(0);
    expect(echo.log).toEqual(['reset']);
    d.kick();
    d.writeFeatures(1n << 32n);
    d.status(15);
    d.kick();
    expect([d.take(), d.bench.pending]).toEqual([[], []]);
  });

  test('a status of zero resets the device, indicators stay', () => {
    const echo = new Echo();
    const d = new TestDriver(echo);
    d.status(0);
    expect(echo.log).toEqual(['reset']);
    expect(d.command(c.setAdapterIndicators, [...doublewords(1, 2, 3), 1])).toMatchObject(REJECT);
  });
});

describe('notification of the device', () => {
  test('a buffer comes back, little endian or in the byte order of a legacy guest', () => {
    for (const revision of [0, 1, 2]) {
      const d = new TestDriver(new Echo(), { revision });
      const { head, parts } = d.offer(0, { readable: [Uint8Array.of(1, 2), Uint8Array.of(3)], writable: [2, 8] });
      expect(d.kick()).toBe(true);
      expect(d.take()).toEqual([{ head, length: 3 }]);
      expect([...d.bytes(parts[2] ?? 0, 2), ...d.bytes(parts[3] ?? 0, 2)]).toEqual([1, 2, 3, 0]);
    }
  });

  test('a device is not used before its driver is ready, unless it is a legacy one', () => {
    for (const [revision, status, used] of [
      [2, 11, 0],
      [0, 3, 1],
    ] as const) {
      const d = new TestDriver(new Echo(), { revision });
      d.status(status);
      d.offer(0, chain);
      d.kick();
      expect(d.take()).toHaveLength(used);
    }
  });

  test('a queue that is not there, and one that was not set up', () => {
    const echo = new Echo();
    const d = new TestDriver(echo);
    expect(d.kick(2)).toBe(false);
    d.setQueue(1, 0);
    expect(d.kick(1)).toBe(true);
    expect(echo.log).toEqual(['notified 1']);
  });
});

describe('notification of the driver', () => {
  test('classic: a bit from the right, and the subchannel speaks up', () => {
    const d = new TestDriver(new Echo());
    d.offer(1, chain);
    d.kick(1);
    expect(d.bench.hex(place.indicators, 8)).toBe('0000000000000002');
    expect(d.bench.pending).toMatchObject([{ subchannelId: 1, subchannelNumber: 1, word: 0x0800_0000 }]);
    d.offer(0, chain);
    d.kick(0);
    expect(d.bench.hex(place.indicators, 8)).toBe('0000000000000003');
    expect(d.bench.pending).toHaveLength(1);
    d.bench.io(opcode.tsch, { gr1: schid(1) });
    expect(d.bench.view.getUint16(at.operand + 2)).toBe(0x0011);
  });

  test('adapter: a bit from the left and the summary, an interruption when that was clear', () => {
    const d = new TestDriver(new Echo(), { adapter: true });
    for (const queue of [1, 0]) {
      d.offer(queue, chain);
      d.kick(queue);
    }
    expect(d.bench.hex(place.queueBits, 3)).toBe('000600');
    expect(d.bench.hex(place.summary, 1)).toBe('01');
    expect(d.bench.pending).toEqual([{ subchannelId: 0, subchannelNumber: 0, parameter: 0, word: 0xa800_0000 }]);
    d.bench.bytes[place.summary] = 0;
    d.offer(0, chain);
    d.kick();
    expect(d.bench.pending).toHaveLength(2);
  });

  test('not when the driver does not want to be disturbed', () => {
    const d = new TestDriver(new Echo());
    d.view.setUint16(d.available(0), 1, true);
    d.offer(0, chain);
    d.kick();
    expect([d.take().length, d.bench.pending]).toEqual([1, []]);
  });

  test('with event indices: when the one it waits for is there, and the device says what it waits for', () => {
    const d = new TestDriver(new Echo(), { features: EVENT_INDEX });
    const event = d.available(0) + 4 + 2 * QUEUE_SIZE;
    const disturbed = (): boolean => d.bench.pending.splice(0).length > 0;
    const once = (): boolean => {
      d.offer(0, chain);
      d.kick();
      d.bench.io(opcode.tsch, { gr1: schid(1) });
      const said = d.view.getUint8(place.indicators + 7) === 1;
      d.view.setUint8(place.indicators + 7, 0);
      return said;
    };
    d.view.setUint16(event, 0, true);
    expect(once()).toBe(true);
    d.view.setUint16(event, 2, true);
    expect([once(), once(), once()]).toEqual([false, true, false]);
    expect(d.view.getUint16(d.used(0) + 4 + 8 * QUEUE_SIZE, true)).toBe(4);
    expect(disturbed()).toBe(false);
  });

  test('indicators outside storage disturb nobody', () => {
    const d = new TestDriver(new Echo());
    d.command(c.setIndicators, doublewords(0x7fff_fff8));
    d.offer(0, chain);
    d.kick();
    expect([d.take().length, d.bench.pending]).toEqual([1, []]);
  });
});

describe('chains', () => {
  test('an indirect table', () => {
    const d = new TestDriver(new Echo(), { features: INDIRECT });
    const { head, parts } = d.offer(0, {
      readable: [Uint8Array.of(5), Uint8Array.of(6)],
      writable: [4],
      indirect: true,
    });
    d.kick();
    expect(d.take()).toEqual([{ head, length: 2 }]);
    expect([...d.bytes(parts[2] ?? 0, 3)]).toEqual([5, 6, 0]);
  });

  /** Puts descriptors [address, length, flags, next] at the start of the table, and offers the first. */
  function broken(d: TestDriver, descriptors: readonly (readonly [number, number, number, number])[], head = 0): void {
    for (const [i, [address, length, flags, next]] of descriptors.entries()) {
      d.descriptor(place.queue(0) + 16 * i, address, length, flags, next);
    }
    d.makeAvailable(0, head);
    d.kick();
  }

  test.each([
    [
      'a loop',
      [
        [0x4_0000, 8, 1, 1],
        [0x4_0000, 8, 1, 0],
      ],
      0,
    ],
    ['a head outside the table', [], QUEUE_SIZE],
    ['a next outside the table', [[0x4_0000, 8, 1, QUEUE_SIZE]], 0],
    [
      'room ahead of bytes',
      [
        [0x4_0000, 8, 3, 1],
        [0x4_0000, 8, 0, 0],
      ],
      0,
    ],
    ['bytes outside storage', [[0x7fff_0000, 8, 0, 0]], 0],
    [
      'room outside storage',
      [
        [0x4_0000, 8, 1, 1],
        [0x7fff_0000, 8, 2, 0],
      ],
      0,
    ],
    ['more than can be', [[0, 0xffff_ffff, 0, 0]], 0],
    ['an indirect table inside another', [[place.queue(0), 32, 4, 0]], 0],
    ['an indirect table of a part', [[0x4_0000, 24, 4, 0]], 0],
    ['an empty indirect table', [[0x4_0000, 0, 4, 0]], 0],
    ['an indirect table that chains', [[0x4_0000, 16, 5, 1]], 0],
    ['an indirect table outside storage', [[0x7fff_0000, 16, 4, 0]], 0],
  ] as const)('%s stops the device, which asks for a reset', (_, descriptors, head) => {
    const d = new TestDriver(new Echo(), { features: INDIRECT });
    broken(d, descriptors, head);
    expect(d.take()).toEqual([]);
    expect(d.readStatus()).toBe(15 | 64);
    expect(d.bench.hex(place.configurationIndicators, 8)).toBe('0000000000000001');
    d.offer(0, chain);
    d.kick();
    expect(d.take()).toEqual([]);
  });

  test('an indirect table that was not negotiated stops it too', () => {
    const d = new TestDriver(new Echo());
    broken(d, [[0x4_0000, 16, 4, 0]]);
    expect(d.readStatus()).toBe(15 | 64);
  });

  test('more available buffers than there can be', () => {
    const d = new TestDriver(new Echo());
    d.view.setUint16(d.available(0) + 2, QUEUE_SIZE + 1, true);
    d.kick();
    expect(d.readStatus()).toBe(15 | 64);
  });

  test('a ring outside storage', () => {
    const d = new TestDriver(new Echo());
    const rest = doublewords(0x7fff_0000, d.used(0));
    d.command(c.setQueue, [...doublewords(place.queue(0)), 0, 0, 0, 0, ...halves(0, 8), ...rest]);
    d.kick();
    expect(d.readStatus()).toBe(15 | 64);
  });

  test('rings go round', () => {
    const d = new TestDriver(new Echo(), { features: EVENT_INDEX });
    for (let i = 0; i < 70_000; i++) {
      d.offer(0, { readable: [Uint8Array.of(i)], writable: [] });
      if (i % 5 === 0) {
        d.kick();
        d.take();
      }
      // The places of buffers are not given back by the test driver: start anew now and then.
      if (i % 1000 === 999) d.startBuffersAnew();
    }
    d.kick();
    expect(d.readStatus()).toBe(15);
  });
});
