import { expect, test } from 'vitest';
import { Attention } from '../../../src/debug/attention.ts';
import { Catches } from '../../../src/debug/catches.ts';
import type { DebugSettings } from '../../../src/debug/target.ts';
import type { Guest } from '../../../src/machine/guest.ts';
import { StateParts } from '../../../src/machine/snapshot.ts';
import { type Answer, address, type CommandRow, command, item, mistake, words } from '../../../src/monitor/command.ts';
import { Monitor } from '../../../src/monitor/monitor.ts';
import { nearest } from '../../../src/monitor/nearest.ts';

const gone = (): never => {
  throw new Error('not in this test');
};

/** A guest that is nothing but two registers. */
function guestOf(data: 'msb' | 'lsb'): Guest {
  const r = (name: string): { name: string; bits: number; type: string } => ({ name, bits: 16, type: 'uint64' });
  const description = {
    architecture: 'x',
    osabi: 'none',
    features: [{ name: 'f', registers: [r('ip'), r('sp')] }],
    expedited: [],
    elf: { class: 64, data, machine: 0 },
    pcRegister: 'ip',
    triple: 'fake-unknown-none',
  } as const;
  return {
    vcpus: [],
    description,
    state: { shape: {}, parts: new StateParts(), forget: gone },
    end: gone,
    view: gone,
    readRegister: (vcpu, row) => Uint8Array.of(vcpu, row.name === 'ip' ? 0x34 : 0x56),
    readMemory: gone,
    breakpointFilter: new Uint8Array(0),
    stops: undefined,
    storageBehind: gone,
    readStorage: gone,
    watchStorage: gone,
  };
}

const settings: DebugSettings = {
  stepMode: 'mask',
  limits: new Map(),
  hitLimits: new Map(),
  watchConditions: new Map(),
  catches: new Catches(new Attention(), () => undefined),
};

const look: CommandRow<Guest> = command(
  'look',
  { words: words(address), usage: 'ADDR', summary: 'look there', details: ['More.'] },
  function* ({ vcpu }, [at]): Answer {
    if (at === 0n) return mistake('nothing is there');
    yield item('address', at);
    yield item('vcpu', vcpu);
    yield item('runs', [
      { first: 16n, pages: 2, on: true },
      { first: 32n, pages: 1, on: false },
    ]);
    yield item('named', { value: 1n }, 'one');
    yield item('nothing', []);
    return undefined;
  },
);
const quiet: CommandRow<Guest> = command(
  'quiet',
  { words: words(), usage: '', summary: 'say nothing' },
  function* (): Answer {
    yield* [];
    return undefined;
  },
);

const say = (line: string, vcpu = 1, data: 'msb' | 'lsb' = 'msb'): string[] => [
  ...new Monitor(guestOf(data), settings, [quiet, look]).execute(line, vcpu),
];

test('what a command yields becomes lines', () => {
  expect(say('look 0x10')).toEqual([
    'address = 0x10',
    'vcpu = 1',
    'runs[0] = first 0x10, pages 2, on yes',
    'runs[1] = first 0x20, pages 1, on no',
    'named = one',
    'nothing = none',
  ]);
});

test('and one line of JSON, wherever --json stands', () => {
  const wanted = {
    address: '0x10',
    vcpu: 1,
    runs: [
      { first: '0x10', pages: 2, on: true },
      { first: '0x20', pages: 1, on: false },
    ],
    named: { value: '0x1' },
    nothing: [],
  };
  for (const line of ['look 0x10 --json', '--json look 0x10', '  look   --json 16 ']) {
    expect(say(line).map((text) => JSON.parse(text))).toEqual([wanted]);
  }
  expect(say('quiet --json')).toEqual(['{}']);
});

test("registers are those of the vCPU, in the guest's byte order", () => {
  expect(say('look $sp', 2)[0]).toBe('address = 0x256');
  expect(say('look pc', 2)[0]).toBe('address = 0x234');
  expect(say('look pc', 2, 'lsb')[0]).toBe('address = 0x3402');
});

test('a mistake is text with the usage, or JSON when that was asked for', () => {
  expect(say('look')).toEqual(['look: ADDR is missing', 'usage: look ADDR']);
  expect(say('look 0')).toEqual(['look: nothing is there', 'usage: look ADDR']);
  expect(say('quiet now')).toEqual(['quiet: there is no place for now', 'usage: quiet']);
  expect(say('look --json')).toEqual(['{"mistake":"ADDR is missing","usage":"look ADDR"}']);
  expect(say('look 0 --json')).toEqual(['{"mistake":"nothing is there","usage":"look ADDR"}']);
});

test('help lists the commands, and says more of one', () => {
  const list = say('help');
  expect(list.slice(0, 2)).toEqual(['look ADDR  look there', 'quiet      say nothing']);
  expect(say('')).toEqual(list);
  expect(say('help look')).toEqual(['usage: look ADDR [--json]', 'look there', 'More.']);
  expect(say('help lok')).toEqual(['there is no command lok; did you mean look?']);
});

test('help, and what it says of a command that there is not, is JSON when that was asked for', () => {
  const all = {
    look: { usage: 'look ADDR', summary: 'look there' },
    quiet: { usage: 'quiet', summary: 'say nothing' },
  };
  for (const line of ['--json', 'help --json']) expect(say(line).map((text) => JSON.parse(text))).toEqual([all]);
  expect(say('--json help look').map((text) => JSON.parse(text))).toEqual([{ ...all.look, details: ['More.'] }]);
  for (const line of ['lok --json', 'help lok --json']) {
    expect(say(line)).toEqual(['{"mistake":"there is no command lok; did you mean look?"}']);
  }
});

test('an unknown command names the nearest, or help', () => {
  expect(say('qiuet')).toEqual(['there is no command qiuet; did you mean quiet?']);
  expect(say('q')).toEqual(['there is no command q; did you mean quiet?']);
  expect(say('frobnicate')).toEqual(['there is no command frobnicate; help lists them']);
});

test.each([
  ['wlak', 'walk'],
  ['walkk', 'walk'],
  ['gmp', 'gmap'],
  ['inter', 'intercepts'],
  ['xyzzy', undefined],
  ['', undefined],
])('nearest to %j is %s', (word, wanted) => {
  expect(nearest(word, ['walk', 'gmap', 'intercepts'])).toBe(wanted);
});

test('two commands of one name, or one named help, do not load', () => {
  expect(() => new Monitor(guestOf('msb'), settings, [look, look])).toThrow('look');
  expect(() => new Monitor(guestOf('msb'), settings, [{ ...quiet, name: 'help' }])).toThrow('help');
});
