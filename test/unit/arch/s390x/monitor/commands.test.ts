import { beforeEach, describe, expect, test } from 'vitest';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { dateOfTod } from '../../../../../src/arch/s390x/monitor/clock-items.ts';
import { stateDump } from '../../../../../src/arch/s390x/monitor/state-dump.ts';
import { type Console, makeConsole } from './harness.ts';

const MASK_64 = PSW.ea | PSW.ba;

let monitor: Console;
const boot = (): KvmVcpu => {
  const found = monitor.guest.vm.vcpus[0];
  if (found === undefined) throw new Error('no vCPU');
  return found;
};

beforeEach(() => {
  monitor = makeConsole();
});

describe('dirty', () => {
  test('counts stores of guest, devices and debugger, each page once', () => {
    monitor.guest.storage.write(0x1000, Uint8Array.of(0xe3, 0x00, 0x20, 0x00, 0x00, 0x24));
    monitor.guest.start({ mask: MASK_64, address: 0x1000n });
    boot().vcpu.setGr(2, 0x20_0000n);
    expect(monitor.ask('dirty start')).toEqual(['log = on']);
    const [guest] = monitor.guest.vcpus;
    // stg %r0,0(%r2)
    monitor.guest.storage.write(0x1000, Uint8Array.of(0xe3, 0x00, 0x20, 0x00, 0x00, 0x24));
    guest?.run({ count: 1n, checked: false, holdInterruptions: true });
    for (const address of [0x3000n, 0x3004n]) {
      monitor.guest.takeInput({ kind: 'write-memory', vcpu: 0, address, data: Uint8Array.of(1) });
    }
    monitor.guest.storage.write(0x4ffe, Uint8Array.of(1, 2, 3, 4));
    const wanted = [
      'pages = 5',
      'slots[0] = slot 0: 5 of 1024 pages',
      'ranges[0] = 0x1000-0x1fff, 1 page',
      'ranges[1] = 0x3000-0x5fff, 3 pages',
      'ranges[2] = 0x200000-0x200fff, 1 page',
    ];
    expect(monitor.ask('dirty peek')).toEqual(wanted);
    expect(monitor.ask('dirty get')).toEqual(wanted);
  });

  test('get clears, so that the next store counts anew; peek does not', () => {
    monitor.ask('dirty start');
    monitor.store(0x2000, 1n);
    expect(monitor.json('dirty peek')).toMatchObject({ pages: 1 });
    expect(monitor.json('dirty get')).toMatchObject({ pages: 1, ranges: [{ first: '0x2000', pages: 1 }] });
    expect(monitor.json('dirty get')).toMatchObject({ pages: 0, ranges: [] });
    monitor.store(0x2000, 2n);
    expect(monitor.ask('dirty status')).toEqual(['log = on', 'pages = 1']);
  });

  test('is off until it is started and after it is stopped', () => {
    expect(monitor.ask('dirty status')).toEqual(['log = off']);
    expect(monitor.ask('dirty get')[0]).toContain('the log is off');
    monitor.ask('dirty start');
    expect(monitor.ask('dirty start')[0]).toContain('on already');
    expect(monitor.ask('dirty stop')).toEqual(['log = off']);
    expect(monitor.ask('dirty peek')[0]).toContain('the log is off');
  });
});

describe('gmap', () => {
  test('joins segments that are alike, and tells populated ones', () => {
    const before = monitor.guest.vm.gmap.faults;
    monitor.store(0x20_0000, 1n);
    expect(monitor.ask('gmap')).toEqual([
      'slots[0] = slot 0, guest 0x0-0x3fffff, host 0x0',
      'segments[0] = guest 0x0-0x1fffff, host 0x0, 2 segments, not populated',
      'segments[1] = guest 0x200000-0x2fffff, host 0x200000, 1 segment, populated',
      'segments[2] = guest 0x300000-0x3fffff, host 0x300000, 1 segment, not populated',
      `faults = ${before + 1}`,
      'limit = 0x100000000000',
    ]);
  });
});

