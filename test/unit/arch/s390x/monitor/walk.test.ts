import { beforeEach, describe, expect, test } from 'vitest';
import { operand } from '../../../../../src/arch/s390x/cpu/access-path.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { randomWords } from '../../../../support/seed.ts';
import { type Console, makeConsole } from './harness.ts';

const SEGMENT_TABLE = 0x1_0000;
const PAGE_TABLE = 0x2_0000;
/** Segment table of 2048 entries. */
const ASCE = 0x1_0003n;
const EDAT = 0x0080_0000n;
const LOW_ADDRESS_PROTECTION = 0x1000_0000n;

let monitor: Console;
const cpu = (): Console['guest']['vm']['vcpus'][number]['vcpu'] => {
  const found = monitor.guest.vm.vcpus[0];
  if (found === undefined) throw new Error('no vCPU');
  return found.vcpu;
};

beforeEach(() => {
  monitor = makeConsole();
  monitor.store(SEGMENT_TABLE, BigInt(PAGE_TABLE), 0x0030_0000n | 0x1_0000n | 0x3800n | 0x400n, 0x7000_0000n, 0x20n);
  monitor.store(PAGE_TABLE, 0n, 0x5200n, 0x400n, 0x7fff_f000n);
  cpu().setCr(0, EDAT);
  cpu().setCr(13, ASCE);
  cpu().setPsw({ mask: PSW.ea | PSW.ba, address: 0n });
});

