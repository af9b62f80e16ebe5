import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { EscapeFilter, readConsole } from '../../../src/cli/console-input.ts';
import { ConsoleOutput } from '../../../src/cli/console-output.ts';
import { fakeHost } from './fake-host.ts';

describe('the escape key', () => {
  const filter = (...chunks: readonly string[]): { out: string; did: string[] } => {
    const did: string[] = [];
    const escapes = new EscapeFilter(
      () => did.push('quit'),
      () => did.push('help'),
    );
    const out = chunks
      .map((chunk) => Buffer.from(escapes.filter(Buffer.from(chunk, 'latin1'))).toString('latin1'))
      .join('');
    return { out, did };
  };

  test.each([
    [['abc'], 'abc', []],
    [['a\x01xb'], 'ab', ['quit']],
    [['a\x01', 'xb'], 'ab', ['quit']],
    [['\x01\x01x'], '\x01x', []],
    [['\x01h\x01?'], '', ['help', 'help']],
    [['\x01zx'], 'x', []],
    [['\x03\xff'], '\x03\xff', []],
  ])('%j', (chunks, out, did) => {
    expect(filter(...chunks)).toEqual({ out, did });
  });
});

describe('standard input', () => {
  const sinkOf = (): { typed: string[]; did: string[]; sink: Parameters<typeof readConsole>[1] } => {
    const typed: string[] = [];
    const did: string[] = [];
    const sink = {
      typed: (bytes: Uint8Array) => void typed.push(Buffer.from(bytes).toString('latin1')),
      quit: () => void did.push('quit'),
      help: () => void did.push('help'),
    };
    return { typed, did, sink };
  };

  test('of a terminal is raw, with escapes, and gets its mode back', async () => {
    const host = fakeHost({ terminal: true });
    const { typed, did, sink } = sinkOf();
    const restore = readConsole(host, sink);
    host.stdin.write('a\x01xb\x03');
    await new Promise((resolve) => setImmediate(resolve));
    restore();
    expect({ typed: typed.join(''), did, modes: host.rawModes }).toEqual({
      typed: 'ab\x03',
      did: ['quit'],
      modes: [true, false],
    });
  });

  test('of a pipe goes to the guest as it is, and its end is nothing', async () => {
    const host = fakeHost();
    const { typed, did, sink } = sinkOf();
    readConsole(host, sink);
    host.stdin.end('a\x01xb');
    await new Promise((resolve) => host.stdin.once('end', resolve));
    expect({ typed: typed.join(''), did }).toEqual({ typed: 'a\x01xb', did: [] });
  });
});

describe('console output', () => {
  test('that nobody takes tells the guest to wait, and then to go on', async () => {
    const done: (() => void)[] = [];
    const slow = new Writable({ write: (_chunk, _encoding, next) => void done.push(next) });
    const output = new ConsoleOutput('stdio', { ...fakeHost(), stdout: slow });
    const states: boolean[] = [];
    output.listen({ full: (waiting) => states.push(waiting), closed: () => undefined });
    for (let i = 0; i < 20; i++) output.write(new Uint8Array(1 << 17));
    expect(states).toEqual([true]);
    while (states.length < 2) {
      done.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(states).toEqual([true, false]);
  });

  test('that nobody reads any more is said once, and not written to again', async () => {
    const error = Object.assign(new Error('gone'), { code: 'EPIPE' });
    const stdout = new Writable({ write: (_chunk, _encoding, next) => next(error) });
    const output = new ConsoleOutput('stdio', { ...fakeHost(), stdout });
    const closed = new Promise((resolve) => output.listen({ full: () => undefined, closed: resolve }));
    output.write(Uint8Array.of(1));
    expect(await closed).toBe(error);
    output.write(Uint8Array.of(2));
    await output.flush();
  });

  test('goes to subscribers, whose bytes the caller may not change, until they leave', () => {
    const output = new ConsoleOutput('none', fakeHost());
    const got: Uint8Array[] = [];
    const leave = output.subscribe((bytes) => void got.push(bytes));
    const bytes = Uint8Array.of(1, 2);
    output.write(bytes);
    bytes[0] = 9;
    leave();
    output.write(bytes);
    expect(got).toEqual([Uint8Array.of(1, 2)]);
  });

  test('knows whether its line is open', () => {
    const output = new ConsoleOutput('none', fakeHost());
    output.write(Buffer.from('a'));
    expect(output.lineOpen).toBe(true);
    output.write(Buffer.from('\n'));
    output.write(new Uint8Array(0));
    expect(output.lineOpen).toBe(false);
  });
});