describe('skeys', () => {
  test('says that keys are not in use yet', () => {
    expect(monitor.value('skeys 0', 'inUse')[0]).toMatch(/^no/);
  });
  test('joins neighbours with one key and keeps to the range', () => {
    const { vm } = monitor.guest;
    vm.enableKeys();
    vm.complex.keys[2] = 0x98;
    expect(monitor.ask('skeys 0x1800-0x3000')).toEqual([
      'inUse = yes',
      'keys[0] = 0x1000-0x1fff 0x06 (access key 0, referenced, changed)',
      'keys[1] = 0x2000-0x2fff 0x98 (access key 9, fetch-protected)',
      'keys[2] = 0x3000-0x3fff 0x06 (access key 0, referenced, changed)',
    ]);
    expect(monitor.value('skeys 0x3ff000+0x100000', 'keys')).toHaveLength(1);
  });
  test('of nothing is a mistake', () => {
    expect(monitor.ask('skeys 0x400000+0x1000')[0]).toContain('not in the configuration');
  });
});

describe('lowcore', () => {
  test('decodes PSWs and the program-interruption code at the prefix', () => {
    monitor.store(0x2000 + 0x1d0, 0x0400_c001_8000_0000n, 0x200c8n);
    monitor.guest.storage.write(0x2000 + 0x8e, Uint8Array.of(0, 0x11));
    boot().vcpu.setPrefix(gpa(0x2000));
    const wanted = '0x0400c00180000000 0x00000000000200c8 (64-bit, DAT home, supervisor, key 0, cc 0, program mask 0)';
    expect(monitor.value('lowcore', 'programNewPsw')).toEqual([wanted]);
    expect(monitor.value('lowcore 0x2000', 'programNewPsw')).toEqual([wanted]);
    expect(monitor.value('lowcore', 'programCode')).toEqual(['0x0011 (page translation)']);
    expect(monitor.value('lowcore 0', 'programCode')).toEqual(['0x0000']);
  });
  test('shows save areas register by register', () => {
    monitor.store(0x1280, 1n, 2n);
    expect(monitor.json('lowcore 0').grSaveArea).toEqual(['0x1', '0x2', ...Array.from({ length: 14 }, () => '0x0')]);
  });
  test('refuses what is no prefix', () => {
    expect(monitor.ask('lowcore 0x1000')[0]).toContain('multiples of 0x2000');
    expect(monitor.ask('lowcore 0x400000')[0]).toContain('not in the configuration');
    expect(monitor.ask('lowcore 0xffffffffffffe000')[0]).toContain('not in the configuration');
  });
});

describe('intercepts', () => {
  test('counts by kind on all vCPUs, shows the last of one with instruction and PSW, and forgets', () => {
    const [first, second] = monitor.guest.vm.vcpus;
    if (first === undefined || second === undefined) throw new Error('two vCPUs');
    first.block.set('icptcode', 0x04);
    first.block.set('ipa', 0xb220);
    first.block.set('ipb', 0x0021_0000);
    first.setPsw({ mask: first.psw.mask, address: 0x208f8n });
    first.vcpu.icount = 7n;
    first.intercepts.record(first.block, first.vcpu);
    for (const v of [first, second]) {
      v.block.set('icptcode', 0x1c);
      v.vcpu.icount = 9n;
      v.intercepts.record(v.block, v.vcpu);
    }
    expect(monitor.ask('intercepts').slice(0, 3)).toEqual([
      'total = 3',
      'kinds[0] = 0x04 instruction: 1',
      'kinds[1] = 0x1c wait: 2',
    ]);
    expect(monitor.value('intercepts', 'last')).toEqual([
      expect.stringMatching(/^at 7: 0x04 instruction \w+ b2200021, PSW address 0x208f8$/),
      'at 9: 0x1c wait, PSW address 0x208f8',
    ]);
    expect(monitor.value('intercepts 1', 'last')).toEqual(['at 9: 0x1c wait, PSW address 0x208f8']);
    expect(monitor.value('intercepts', 'last', 1)).toHaveLength(1);
    expect(monitor.ask('intercepts reset')).toEqual([]);
    expect(monitor.json('intercepts')).toEqual({ total: 0, kinds: [], last: [] });
  });
});