describe('a walk', () => {
  test('shows every entry, then where the byte is', () => {
    expect(monitor.ask('walk 0x1234 home')).toEqual([
      'address = 0x1234',
      'asce = 0x0000000000010003 (segment table at 0x10000, 2048 entries)',
      'steps[0] = segment entry at 0x10000: 0x0000000000020000 (table 0x20000)',
      'steps[1] = page entry at 0x20008: 0x0000000000005200 (frame 0x5000, protected)',
      'frame = 4 KiB',
      'absolute = 0x5234',
      'host = 0x5234 (segment populated)',
      'key = 0x00 (access key 0); keys are not in use yet',
      'protected = yes, by DAT',
      'execute = allowed',
      'fetch = allowed',
      'store = DAT protection',
    ]);
  });

  test('ends at a large frame, and says so', () => {
    expect(monitor.value('walk 0x123456 home', 'steps')).toEqual([
      'segment entry at 0x10008: 0x0000000000313c00 (1 MiB frame 0x300000, access key 0x3 fetch-protected)',
    ]);
    expect(monitor.value('walk 0x123456 home', 'absolute')).toEqual(['0x323456']);
    expect(monitor.value('walk 0x123456 home', 'frame')).toEqual(['1 MiB']);
  });

  test.each([
    ['0x2000', 'page translation (0x0011)', 2],
    ['0x300000', 'segment translation (0x0010)', 1],
    ['0x80000000', 'asce type (0x0038)', 0],
    ['0x200000', 'addressing (0x0005)', 1],
    ['0x3000', 'addressing (0x0005)', 2],
  ])('of %s ends with %s', (address, exception, steps) => {
    expect(monitor.value(`walk ${address} ${ASCE}`, 'exception')).toEqual([exception]);
    expect(monitor.json(`walk ${address} ${ASCE}`).steps).toHaveLength(steps);
  });

  test('names the protection that a store would meet', () => {
    expect(monitor.value('walk 0x10 home', 'store')).toEqual(['allowed']);
    cpu().setCr(0, EDAT | LOW_ADDRESS_PROTECTION);
    expect(monitor.value('walk 0x10 home', 'store')).toEqual(['low-address protection']);
    expect(monitor.value('walk 0x1010 real', 'store')).toEqual(['low-address protection']);
    expect(monitor.value('walk 0x1200 real', 'store')).toEqual(['allowed']);
    monitor.guest.vm.enableKeys();
    monitor.guest.vm.complex.keys[5] = 0x38;
    cpu().setPsw({ mask: PSW.ea | PSW.ba | (4n << 52n), address: 0n });
    expect(monitor.value('walk 0x5000 real', 'key')).toEqual(['0x38 (access key 3, fetch-protected)']);
    expect(monitor.value('walk 0x5000 real', 'fetch')).toEqual(['key-controlled protection (PSW key 4)']);
    expect(monitor.value('walk 0x5000 real', 'store')).toEqual(['key-controlled protection (PSW key 4)']);
  });

  describe('tells what the machine would do', () => {
    const FETCH_OVERRIDE = 0x0200_0000n;
    const PRIVATE = 0x100n;
    const refused = ['key-controlled protection (PSW key 4)'];
    beforeEach(() => {
      monitor.guest.vm.enableKeys();
      cpu().setPsw({ mask: PSW.ea | PSW.ba | (4n << 52n), address: 0n });
    });
    test('fetch-protection override does not reach into a private space', () => {
      monitor.guest.vm.complex.keys[0] = 0x38;
      cpu().setCr(0, EDAT | FETCH_OVERRIDE);
      expect(monitor.value(`walk 0x100 ${ASCE}`, 'fetch')).toEqual(['allowed']);
      expect(monitor.value(`walk 0x800 ${ASCE}`, 'fetch')).toEqual(refused);
      expect(monitor.value(`walk 0x100 ${ASCE | PRIVATE}`, 'fetch')).toEqual(refused);
    });
    test('a large frame with access validity has its own key', () => {
      expect(monitor.value('walk 0x123456 home', 'fetch')).toEqual(refused);
      expect(monitor.value('walk 0x123456 home', 'store')).toEqual(refused);
      expect(monitor.value('walk 0x123456 home', 'key')).toEqual([
        '0x38 (access key 3, fetch-protected), by the table entry',
      ]);
      monitor.guest.vm.complex.keys.fill(0x48, 0x300, 0x400);
      expect(monitor.value('walk 0x123456 home', 'fetch')).toEqual(refused);
      cpu().setPsw({ mask: PSW.ea | PSW.ba | (3n << 52n), address: 0n });
      expect(monitor.value('walk 0x123456 home', 'fetch')).toEqual(['allowed']);
    });
    test('an instruction is refused as any fetch is, and by a page that is not for it', () => {
      const [home] = [cpu().cr(13)];
      cpu().setCr(0, EDAT | 0x10_0000n);
      monitor.store(PAGE_TABLE + 0x28, 0x5100n);
      monitor.guest.vm.complex.keys[5] = 0x38;
      expect(monitor.value(`walk 0x5000 ${home}`, 'execute')).toEqual(['instruction-execution protection']);
      monitor.store(PAGE_TABLE + 0x28, 0x5000n);
      expect(monitor.value(`walk 0x5000 ${home}`, 'execute')).toEqual(refused);
    });
    test('on random pages, keys and controls', () => {
      const next = randomWords(0x77a1);
      const random = (): number => next() / 2 ** 32;
      const bit = (value: bigint): bigint => (random() < 0.5 ? value : 0n);
      for (let i = 0; i < 400; i++) {
        const asce = ASCE | bit(PRIVATE);
        cpu().setCr(
          0,
          bit(EDAT) | bit(0x10_0000n) | bit(LOW_ADDRESS_PROTECTION) | bit(FETCH_OVERRIDE) | bit(0x0100_0000n),
        );
        cpu().setCr(1, asce);
        const key = BigInt(Math.floor(random() * 3) + 8) * BigInt(Math.round(random()));
        cpu().setPsw({ mask: PSW.ea | PSW.ba | PSW.dat | (key << 52n), address: 0n });
        monitor.store(PAGE_TABLE, 0n | bit(0x200n) | bit(0x100n));
        monitor.store(
          SEGMENT_TABLE + 8,
          0x30_0400n | bit(0x1_0000n) | (BigInt(Math.floor(random() * 32)) << 11n) | bit(0x200n),
        );
        const held = (Math.floor(random() * 3) + 8) * 16 + (random() < 0.5 ? 8 : 0);
        monitor.guest.vm.complex.keys[0] = held;
        monitor.guest.vm.complex.keys[0x300] = held;
        const address = (random() < 0.5 ? 0 : 0x10_0000) + Math.floor(random() * 4096);
        const { access } = monitor.guest.vm.core;
        for (const [name, kind] of [
          ['fetch', 'fetch'],
          ['store', 'store'],
          ['execute', 'ifetch'],
        ] as const) {
          const at = access.places.examine(cpu(), 0, address, kind, operand);
          const shown = monitor.value(`walk ${address} ${asce}`, name);
          const says = shown.length === 0 || shown[0] !== 'allowed';
          expect([i, name, address.toString(16), says]).toEqual([i, name, address.toString(16), at < 0]);
        }
      }
    });
  });

  test('goes through the prefix, but not for a large frame', () => {
    cpu().setPrefix(gpa(0x30_0000));
    expect(monitor.value('walk 0x10 home', 'absolute')).toEqual(['0x300010']);
    expect(monitor.value('walk 0x300010 real', 'absolute')).toEqual(['0x10']);
    expect(monitor.value('walk 0x100010 home', 'absolute')).toEqual(['0x300010']);
  });

  test('without a space is in the one that operands are in now, cut to the addressing mode', () => {
    expect(monitor.value('walk 0x1000', 'asce')).toEqual(['none: a real address']);
    cpu().setPsw({ mask: PSW.ba | PSW.dat | (3n << 46n), address: 0n });
    expect(monitor.value('walk 0x80001000', 'absolute')).toEqual(['0x5000']);
  });

  test('populates nothing and sets no reference bit', () => {
    const { vm } = monitor.guest;
    vm.enableKeys();
    vm.complex.keys.fill(0);
    const { faults } = vm.gmap;
    monitor.ask('walk 0x123456 home');
    expect(vm.gmap.faults).toBe(faults);
    expect(vm.complex.keys.some((key) => key !== 0)).toBe(false);
    expect(monitor.value('walk 0x123456 home', 'host')).toEqual(['0x323456 (segment not populated yet)']);
  });

  test('of a space that is none is a mistake', () => {
    expect(monitor.ask('walk 0 hoem')[0]).toContain('hoem is no address space');
  });
});
