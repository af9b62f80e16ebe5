import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../../src/cli/cli.ts';
import { root } from '../../support/sources.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

const ENTRY = 0x1_0000;
/** Instructions at the entry of a raw image; bytes elsewhere by address. */
function image(code: string, elsewhere: Readonly<Record<number, string>> = {}): Buffer {
  const bytes = Buffer.alloc(ENTRY + 0x100);
  bytes.write(code, ENTRY, 'hex');
  for (const [at, hex] of Object.entries(elsewhere)) bytes.write(hex, Number(at), 'hex');
  return bytes;
}
const images = {
  // sigp %r0,%r1,5: stop, this CPU
  stops: image('ae010005'),
  // lpswe 0x200, a disabled wait
  waits: image('b2b20200', { 0x200: '00020001800000000000000000000bad' }),
  // No instruction, and the program new PSW leads to one that is none either.
  loops: image('0000'),
  // lghi %r2,0; lghi %r3,15; lghi %r4,0; diag %r2,%r4,0x288; lpswe 0x200, an enabled wait. Restarted: stop, this CPU
  watched: image('a7290000a739000fa749000083240288b2b20200', {
    0x1a0: '00000001800000000000000000010050',
    0x200: '01020001800000000000000000010000',
    0x1_0050: 'ae010005',
  }),
  // j .
  runs: image('a7f40000'),
};

let folder = '';
const path = (name: keyof typeof images): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestscope-cli-'));
  for (const [name, bytes] of Object.entries(images)) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, 'empty'), '');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(...args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost();
  const { status } = await main(args, host);
  return { status, out: host.stdout.text, err: host.stderr.text };
}

