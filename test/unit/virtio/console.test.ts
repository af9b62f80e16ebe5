import { expect, test } from 'vitest';
import { VirtioConsole } from '../../../src/virtio/console.ts';
import { TestDriver } from '../arch/s390x/vmm/virtio-ccw/driver.ts';

const RECEIVE = 0;
const TRANSMIT = 1;
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

function console_(): { driver: TestDriver; said: string[] } {
  const said: string[] = [];
  return { driver: new TestDriver(new VirtioConsole((b) => void said.push(Buffer.from(b).toString()))), said };
}

test('what the guest writes comes out', () => {
  const { driver, said } = console_();
  driver.offer(TRANSMIT, { readable: [bytes('hel'), bytes('lo')] });
  driver.offer(TRANSMIT, { readable: [bytes(' world')] });
  driver.kick(TRANSMIT);
  expect(said).toEqual(['hello', ' world']);
  expect(driver.take(TRANSMIT)).toMatchObject([{ length: 0 }, { length: 0 }]);
});

test('what is typed goes into the buffers that wait, and waits for others', () => {
  const { driver } = console_();
  const first = driver.offer(RECEIVE, { writable: [4] });
  driver.kick(RECEIVE);
  driver.device.received(bytes('typed\n'));
  expect(driver.take(RECEIVE)).toEqual([{ head: first.head, length: 4 }]);
  expect(Buffer.from(driver.bytes(first.parts[0] ?? 0, 4)).toString()).toBe('type');
  const second = driver.offer(RECEIVE, { writable: [16] });
  driver.kick(RECEIVE);
  expect(driver.take(RECEIVE)).toEqual([{ head: second.head, length: 2 }]);
  expect(Buffer.from(driver.bytes(second.parts[0] ?? 0, 2)).toString()).toBe('d\n');
});

test('what is typed before the guest listens is not lost, up to a limit', () => {
  const { driver } = console_();
  for (let i = 0; i < 3; i++) driver.device.received(new Uint8Array(40_000));
  for (let i = 0; i < 3; i++) driver.offer(RECEIVE, { writable: [30_000] });
  driver.kick(RECEIVE);
  expect(driver.take(RECEIVE).map((u) => u.length)).toEqual([30_000, 30_000, 5536]);
});

test('a buffer without room does not keep it for ever', () => {
  const { driver } = console_();
  driver.offer(RECEIVE, { readable: [bytes('x')] });
  driver.device.received(bytes('y'));
  expect(driver.take(RECEIVE).map((u) => u.length)).toEqual([0]);
});
