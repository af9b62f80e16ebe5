/** The demo guest under its hypervisor, as the monitor shows it. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { interruptions } from '../../../../../src/arch/ppc64/cpu/interruptions.ts';
import { stepsIn, stepsOut } from '../../../../../src/arch/ppc64/hv/world-switch.ts';
import { ppc64Commands } from '../../../../../src/arch/ppc64/monitor/commands.ts';
import { Ppc64Machine } from '../../../../support/ppc64/machine.ts';
import { root } from '../../../../support/sources.ts';

const image = readFileSync(`${root}guests/demo-ppc64/demo.elf`);
const started = new Ppc64Machine({ image, memory: 64 << 20 });
started.until(/heartbeat 1 /, 0, { step: 1000n });

const ask = (line: string): string[] => [...started.assembly.monitor.execute(line, 0)];
const json = (line: string): Record<string, unknown> => {
  const parsed: unknown = JSON.parse(ask(`${line} --json`).join('\n'));
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
};
/** Members of a list that a script reads. */
const rows = (line: string, name: string): Record<string, unknown>[] => {
  const list = json(line)[name];
  return Array.isArray(list) ? list.map((row: unknown) => (typeof row === 'object' ? { ...row } : {})) : [];
};

test('slb shows the segments with their sizes, and partition those that the last exit saved: without gaps, with their numbers', () => {
  expect(rows('slb', 'slb')).toEqual([
    { entry: 1, rb: '0x8000000', rs: '0x1000110', segment: '256 MiB', page: '64 KiB' },
    { entry: 2, rb: '0x28000000', rs: '0x2000000', segment: '256 MiB', page: '4 KiB' },
    { entry: 3, rb: '0x38000000', rs: '0x3000400', segment: '256 MiB', page: '4 KiB' },
  ]);
  expect(rows('partition', 'segments saved of vCPU 0')).toEqual([
    { rb: '0x8000001', rs: '0x1000110' },
    { rb: '0x28000002', rs: '0x2000000' },
    { rb: '0x38000003', rs: '0x3000400' },
  ]);
});

test('partition shows both sides of the switch, where the guest goes on, and the steps in their order', () => {
  const { vcpu } = started.guest.hv(0);
  expect(json('partition')).toMatchObject({
    ...{
      runs: 'the hypervisor',
      'thread lpidr': 0,
      'thread sdr1': '0x0',
      'thread lpcr': '0xd',
      'thread hdec': '0x7fffffff',
    },
    // VPM0, VRMA of large pages, DPFD 4, HDICE and the rest of the host's.
    ...{ 'guest lpidr': 1, 'guest sdr1': '0x80000006', 'guest lpcr': '0x804800000000000d' },
    ...{ 'hsrr0 of vCPU 0': `0x${vcpu.pc.toString(16)}`, 'hsrr1 of vCPU 0': `0x${vcpu.msr.toString(16)}` },
    ...{ 'steps in': stepsIn.map((s) => s.name), 'steps out': stepsOut.map((s) => s.name) },
  });
  expect(json('partition').entries).toBe(started.guest.vm.thread.entries);
});

test("vrma shows an entry of 16 MiB for each part of storage, in slot 7 of its group, at the host's page", () => {
  const entries = rows('vrma', 'entries');
  expect(entries.map((e) => Number(e.entry) % 8)).toEqual([7, 7, 7, 7]);
  expect(entries.map((e) => e.dword1)).toEqual(['0x100000190', '0x101000190', '0x102000190', '0x103000190']);
  expect(json('vrma').pages).toBe(4);
});

test('walk goes from the segment over the virtual page and both groups to the entry and the page of the host', () => {
  expect(json('walk 0x20000008 store')).toMatchObject({
    ...{ mode: 'virtual', 'slb entry': 2, vsid: '0x2000', page: '0x0', 'page size': '4 KiB', hash: '0x2000' },
    ...{ 'primary group': 0x2000, 'secondary group': 0x1dfff, 'secondary group entries': [] },
    ...{ real: '0x1000008', host: '0x101000008' },
  });
  expect(json('walk 0x2000f000')).toMatchObject({ interruption: '0x300', bits: '0x40000000' });
  expect(json('walk 0x2000f000 store')).toMatchObject({ interruption: '0x300', bits: '0x42000000' });
  expect(json('walk 0x2000f000 ifetch')).toMatchObject({ interruption: '0x400', bits: '0x40000000' });
  expect(json('walk 0xc000000000000000')).toMatchObject({ interruption: '0x380' });
});