describe('a mistake ends with status 2 and a code:', () => {
  test.each([
    ['a disk', ['--disk', '/etc/passwd'], 'console and no other device'],
    ['a network card', ['--net', 'listen=0'], 'console and no other device'],
    ['another console', ['--hvc', '0'], 'console and no other device'],
    ['a watchdog', ['--watchdog', 'stop'], 'no watchdog'],
    ['symbols of a module', ['--module', '/etc/passwd'], 'add-symbol-file'],
  ])('a ppc64 guest cannot have %s', async (_, args, words) => {
    const { status, out, err } = await run('run', `${root}guests/demo-ppc64/demo.elf`, '--gdb', 'none', ...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(new RegExp(`^guestscope: ${args[0]}: [^\\n]*${words}[^\\n]* \\[no-such-device\\]\\n$`));
  });

  test.each([
    ['no command', [], 'usage', 'guestscope demo'],
    ['an unknown command', ['dmo'], 'usage', 'demo'],
    ['an unknown option', ['demo', '--clok', 'real'], 'usage', 'did you mean --clock?'],
    ['an unknown option that eats the image', ['run', '--bogus', 'x'], 'usage', 'there is no option --bogus'],
    ['a word too many', ['demo', 'extra'], 'usage', 'extra'],
    ['no image', ['run'], 'usage', 'IMAGE'],
    ['an option without its value', ['run', 'x', '--append'], 'usage', 'append'],
    ['a clock that is none', ['demo', '--clock', 'sun'], 'usage', 'give real or virtual'],
    ['a shell that is none', ['completion', 'fish'], 'usage', 'give bash or zsh'],
    ['a bad memory size', ['run', 'x', '--memory', '1.5G'], 'memory-size', '512M'],
    ['a bad number of vCPUs', ['run', 'x', '--smp', '0'], 'smp-count', '1 to 248'],
    ['a bad gdb address', ['demo', '--gdb', 'here'], 'gdb-address', 'HOST:PORT'],
    ['waiting for nobody', ['demo', '--wait', '--gdb', 'none'], 'wait-without-gdb', 'leave one'],
    ['an image that is not there', ['run', '/nonexistent/x'], 'image-unreadable', '/nonexistent/x'],
    [
      'a console that cannot be written',
      ['demo', '--gdb', 'none', '--console', '/nonexistent/x'],
      'console-unwritable',
      '/nonexistent/x',
    ],
  ])('%s', async (_, args, code, words) => {
    const { status, out, err } = await run(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(new RegExp(`^guestscope: [^\\n]* \\[${code}\\]\\n$`));
    expect(err).toContain(words);
  });

  test('an ELF file of this computer, which is named', async () => {
    const { status, err } = await run('run', process.execPath, '--gdb', 'none', '--memory', '2M');
    expect(status).toBe(2);
    expect(err).toMatch(/^guestscope: the ELF file is for [^ ]+: .* s390x or ppc64 \[elf-machine\]\n$/);
  });

  test('a disk that is not there, which would not help to read only', async () => {
    const quick = ['--gdb', 'none', '--memory', '2M'];
    const { status, err } = await run('run', path('stops'), ...quick, '--disk', '/nonexistent/d');
    expect(status).toBe(2);
    expect(err).toMatch(/^guestscope: cannot open the disk: .*\/nonexistent\/d' \[disk-unusable\]\n$/);
  });

  test('too little storage for the image, of which it is said what a number alone means', async () => {
    const large = join(folder, 'large');
    writeFileSync(large, Buffer.concat([images.stops, Buffer.alloc(2 << 20)]));
    const { status, err } = await run('run', large, '--gdb', 'none', '--memory', '1');
    expect(status).toBe(2);
    expect(err).toMatch(/the guest has 1M of storage, .*\(--memory 1 means 1M\) \[storage-too-small\]\n$/);
  });

  test('one of two disks that is not there, whichever it is: both are opened', async () => {
    const disk = join(folder, 'disk');
    writeFileSync(disk, Buffer.alloc(4096));
    for (const pair of [
      ['--disk', disk, '--disk', '/nonexistent/d'],
      ['--disk', '/nonexistent/d', '--disk', disk],
    ]) {
      const { err } = await run('run', ...pair, path('stops'), '--gdb', 'none', '--memory', '2M');
      expect(err).toContain('[disk-unusable]');
    }
    const { status } = await run(
      'run',
      '--disk',
      `${disk},ro`,
      '--disk',
      disk,
      path('stops'),
      '--gdb',
      'none',
      '--memory',
      '2M',
    );
    expect(status).toBe(0);
  });

  test('a port that is given twice, before anything is said of the guest', async () => {
    const { status, err } = await run('run', path('stops'), '--gdb', '5555', '--hvc', '5555');
    expect(status).toBe(2);
    expect(err).toMatch(/^guestscope: port 5555 is given twice, .* \[port-twice\]\n$/);
  });

  test('an image or RAM disk without an end', async () => {
    expect((await run('run', '/dev/zero', '--gdb', 'none')).err).toContain('is a device: give a file');
    const initrd = await run('run', path('stops'), '--initrd', '/dev/zero', '--gdb', 'none');
    expect(initrd.err).toContain('[initrd-unreadable]');
  });

  test('an image or RAM disk that the loader refuses', async () => {
    expect((await run('run', join(folder, 'empty'), '--gdb', 'none')).err).toContain('[image-empty]');
    const initrd = await run('run', path('stops'), '--initrd', '/nonexistent/r', '--gdb', 'none');
    expect(initrd.err).toContain('[initrd-unreadable]');
  });

  test('a port that is taken, before anything is said of the guest', async () => {
    const taken: Server = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { status, err } = await run('run', path('stops'), '--gdb', String(port), '--memory', '2M');
    taken.close();
    expect(status).toBe(2);
    expect(err).toMatch(
      new RegExp(`^guestscope: port ${port} on 127\\.0\\.0\\.1 is taken, .*--gdb .* \\[gdb-address-in-use\\]\\n$`),
    );
  });
});

describe("a guest whose watchdog's time runs out", () => {
  const watched = (...options: readonly string[]): string[] => [
    ...['run', path('watched'), '--gdb', 'none', '--memory', '2M', '--clock', 'virtual'],
    ...options,
  ];

  test('ends, and that is why, with --watchdog stop', async () => {
    const { status, err } = await run(...watched('--watchdog', 'stop'));
    expect(status).toBe(1);
    expect(err).toContain("the guest crashed: CPU 0: the watchdog's time has run out");
  });

  test('is restarted by an interruption of its own with --watchdog restart', async () => {
    const { status, err } = await run(...watched('--watchdog', 'restart'));
    expect({ status, crashed: err.includes('crashed') }).toEqual({ status: 0, crashed: false });
  });

  test('is loaded again with --watchdog reset, and when nothing is said', async () => {
    for (const options of [['--watchdog', 'reset'], []]) {
      const host = fakeHost();
      const ended = main(watched(...options), host);
      await host.stderr.until(/loaded again(.|\n)*loaded again/);
      host.signal('SIGTERM');
      expect((await ended).status).toBe(143);
    }
  });
});

test('--help and --version go to standard output and end with 0', async () => {
  const help = await run('--help');
  expect({ status: help.status, err: help.err }).toEqual({ status: 0, err: '' });
  expect(help.out).toContain('Exit status: 0 the guest stopped itself, 1 it crashed');
  const ofRun = await run('run', '--help');
  for (const option of ['initrd', 'append', 'memory', 'smp', 'gdb', 'wait', 'clock', 'console'])
    expect(ofRun.out).toContain(`--${option}`);
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  expect(await run('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
});

describe('the exit status of a guest that', () => {
  const quick = ['--gdb', 'none', '--memory', '2M', '--clock', 'virtual'];
  test('stops itself is 0', async () => {
    const { status, err } = await run('run', path('stops'), ...quick);
    expect(err).toContain('the guest ended: all CPUs are stopped');
    expect(status).toBe(0);
  });
  test('waits disabled is 1, with the PSW', async () => {
    const { status, err } = await run('run', path('waits'), ...quick);
    expect(err).toContain('the guest crashed: CPU 0: disabled wait at 0xbad');
    expect(err).toContain('PSW 0x0002000180000000 0x0000000000000bad (64-bit, DAT off, supervisor wait');
    expect(status).toBe(1);
  });
  test('loops in program interruptions is 1', async () => {
    const { status, err } = await run('run', path('loops'), ...quick);
    expect(err).toMatch(/the guest crashed: CPU 0: .*loop/);
    expect(status).toBe(1);
  });
});

/** Starts a program that goes on by itself, and ends it through `end`. */
async function goesOn(
  end: (host: FakeHost, port: number) => unknown,
  ...args: readonly string[]
): Promise<{ status: number; host: FakeHost }> {
  const host = fakeHost({ terminal: true });
  const ended = main(['run', path('runs'), '--memory', '2M', '--gdb', '0', ...args], host);
  const [, port] = await host.stderr.until(/gdb server on 127\.0\.0\.1:(\d+)/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await end(host, Number(port));
  const { status } = await ended;
  return { status, host };
}

/** Sends one packet without waiting for anything, and stays. */
function send(port: number, packet: string): void {
  const sum = [...packet].reduce((s, c) => s + c.charCodeAt(0), 0) & 255;
  const socket = connect(port, '127.0.0.1', () => socket.write(`$${packet}#${sum.toString(16).padStart(2, '0')}`));
  socket.on('error', () => undefined);
  socket.resume();
}

describe('a guest that goes on is ended by', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s, with its status and the terminal restored', async (signal, wanted) => {
    const { status, host } = await goesOn((h) => h.signal(signal));
    expect({ status, modes: host.rawModes, listening: host.listening }).toEqual({
      status: wanted,
      modes: [true, false],
      listening: 0,
    });
    expect(host.stderr.text).toContain(`ended by ${signal}`);
  });

  test('Ctrl-A x, with status 0; Ctrl-A h says so before', async () => {
    const { status, host } = await goesOn((h) => void h.stdin.write('\x01h\x01x'));
    expect({ status, modes: host.rawModes }).toEqual({ status: 0, modes: [true, false] });
    expect(host.stderr.text.match(/Ctrl-A x quits/g)).toHaveLength(2);
  });

  test.each(['k', 'vKill;1'])("a debugger's %s, with status 0", async (packet) => {
    const { status, host } = await goesOn((_, port) => send(port, packet));
    expect(status).toBe(0);
    expect(host.stderr.text).toContain('killed by the debugger');
  });

  test('an error that nothing caught, with status 3 and every register', async () => {
    const { status, host } = await goesOn((h) => h.fault(new Error('flawed')), '--smp', '2');
    expect(status).toBe(3);
    expect(host.stderr.text).toContain('internal error, a fault of guestscope: Error: flawed');
    expect(host.stderr.text.match(/CPU \d: PSW 0x/g)).toHaveLength(2);
    expect(host.stderr.text).toContain('gr15 = 0x');
  });

  test('standard output that nobody reads any more', async () => {
    const { status } = await goesOn((h) => h.stdout.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })));
    expect(status).toBe(141);
  });
});

