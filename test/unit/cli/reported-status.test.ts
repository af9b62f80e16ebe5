import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textToEbcdic } from '../../../src/arch/s390x/vmm/ebcdic.ts';
import type { ConsoleKind } from '../../../src/arch/s390x/vmm/sclp/console-input.ts';
import { main } from '../../../src/cli/cli.ts';
import { ReportedStatus } from '../../../src/cli/reported-status.ts';
import { encode } from '../../support/s390x/isa.ts';
import { fakeHost } from './fake-host.ts';

const ENTRY = 0x1_0000;
/** SCCBs, a page each. */
const SCCBS = 0x1_2000;
const WAIT_PSW = 0x1_1000;

/** How a guest ends after it has written. */
const ends = {
  stop: [encode('SIGP', { r1: 0, r3: 1, b2: 0, d2: 5 })],
  wait: [encode('LGHI', { r1: 3, i2: 0 }), encode('LGFI', { r1: 3, i2: WAIT_PSW }), encode('LPSWE', { b2: 3, d2: 0 })],
  loop: [Uint8Array.of(0, 0)],
  forever: [encode('BRC', { m1: 15, ri2: 0 })],
} as const;

interface Writing {
  readonly from: ConsoleKind;
  readonly text: string;
}

/** "Write event data" of a text: bytes for the ASCII console, a message with one text object a line for the other. */
function sccb({ from, text }: Writing): Buffer {
  const data = from === 'ascii' ? Buffer.from(text, 'latin1') : message(text.split('\n'));
  const block = Buffer.alloc(14 + data.length);
  block.writeUInt16BE(block.length, 0);
  block.writeUInt16BE(6 + data.length, 8);
  block.writeUInt8(from === 'ascii' ? 0x1a : 0x02, 10);
  data.copy(block, 14);
  return block;
}
function message(lines: readonly string[]): Buffer {
  const objects = lines.map((line) => {
    const object = Buffer.concat([Buffer.alloc(10), textToEbcdic(line, 'cp500')]);
    object.writeUInt16BE(object.length, 0);
    object.writeUInt16BE(4, 2);
    return object;
  });
  const block = Buffer.concat([Buffer.alloc(12), ...objects]);
  block.writeUInt16BE(block.length, 0);
  return block;
}

/** A raw image that writes and ends. */
function image(writings: readonly Writing[], end: keyof typeof ends): Buffer {
  const bytes = Buffer.alloc(SCCBS + writings.length * 0x1000 + 1);
  const calls = writings.flatMap((_, i) => [
    encode('LGFI', { r1: 4, i2: 0x0076_0005 }),
    encode('LGFI', { r1: 5, i2: SCCBS + i * 0x1000 }),
    encode('SERVC', { r1: 4, r2: 5 }),
  ]);
  Buffer.concat([...calls, ...ends[end]]).copy(bytes, ENTRY);
  bytes.write('00020001800000000000000000000bad', WAIT_PSW, 'hex');
  for (const [i, writing] of writings.entries()) sccb(writing).copy(bytes, SCCBS + i * 0x1000);
  return bytes;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestscope-status-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const quick = ['--gdb', 'none', '--memory', '2M', '--clock', 'virtual'];
async function run(writings: readonly Writing[], end: keyof typeof ends = 'stop') {
  const file = join(folder, 'image');
  writeFileSync(file, image(writings, end));
  const host = fakeHost();
  const { status } = await main(['run', file, ...quick], host);
  return { status, out: host.stdout.text, err: host.stderr.text };
}
const ascii = (text: string): Writing => ({ from: 'ascii', text });
const line = (text: string): Writing => ({ from: 'line', text });

describe('a guest that stops its CPUs after EXIT: STATUS=n', () => {
  test('and passed ends the program with 0, and nothing more is said', async () => {
    const { status, out, err } = await run([ascii('PASS: all\n\nEXIT: STATUS=1\n')]);
    expect({ status, out }).toEqual({ status: 0, out: 'PASS: all\n\nEXIT: STATUS=1\n' });
    expect(err).not.toContain('reported');
  });

  test.each([
    ['on the ASCII console', [ascii('\nEXIT: STATUS=3\n')]],
    ['on the line-mode console', [line('EXIT: STATUS=3')]],
    ['on both', [ascii('\nEXIT: STATUS=1\n'), line('\nEXIT: STATUS=3')]],
    ['in pieces', [ascii('\nEX'), ascii('IT: STATUS='), ascii('3\n')]],
    ['in pieces between lines of the other console', [ascii('EXIT: STA'), line('FAIL: x'), ascii('TUS=3'), line('')]],
    ['with CR LF', [ascii('x\r\nEXIT: STATUS=3\r\n')]],
    ['without the end of the line', [ascii('x\nEXIT: STATUS=3')]],
    ['after another report', [ascii('EXIT: STATUS=1\nagain\nEXIT: STATUS=3\nbye\n')]],
  ])('and failed with 1, %s', async (_, writings) => {
    const { status, err } = await run(writings);
    expect(status).toBe(1);
    expect(err).toContain('guestscope: the guest ended: all CPUs are stopped\n');
    expect(err).toContain('guestscope: the guest reported EXIT: STATUS=3: exit status 1\n');
  });

  test('may have said something else that looks alike', async () => {
    const { status } = await run([ascii('no EXIT: STATUS=3\nEXIT: STATUS=3 or so\nEXIT: STATUS=\n')]);
    expect(status).toBe(0);
  });
});

describe('a guest that reports success', () => {
  test.each([
    ['wait', 'disabled wait at 0xbad'],
    ['loop', 'loop'],
  ] as const)('and crashes in a %s has crashed', async (end, words) => {
    const { status, err } = await run([ascii('EXIT: STATUS=1\n')], end);
    expect(status).toBe(1);
    expect(err).toContain(words);
  });
  test('or failure, and is ended by a user, has not ended by itself', async () => {
    const file = join(folder, 'runs');
    writeFileSync(file, image([ascii('EXIT: STATUS=7\n')], 'forever'));
    const host = fakeHost({ terminal: true });
    const ended = main(['run', file, ...quick], host);
    await host.stdout.until(/STATUS=7/);
    host.stdin.write('\x01x');
    expect((await ended).status).toBe(0);
  });
});

test.each([
  ['1', 0],
  ['3', 1],
  ['0', 0],
  ['2', 2],
  ['4', 4],
  ['5', 2],
  ['255', 127],
  ['511', 255],
  ['513', 255],
  ['1000', 255],
  ['99999999999999999999', 255],
  ['-1', 255],
])('EXIT: STATUS=%s stands for %i', (n, status) => {
  const reported = new ReportedStatus();
  reported.add(Buffer.from(`EXIT: STATUS=${n}\n`), 'line');
  expect(reported.last).toEqual({ line: `EXIT: STATUS=${n}`, status });
});

test('a line that never ends does not pile up, and is no report', () => {
  const reported = new ReportedStatus();
  for (let i = 0; i < 1000; i++) reported.add(Buffer.alloc(1000, ' '), 'ascii');
  reported.add(Buffer.from('EXIT: STATUS=3\n'), 'ascii');
  expect(reported.last).toBeUndefined();
  reported.add(Buffer.from('EXIT: STATUS=3\n'), 'ascii');
  expect(reported.last?.status).toBe(1);
});
