/** A session by hand, on the real clock, of a program that is killed: whenever that is, what it has left is replayed. */

import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FrameReader, frameBytes } from '../../src/cli/wire/ethernet-stream.ts';
import { BUSY, busyImages, PEER } from '../support/busy-linux.ts';
import { Output } from '../support/guest-process.ts';
import { findLinux } from '../support/linux.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';
import { describeUnless } from '../support/tools.ts';
import { answer } from './peer.ts';

/** How long somebody types, and how often what is in the file then is kept, as a process would leave it that is killed then. */
const { seconds, kills } = process.env.GUESTSCOPE_LONG === '1' ? { seconds: 600, kills: 20 } : { seconds: 5, kills: 1 };
const program = process.env.GUESTSCOPE_PROGRAM ?? `${root}dist/cli/main.js`;
const found = await findLinux();
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A program with what it says, and its exit status. */
function started(args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [console, words] = [new Output(), new Output()];
  child.stdout.on('data', (chunk: Buffer) => console.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => words.add(chunk));
  child.stdin.on('error', () => undefined);
  const end = new Promise<number | null>((resolve) => child.once('close', resolve));
  void end.then(() => {
    console.end();
    words.end();
  });
  return { child, console, words, end };
}

/** Connects to where the program says that it waits. */
async function peerOf(words: Output, what: string): Promise<Socket> {
  const [, port = ''] = await words.find(new RegExp(`${what}: waits for its peer on 127\\.0\\.0\\.1:(\\d+)`));
  const socket = connect(Number(port), '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => undefined);
  return socket;
}

describeUnless(found.lacks, 'a Linux with two CPUs, a disk, a peer and two consoles, on the real clock', () => {
  test('killed at any time, has left a recording that is replayed to its last whole interval', async () => {
    if (found.kernel === undefined) throw new Error('there is no kernel');
    const folder = mkdtempSync(join(tmpdir(), 'guestscope-session-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = (name: string): string => join(folder, name);
    const { kernel, initramfs, commandLine } = busyImages(found.kernel);
    writeFileSync(file('kernel'), kernel);
    writeFileSync(file('initramfs'), initramfs);
    writeFileSync(file('disk'), new Uint8Array(1 << 20).fill(7));
    const { child, console, words, end } = started([
      ...['record', file('recording'), '--', 'run', file('kernel'), '--initrd', file('initramfs')],
      ...['--append', commandLine, '--memory', '128M', '--smp', '2', '--disk', file('disk'), '--gdb', 'none'],
      ...['--net', 'listen=0', '--hvc', '0', '--clock', 'real'],
    ]);
    const wire = await peerOf(words, 'network card');
    const frames = new FrameReader();
    wire.on('data', (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) {
        const reply = answer(frame, PEER);
        if (reply !== undefined) wire.write(frameBytes(reply));
      }
    });
    const hvc = await peerOf(words, 'console hvc0');
    const heard = new Output();
    hvc.on('data', (chunk: Buffer) => heard.add(chunk));
    await console.find(new RegExp(BUSY));

    const random = randomWords(9);
    const over = performance.now() + seconds * 1000;
    const left: string[] = [];
    for (let i = 0; performance.now() < over; i++) {
      const line = `line ${random()}`;
      child.stdin.write(`${line}\n`);
      hvc.write(`typed ${i}\n`);
      // What is echoed has been recorded.
      await console.find(new RegExp(line));
      await wait(random() % 1500);
      if (random() % Math.ceil(seconds / kills) > 0) continue;
      left.push(file(`left-${i}`));
      copyFileSync(file('recording'), left.at(-1) ?? '');
    }
    await console.find(/[0-9a-f]{32} {2}-/);
    await heard.find(/heard typed \d+\r\n/);
    child.kill('SIGKILL');
    await end;
    for (const recording of [...left, file('recording')]) {
      const replay = started(['replay', recording, '--gdb', 'none', '--console', 'stdio']);
      expect(await replay.end, replay.words.text).toBe(0);
      expect(replay.words.text).toMatch(/replayed to the end: \d+ inputs, \d+ intervals, all as they were/);
      expect(console.text.startsWith(replay.console.text), recording).toBe(true);
      expect(replay.console.text).toContain(BUSY);
    }
  });
});
