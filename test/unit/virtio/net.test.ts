import { expect, test } from 'vitest';
import { VirtioNet, wire } from '../../../src/virtio/net.ts';
import { type DriverChoice, TestDriver } from '../arch/s390x/vmm/virtio-ccw/driver.ts';

const RECEIVE = 0;
const TRANSMIT = 1;
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const frame = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

function card(choice?: DriverChoice): { driver: TestDriver; sent: Uint8Array[] } {
  const sent: Uint8Array[] = [];
  return { driver: new TestDriver(new VirtioNet({ send: (f) => void sent.push(f) }, MAC), choice), sent };
}

test('its address, and that the link is up', () => {
  expect([...card().driver.configuration(8)]).toEqual([...MAC, 1, 0]);
  expect([...card({ revision: 0 }).driver.configuration(8)]).toEqual([...MAC, 0, 1]);
});

test.each([
  [0, 10],
  [1, 12],
])('frames go out without their header, revision %i', (revision, header) => {
  const { driver, sent } = card({ revision });
  driver.offer(TRANSMIT, { readable: [frame(header, 0), frame(60, 7)] });
  driver.offer(TRANSMIT, { readable: [frame(header + 64, 9)] });
  driver.offer(TRANSMIT, { readable: [frame(header, 0)] });
  driver.kick(TRANSMIT);
  expect(sent).toEqual([frame(60, 7), frame(64, 9)]);
  expect(driver.take(TRANSMIT)).toHaveLength(3);
});

test.each([
  [0, '00000000000000000000'],
  [1, '000000000000000000000100'],
])('frames come in behind a header, revision %i', (revision, header) => {
  const { driver } = card({ revision });
  const { parts } = driver.offer(RECEIVE, { writable: [4, 1500] });
  driver.kick(RECEIVE);
  driver.device.received(frame(60, 5));
  expect(driver.take(RECEIVE).map((u) => u.length)).toEqual([header.length / 2 + 60]);
  const [a = 0, b = 0] = parts;
  const all = Buffer.concat([driver.bytes(a, 4), driver.bytes(b, header.length / 2 + 56)]);
  expect(all.toString('hex')).toBe(header + '05'.repeat(60));
});

test('a frame that does not fit is lost, and its buffer waits for the next', () => {
  const { driver } = card();
  const { head } = driver.offer(RECEIVE, { writable: [100] });
  driver.device.received(frame(200, 1));
  expect(driver.take(RECEIVE)).toEqual([]);
  driver.device.received(frame(60, 2));
  expect(driver.take(RECEIVE)).toEqual([{ head, length: 72 }]);
});

test('frames wait for buffers, so many and no more; not for a card that nobody drives', () => {
  const { driver } = card();
  for (let i = 0; i < 300; i++) driver.device.received(frame(60, i));
  let received = 0;
  for (let i = 0; i < 300; i++) {
    driver.startBuffersAnew();
    driver.offer(RECEIVE, { writable: [100] });
    driver.kick(RECEIVE);
    received += driver.take(RECEIVE).length;
    if (received === i) break;
  }
  expect(received).toBe(256);
  const idle = card().driver;
  idle.command(0x33);
  idle.device.received(frame(60, 1));
  idle.setQueue(RECEIVE);
  idle.writeFeatures(1n << 32n);
  idle.status(15);
  idle.offer(RECEIVE, { writable: [100] });
  idle.kick(RECEIVE);
  expect(idle.take(RECEIVE)).toEqual([]);
});

test('a MAC address of another length is our mistake', () => {
  expect(() => new VirtioNet({ send: () => undefined }, new Uint8Array(5))).toThrow('6 bytes');
});

test('a wire joins two cards', () => {
  const [a, b] = wire();
  const left = new TestDriver(new VirtioNet(a, MAC));
  const right = new TestDriver(new VirtioNet(b, MAC));
  a.onFrame = (f) => left.device.received(f);
  b.onFrame = (f) => right.device.received(f);
  right.offer(RECEIVE, { writable: [1514] });
  left.offer(TRANSMIT, { readable: [frame(12 + 60, 3)] });
  left.kick(TRANSMIT);
  expect(right.take(RECEIVE).map((u) => u.length)).toEqual([72]);
});