test('--wait: nothing runs until a debugger leaves', async () => {
  const host = fakeHost();
  const ended = main(['run', path('stops'), '--memory', '2M', '--gdb', '0', '--wait'], host);
  const [, port] = await host.stderr.until(/gdb server on 127\.0\.0\.1:(\d+); the guest waits for a debugger/);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(host.stderr.text).not.toContain('ended');
  send(Number(port), 'D');
  expect((await ended).status).toBe(0);
});

test('a server that others reach is warned of', async () => {
  const host = fakeHost();
  const { status } = await main(['run', path('stops'), '--memory', '2M', '--gdb', '0.0.0.0:0'], host);
  expect(status).toBe(0);
  expect(host.stderr.text).toContain('warning: whoever reaches 0.0.0.0:');
});

test('the guest writes to standard output, and guestscope to standard error alone', async () => {
  const host = fakeHost();
  const ended = main(['demo', '--gdb', 'none', '--clock', 'virtual'], host);
  await host.stdout.until(/demo: guestscope demo guest.*\n(.*\n)*.*heartbeat 2/);
  host.signal('SIGINT');
  expect((await ended).status).toBe(130);
  expect(host.stdout.text.split('\n').filter((line) => line !== '' && !/^(demo|user64):/.test(line))).toEqual([]);
  expect(host.stderr.text).not.toContain('heartbeat');
});

test('with --console FILE the guest writes there', async () => {
  const file = join(folder, 'console.txt');
  const host = fakeHost();
  const ended = main(['demo', '--gdb', 'none', '--clock', 'virtual', '--console', file], host);
  while (!readFileSync(file, { encoding: 'utf8', flag: 'a+' }).includes('heartbeat'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  host.signal('SIGTERM');
  await ended;
  expect(host.stdout.text).toBe('');
});