test('hpt counts the table by sizes, and shows the entries of a segment and both groups of an address', () => {
  const { order, entries, valid, ...sizes } = json('hpt');
  expect([order, entries]).toEqual([24, 1 << 20]);
  expect(sizes).toMatchObject({ 'pages of 16 MiB': 4, 'pages of 64 KiB': 256 });
  expect(valid).toBe(260 + Number(sizes['pages of 4 KiB']));
  expect(json('hpt stats')).toEqual(json('hpt'));
  expect(json('hpt vsid 0x1000')).toMatchObject({ entries: 256 });
  expect(json('hpt 0x20000000')).toMatchObject({ 'primary group': 0x2000, 'secondary group': 0x1dfff });
});

test('hcalls counts by number and side; the arguments of the last ones are as they were given', () => {
  const calls = rows('hcalls', 'calls');
  expect(calls.find((c) => c.name === 'H_ENTER')).toMatchObject({ nr: '0x8', outside: 0 });
  expect(calls.find((c) => c.name === 'H_PUT_TERM_CHAR')).toMatchObject({ nr: '0x58', inside: 0 });
  const last = rows('hcalls last', 'last').findLast((c) => c.name === 'H_PUT_TERM_CHAR');
  expect(last).toMatchObject({ name: 'H_PUT_TERM_CHAR', inside: false, result: '0x0' });
  const [, , first, second] = Array.isArray(last?.args) ? last.args : [];
  expect(ask('hcalls last').findLast((line) => line.includes('H_PUT_TERM_CHAR'))).toContain(` ${first} ${second} `);
});

test('interruptions has a row for each vector: those of supervisor state were no exits, and those of the hypervisor were', () => {
  const counted = rows('interruptions', 'interruptions');
  expect(counted.map((r) => r.vector)).toEqual(interruptions.map((r) => `0x${r.vector.toString(16)}`));
  const of = (name: string) => counted.filter((r) => Number(r[name]) > 0).map((r) => r.vector);
  expect(of('exits')).toEqual(['0x980', '0xc00', '0xe00', '0xe40']);
  expect(of('guest')).toEqual(['0x300', '0x700', '0xc00']);
});

test('dirty is a reader of its own: what the guest stores into is shown until it was got', () => {
  const before = ask('dirty status');
  expect(before).toEqual(['log = off']);
  expect(json('dirty start')).toEqual({ log: 'on' });
  started.until(/heartbeat 2 /, 0, { step: 40_000_000n });
  const { addresses } = json('dirty peek');
  expect(addresses).toContain('0x1001000');
  expect(json('dirty get')).toMatchObject({ addresses });
  expect(json('dirty get')).toMatchObject({ pages: 0, addresses: [] });
  expect(json('dirty stop')).toEqual({ log: 'off' });
});

test('clock and msr show the vCPU as it is', () => {
  const { vcpu } = started.guest.hv(0);
  expect(json('clock')).toMatchObject({ tb: `0x${vcpu.elapsed.toString(16)}`, executed: Number(vcpu.executed) });
  expect(json('msr')).toMatchObject({ msr: `0x${vcpu.msr.toString(16)}`, 'byte order': 'big' });
  expect(ask('msr').join('\n')).toContain('(SF EE ME IR DR');
});

test('a mistake shows how the command is used, as text and for scripts, and changes nothing', () => {
  const mistaken = [
    'slb 5',
    'walk',
    'walk 0 fetsh',
    'hpt vsid',
    'hpt 5 5',
    'hcalls log',
    'hcalls on',
    'dirty',
    'dirty get',
    'vrma 1',
    'msr x',
    'clock 1',
  ];
  for (const line of [...mistaken, 'partition x', 'interruptions x', 'catch foo', 'catch int foo', 'dump a/b']) {
    const [name = ''] = line.split(' ');
    const said = ask(line);
    expect(said[0], line).toMatch(new RegExp(`^${name}: `));
    expect(said.at(-1), line).toMatch(new RegExp(`^usage: ${name}`));
    expect(Object.keys(json(line)), line).toEqual(['mistake', 'usage']);
  }
  expect(ppc64Commands.map((row) => row.name).filter((name) => !mistakenNames.has(name))).toEqual([]);
});
const mistakenNames = new Set([
  'slb',
  'walk',
  'hpt',
  'hcalls',
  'dirty',
  'vrma',
  'msr',
  'clock',
  'partition',
  'interruptions',
  'catch',
  'dump',
]);