describe('vcpu', () => {
  test('shows PSW, control registers in words, and flags of the state description', () => {
    boot().vcpu.setCr(0, 0x1080_0800n);
    boot().vcpu.setCr(6, 0xc000_0000n);
    boot().vcpu.setCr(13, 0x10_0007n);
    expect(monitor.value('vcpu', 'state')).toEqual(['stopped']);
    expect(monitor.value('vcpu', 'cr0')).toEqual(['0x0000000010800800 (low-address-protection edat clock-comparator)']);
    expect(monitor.value('vcpu', 'cr6')).toEqual(['0x00000000c0000000 (I/O subclasses 0 1)']);
    expect(monitor.value('vcpu', 'cr13')).toEqual([
      '0x0000000000100007 (home: region-third table at 0x100000, 2048 entries)',
    ]);
    expect(monitor.value('vcpu', 'sie.cpuflags')[0]).toMatch(/^0x[0-9a-f]{8} \(stopped .*zarch/);
  });
  test('names what waits', () => {
    const { local, vm } = boot();
    boot().vcpu.core.clock.setClockComparator(boot().vcpu, 0xffff_ffff_ffff_ffffn);
    local.emergency.add(1);
    local.externalCall = 1;
    vm.floating.raiseService(0x1001);
    expect(monitor.json('vcpu').pending).toEqual([
      'emergency signal from CPU 1',
      'external call from CPU 1',
      'service signal, parameter 0x00001001',
    ]);
  });
  test('takes a number, and refuses one that is not there', () => {
    expect(monitor.value('vcpu 1', 'vcpu')).toEqual(['1']);
    expect(monitor.ask('vcpu 2')[0]).toContain('there are 0 to 1');
  });
});

describe('psw', () => {
  test('decodes one given, one in storage, the current one', () => {
    const text =
      '0x0002000180000000 0x000000000bad1000 (64-bit, DAT off, supervisor wait, key 0, cc 0, program mask 0)';
    expect(monitor.ask('psw 0x0002000180000000 0xbad1000')).toEqual([`psw = ${text}`]);
    monitor.store(0x300, 0x0002_0001_8000_0000n, 0xbad1000n);
    expect(monitor.ask('psw 0x300')).toEqual([`psw = ${text}`]);
    boot().setPsw({ mask: 0x0002_0001_8000_0000n, address: 0xbad1000n });
    expect(monitor.ask('psw')).toEqual([
      `psw = ${text}`,
      'wait = for ever: no interruption is let in; to set $pc ends it',
    ]);
    expect(monitor.json('psw 1 2')).toMatchObject({ psw: { valid: false } });
  });
  test('refuses storage that is not there', () => {
    expect(monitor.ask('psw 0x3ffff8')[0]).toContain('cannot reach 16 bytes at 0x3ffff8');
  });
});

describe('clock', () => {
  test('tells the time in instructions and as a date', () => {
    boot().vcpu.core.clock.pass(boot().vcpu, 1_500_000_000n);
    expect(monitor.value('clock', 'tod')[0]).toMatch(/\(2024-01-01 00:00:01\.500000 UTC\)$/);
    expect(monitor.value('clock', 'instructions')).toEqual(['1500000000 (1.500 s since the start, waits included)']);
    boot().vcpu.core.clock.setClockComparator(boot().vcpu, 0xffff_ffff_ffff_ffffn);
    expect(monitor.value('clock', 'clockComparator')[0]).toContain('never');
  });
  test.each([
    [0x7d91_048b_ca00_0000n, '1970-01-01 00:00:00.000000 UTC'],
    [0n, '1900-01-01 00:00:00.000000 UTC'],
    [0x7d91_048b_ca00_0000n + 951_782_400_000_000n * 4096n, '2000-02-29 00:00:00.000000 UTC'],
    [0xffff_ffff_ffff_ffffn, '2042-09-17 23:53:47.370495 UTC'],
  ])('a TOD clock of %s is %s', (tod, wanted) => {
    expect(dateOfTod(tod)).toBe(wanted);
  });
});

describe('dump', () => {
  /** What a kernel tells crash of itself, as a note that the prefix area points to. */
  const note = (text: string): void => {
    const [owner, body] = [Buffer.from('VMCOREINFO\0\0'), Buffer.from(text)];
    const head = Buffer.alloc(12);
    head.writeUInt32BE('VMCOREINFO\0'.length, 0);
    head.writeUInt32BE(body.length, 4);
    monitor.guest.storage.write(0x8000, Buffer.concat([head, owner, body]));
    monitor.guest.storage.write(0xe0c, Uint8Array.of(0, 0, 0, 0, 0, 0, 0x80, 0));
  };
  const symbols = (words: string): string[] => monitor.ask(words).filter((line) => line.startsWith('symbols = '));

  test('at virtual addresses says how far a kernel has moved, if it has', () => {
    // A segment table with nothing in it.
    monitor.guest.storage.write(0x1_0000, new Uint8Array(4096).fill(0x20));
    note('OSRELEASE=6.1.0\nKERNELOFFSET=c260000\nX=1\n');
    expect(symbols('dump a 0x10000')).toEqual(['symbols = symbol-file -o 0xc260000 vmlinux']);
    expect(symbols('dump a')).toEqual([]);
    note('KERNELOFFSET=0\n');
    expect(symbols('dump a 0x10000')).toEqual([]);
  });
});

test('a state dump has PSW and registers of every vCPU', () => {
  boot().vcpu.setGr(15, 0xdeadn);
  const lines = [...stateDump(monitor.guest)];
  expect(lines.filter((line) => line.startsWith('CPU '))).toHaveLength(2);
  expect(lines.join('\n')).toContain('gr15 = 0x000000000000dead');
});

test('every command answers, as text and as JSON, on a machine that has done nothing', () => {
  for (const line of ['clock', 'dirty status', 'gmap', 'intercepts', 'lowcore', 'psw', 'skeys 0', 'vcpu', 'walk 0']) {
    expect(
      monitor.ask(line).every((text) => / = /.test(text)),
      line,
    ).toBe(true);
    expect(Object.keys(monitor.json(line)).length, line).toBeGreaterThan(0);
  }
});

describe('read', () => {
  test('shows bytes of absolute storage, of the prefix area where real addresses say so, and no others', () => {
    monitor.store(0x2000, 0x0123_4567_89ab_cdefn, 1n, 2n);
    monitor.store(0x4000, 0x77n);
    boot().vcpu.setPrefix(gpa(0x4000));
    expect(monitor.ask('read 0x2000 20 absolute')).toEqual([
      'address = 0x2000',
      'bytes[0] = 0x2000: 01234567 89abcdef 00000000 00000001',
      'bytes[1] = 0x2010: 00000000',
    ]);
    expect(monitor.json('read 0 8 real')).toEqual({ address: '0x0', bytes: '0000000000000077' });
    expect(monitor.json('read 0 8 absolute')).toMatchObject({ bytes: '0000000000000000' });
    expect(monitor.ask('read 0x3ffffc 8 absolute')[0]).toContain('0x400000 cannot be reached');
    expect(monitor.ask('read 0 8 nowhere')[0]).toContain('nowhere is no address space');
    expect(monitor.ask('read 0 0x100001')[0]).toContain('not a number from 0 to');
  });
});
