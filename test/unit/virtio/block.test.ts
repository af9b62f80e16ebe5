import { describe, expect, test } from 'vitest';
import { type BlockBackend, MemoryDisk, VirtioBlock } from '../../../src/virtio/block.ts';
import { type Chain, type DriverChoice, TestDriver } from '../arch/s390x/vmm/virtio-ccw/driver.ts';

const SECTORS = 64;
const request = { read: 0, write: 1, flush: 4, getId: 8, discard: 11, writeZeroes: 13 } as const;
const OK = 0;
const IO_ERROR = 1;
const UNSUPPORTED = 2;

interface Disk {
  readonly driver: TestDriver;
  readonly disk: MemoryDisk;
}

function disk(
  options: { readOnly?: boolean; serial?: string; backend?: BlockBackend } = {},
  choice?: DriverChoice,
): Disk {
  const bytes = Uint8Array.from({ length: SECTORS * 512 }, (_, i) => (i >>> 9) + i);
  const memory = new MemoryDisk(bytes);
  return { driver: new TestDriver(new VirtioBlock({ backend: memory, ...options }), choice), disk: memory };
}

function header(d: TestDriver, type: number, sector: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, d.littleEndian);
  view.setBigUint64(8, sector, d.littleEndian);
  return bytes;
}

/** Does a request: its status, what was written into its room, and the length that the used ring tells. */
function submit(d: TestDriver, type: number, sector: bigint, { readable = [], writable = [] }: Chain = {}) {
  const { parts } = d.offer(0, { readable: [header(d, type, sector), ...readable], writable: [...writable, 1] });
  d.kick();
  const [used] = d.take();
  const room = parts.slice(1 + readable.length);
  const data = writable.map((length, i) => d.bytes(room[i] ?? 0, length));
  return {
    status: d.bytes(room.at(-1) ?? 0, 1)[0],
    length: used?.length,
    data: Uint8Array.from(data.flatMap((b) => [...b])),
  };
}

function range(d: TestDriver, sector: bigint, count: number, flags = 0): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, sector, d.littleEndian);
  view.setUint32(8, count, d.littleEndian);
  view.setUint32(12, flags, d.littleEndian);
  return bytes;
}

describe.each([0, 2])('a disk, revision %i', (revision) => {
  test('tells its size and its block size in the byte order of the driver', () => {
    const { driver } = disk({}, { revision });
    const view = new DataView(driver.configuration(60).buffer);
    expect(view.getBigUint64(0, revision > 0)).toBe(BigInt(SECTORS));
    expect(view.getUint32(20, revision > 0)).toBe(512);
  });

  test('reads into scattered room', () => {
    const { driver, disk: memory } = disk({}, { revision });
    const { status, length, data } = submit(driver, request.read, 3n, { writable: [512, 1000, 24] });
    expect([status, length]).toEqual([OK, 1537]);
    expect(data).toEqual(memory.bytes.slice(3 * 512, 6 * 512));
  });

  test('writes what was scattered', () => {
    const { driver, disk: memory } = disk({}, { revision });
    const parts = [new Uint8Array(100).fill(0x11), new Uint8Array(412).fill(0x22)];
    expect(submit(driver, request.write, 9n, { readable: parts })).toMatchObject({ status: OK, length: 1 });
    expect([...memory.bytes.slice(9 * 512 + 98, 9 * 512 + 102)]).toEqual([0x11, 0x11, 0x22, 0x22]);
  });
});

test.each([
  ['a read past the end', request.read, 63n, { writable: [1024] }],
  ['a read far past the end', request.read, 1n << 62n, { writable: [512] }],
  ['a read of part of a sector', request.read, 0n, { writable: [511] }],
  ['a write past the end', request.write, 64n, { readable: [new Uint8Array(512)] }],
  ['a write of part of a sector', request.write, 0n, { readable: [new Uint8Array(1)] }],
])('%s is an error', (_, type, sector, chain) => {
  const { driver, disk: memory } = disk();
  const before = memory.bytes.slice();
  expect(submit(driver, type, sector, chain)).toMatchObject({ status: IO_ERROR, length: 1 });
  expect(memory.bytes).toEqual(before);
});

test('a disk to read only says so, and is not written', () => {
  const { driver } = disk({ readOnly: true });
  expect(driver.readFeatures() & ((1n << 5n) | (1n << 13n))).toBe(1n << 5n);
  expect(submit(driver, request.write, 0n, { readable: [new Uint8Array(512)] }).status).toBe(IO_ERROR);
  expect(submit(driver, request.writeZeroes, 0n, { readable: [range(driver, 0n, 1)] }).status).toBe(UNSUPPORTED);
  expect(submit(driver, request.read, 0n, { writable: [512] }).status).toBe(OK);
});

test('errors of the host are errors of the disk', () => {
  const backend: BlockBackend = { size: 4096, read: () => undefined, write: () => false, flush: () => false };
  const { driver } = disk({ backend });
  expect(submit(driver, request.read, 0n, { writable: [512] }).status).toBe(IO_ERROR);
  expect(submit(driver, request.write, 0n, { readable: [new Uint8Array(512)] }).status).toBe(IO_ERROR);
  expect(submit(driver, request.flush, 0n).status).toBe(IO_ERROR);
  expect(submit(driver, request.discard, 0n, { readable: [range(driver, 0n, 1)] }).status).toBe(UNSUPPORTED);
  expect(driver.readFeatures() & (3n << 13n)).toBe(0n);
});

test('flush, identification, and what there is not', () => {
  const { driver } = disk({ serial: 'a serial number that is too long' });
  expect(submit(driver, request.flush, 0n)).toMatchObject({ status: OK, length: 1 });
  const id = submit(driver, request.getId, 0n, { writable: [20] });
  expect([id.status, Buffer.from(id.data).toString()]).toEqual([OK, 'a serial number that']);
  expect(submit(driver, request.getId, 0n, { writable: [4] })).toMatchObject({ status: OK, length: 5 });
  expect(submit(driver, 2, 0n).status).toBe(UNSUPPORTED);
});

test('zeroes and discard', () => {
  const { driver, disk: memory } = disk();
  expect(submit(driver, request.writeZeroes, 0n, { readable: [range(driver, 2n, 3, 1)] }).status).toBe(OK);
  expect(memory.bytes.slice(1024, 2560).some((b) => b !== 0)).toBe(false);
  expect([memory.bytes[1022], memory.bytes[2561]]).toEqual([(1 + 1022) & 255, (5 + 2561) & 255]);
  expect(submit(driver, request.discard, 0n, { readable: [range(driver, 63n, 2)] }).status).toBe(IO_ERROR);
  expect(submit(driver, request.discard, 0n, { readable: [range(driver, 0n, 1, 2)] }).status).toBe(UNSUPPORTED);
  expect(submit(driver, request.discard, 0n, { readable: [new Uint8Array(15)] }).status).toBe(IO_ERROR);
});

test('a request without a whole header fails, one without room for its status is just used up', () => {
  const { driver } = disk();
  const { parts } = driver.offer(0, { readable: [new Uint8Array(15)], writable: [1] });
  driver.offer(0, { readable: [header(driver, request.flush, 0n)] });
  driver.kick();
  expect(driver.take().map((u) => u.length)).toEqual([1, 0]);
  expect(driver.bytes(parts[1] ?? 0, 1)[0]).toBe(IO_ERROR);
});
