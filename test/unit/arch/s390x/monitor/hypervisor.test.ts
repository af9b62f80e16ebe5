import { beforeEach, describe, expect, test } from 'vitest';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa, hostAddress } from '../../../../../src/arch/s390x/dat/address.ts';
import { attributeRows } from '../../../../../src/arch/s390x/kvm/attributes/table.ts';
import { encode } from '../../../../support/s390x/isa.ts';
import { type Console, makeConsole } from './harness.ts';

const MASK_64 = PSW.ea | PSW.ba;
let monitor: Console;

beforeEach(() => {
  monitor = makeConsole();
});

/** Runs instructions at 0x1000 on CPU 0. */
function run(...texts: readonly Uint8Array[]): void {
  let at = 0x1000;
  for (const text of texts) {
    monitor.guest.storage.write(at, text);
    at += text.length;
  }
  monitor.guest.start({ mask: MASK_64, address: 0x1000n });
  monitor.guest.vcpus[0]?.run({ count: BigInt(texts.length), checked: false, holdInterruptions: true });
}

const STAP = encode('STAP', { b2: 0, d2: 0x800 });
const STPX = encode('STPX', { b2: 0, d2: 0x804 });

describe('stats', () => {
  test('counts exits and instructions, all together and by CPU; reset forgets', () => {
    run(STAP, STPX, STAP);
    expect(monitor.json('stats')).toMatchObject({
      cpu0: { instructionsExecuted: '3', exits: { instruction: 3 }, instructions: { STAP: 2, STPX: 1 } },
      cpu1: { exits: {}, instructions: {} },
      exits: { instruction: 3 },
      instructions: { STAP: 2, STPX: 1 },
    });
    expect(monitor.value('stats', 'instructions')).toEqual(['STAP: 2', 'STPX: 1']);
    monitor.ask('stats reset');
    expect(monitor.json('stats')).toMatchObject({ exits: {}, instructions: {} });
  });
});

describe('trace', () => {
  test('shows what the hypervisor did while it was on, oldest first', () => {
    expect(monitor.ask('trace')).toEqual(['trace = off', 'total = 0', 'events = none']);
    run(STAP);
    expect(monitor.ask('trace on')).toEqual(['trace = on', 'total = 0']);
    run(STPX, encode('SIGP', { r1: 1, r3: 2, b2: 0, d2: 1 }), encode('ISKE', { r1: 1, r2: 0 }));
    expect(monitor.value('trace', 'events')).toEqual([
      'CPU 0 at 1: started',
      'CPU 0 at 2: interception 0x04 instruction 0xb211',
      'CPU 0 at 3: interception 0x04 instruction 0xae12',
      'CPU 0 at 3: SIGP order 0x01 to CPU 0',
      'CPU 0 at 4: interception 0x04 instruction 0xb229',
      'CPU 0 at 0: storage keys on, 1024 frames',
    ]);
    expect(monitor.json('trace 2')).toMatchObject({
      total: 6,
      events: [
        { kind: 'interception', code: '0x4', detail: '0xb229' },
        { kind: 'keys', frames: '0x400' },
      ],
    });
    monitor.ask('trace off');
    run(STAP);
    expect(monitor.json('trace').total).toBe(6);
    monitor.ask('trace clear');
    expect(monitor.json('trace')).toMatchObject({ trace: false, total: 0, events: [] });
  });
  test('keeps the last 4096', () => {
    const { trace } = monitor.guest.vm;
    trace.turn(true);
    for (let i = 0; i < 5000; i++) trace.add({ kind: 'signal', vcpu: 0, icount: BigInt(i), first: i, second: 0 });
    expect([trace.total, trace.last(5000).length, trace.last(1)[0]?.first, trace.last(5000)[0]?.first]).toEqual([
      5000, 4096, 4999, 904,
    ]);
  });
});

describe('sie', () => {
  test('shows fields with the names of their bits, and the control registers', () => {
    const shown = monitor.json('sie 1');
    expect(shown).toMatchObject({ vcpu: 1, hpid: '0x4', gcr0: '0xe0', gcr14: '0xc2000000', icpua: '0x1' });
    expect(monitor.value('sie 1', 'ictl')).toEqual(['0x00007000 (iske sske rrbe)']);
  });
  test('of no CPU is a mistake', () => {
    expect(monitor.ask('sie 9')[0]).toContain('there is no CPU 9');
  });
});

describe('irq', () => {
  test('what waits, and what a CPU lets in', () => {
    const { vm } = monitor.guest;
    vm.vcpus[0]?.local.emergency.add(1);
    vm.floating.raiseIo({ subchannelId: 1, subchannelNumber: 2, parameter: 0, word: 3 << 27 });
    monitor.guest.start({ mask: MASK_64 | PSW.external | PSW.io | PSW.machineCheck, address: 0n });
    vm.vcpus[0]?.vcpu.setCr(0, 0x4000n);
    vm.vcpus[0]?.vcpu.setCr(6, 0x4000_0000n);
    for (const v of vm.vcpus) vm.core.clock.setClockComparator(v.vcpu, -1n);
    expect(monitor.ask('irq')).toEqual([
      'cpu0 = emergency signal from CPU 1; I/O subclass 3, subchannel 0x0001.0x0002; enabled for emergency-signal, I/O subclass 1, machine checks',
      'cpu1 = I/O subclass 3, subchannel 0x0001.0x0002; enabled for nothing',
    ]);
    expect(monitor.json('irq')).toMatchObject({ cpu0: { deliverable: true }, cpu1: { deliverable: false } });
  });
});

describe('translate', () => {
  test('an address in each of its spaces, prefixing and slots included', () => {
    monitor.guest.vm.vcpus[0]?.vcpu.setPrefix(gpa(0x4000));
    expect(monitor.ask('translate 0x123')).toEqual([
      'address = 0x123',
      'real = 0x123',
      'absolute = 0x4123',
      'host = 0x4123',
      'slot = 0',
    ]);
    expect(monitor.value('translate 0x4123', 'absolute')).toEqual(['0x123']);
  });
  test('what an access would meet', () => {
    expect(monitor.value('translate 0x500000', 'exception')).toEqual(['addressing (0x0005)']);
  });
});

describe('per', () => {
  test("the guest's own controls, and its last event", () => {
    const v = monitor.guest.vm.vcpus[0];
    v?.vcpu.setCr(9, 0xe000_0000n);
    v?.vcpu.setCr(10, 0x5000n);
    v?.vcpu.setCr(11, 0x4000n);
    monitor.guest.storage.write(0x96, Uint8Array.of(0x60, 0xc0, 0, 0, 0, 0, 0, 0, 0x12, 0x34));
    expect(monitor.ask('per')).toEqual([
      'recording = off, by PSW bit 1',
      'events = branching, instruction-fetching, storage-alteration',
      'range = 0x5000 to 0x4000, wrapping around',
      'last = instruction-fetching storage-alteration at 0x1234',
    ]);
  });
});

describe('attr', () => {
  test('lists every attribute with its numbers and calls', () => {
    const all = monitor.json('attr');
    expect(Object.keys(all)).toEqual(attributeRows.map((row) => `${row.group}.${row.name}`));
    expect(all['memory.limit-size']).toEqual({
      group: 0,
      attribute: 2,
      has: 'yes',
      calls: ['set', 'get'],
      value: '0000100000000000',
    });
    expect(monitor.ask('attr migration status')).toEqual([
      'migration.status = 4/2 whether it is on; get; is 0000000000000000',
    ]);
  });
  test('what there is not', () => {
    expect(monitor.ask('attr nothing')[0]).toContain('groups are memory, tod');
  });
});

describe('migration', () => {
  test('is a mode that logs stores by slot', () => {
    expect(monitor.ask('migration')).toEqual(['migration = off', 'dirtyStates = 0', 'dirtyPages = 0']);
    monitor.ask('migration start');
    monitor.store(0x5000, 1n);
    expect(monitor.ask('migration')).toEqual(['migration = on', 'dirtyStates = 0', 'dirtyPages = 1']);
    expect(monitor.value('dirty readers', 'readers')).toEqual(['slots: 1 pages']);
    expect(monitor.ask('migration stop')[0]).toBe('migration = off');
    expect(monitor.ask('dirty readers')).toEqual(['readers = none']);
  });
});

describe('cmma', () => {
  test('off, and on with what the guest says', () => {
    expect(monitor.ask('cmma')).toEqual(['enabled = no']);
    const { guest } = makeConsole();
    monitor = makeConsole('max,cmm=on');
    expect(guest.vm.cmma.enabled).toBe(false);
    const { vm } = monitor.guest;
    vm.cmma.setBits({ startGfn: 0x100, values: Uint8Array.of(1, 1, 3), mask: 3 });
    vm.gmap.hostAddress(gpa(0x10_0000));
    expect(monitor.ask('cmma 0x100000-0x103fff')).toEqual([
      'enabled = yes',
      'used = yes',
      'migrating = no',
      'waitForRelease = 0',
      'blocks[0] = stable: 1021',
      'blocks[1] = unused: 2',
      'blocks[2] = potentially volatile: 0',
      'blocks[3] = volatile: 1',
      'states[0] = 0x100000-0x101fff unused',
      'states[1] = 0x102000-0x102fff volatile',
      'states[2] = 0x103000-0x103fff stable',
    ]);
    vm.reclaim(hostAddress(0x10_0000));
    expect(monitor.value('cmma 0x100000', 'states')).toEqual(['0x100000-0x100fff unused, preserved']);
  });
});

describe('skeys status', () => {
  test('tells once that keys came into use', () => {
    expect(monitor.ask('skeys status')).toEqual(['inUse = no', 'enabled = 0 times']);
    run(encode('ISKE', { r1: 1, r2: 0 }));
    run(encode('ISKE', { r1: 1, r2: 0 }));
    expect(monitor.ask('skeys status')).toEqual(['inUse = yes', 'enabled = 1 time']);
  });
});

describe('dirty map', () => {
  test('cells of a slot, and what is marked in them', () => {
    monitor.ask('dirty start');
    monitor.store(0x1000, 1n);
    monitor.store(0x4_2000, 1n);
    const rows = monitor.value('dirty map', 'slot0');
    expect(rows).toHaveLength(16);
    expect(rows.slice(0, 3)).toEqual([
      `0x00000000 .#${'.'.repeat(62)}`,
      `0x00040000 ..#${'.'.repeat(61)}`,
      `0x00080000 ${'.'.repeat(64)}`,
    ]);
    expect(monitor.json('dirty map')).toMatchObject({ slot0: { guest: '0x0', pagesPerCell: 1 } });
  });
});
