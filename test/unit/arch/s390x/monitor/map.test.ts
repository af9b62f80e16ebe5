import { beforeEach, expect, test } from 'vitest';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { type Console, makeConsole } from './harness.ts';

const SEGMENT_TABLE = 0x1_0000;
const PAGE_TABLE = 0x2_0000;
const INVALID_SEGMENT = 0x20n;
const INVALID_PAGE = 0x400n;
const PROTECTED = 0x200n;

let monitor: Console;

beforeEach(() => {
  monitor = makeConsole();
  monitor.store(SEGMENT_TABLE, ...Array<bigint>(512).fill(INVALID_SEGMENT));
  monitor.store(PAGE_TABLE, ...Array<bigint>(256).fill(INVALID_PAGE));
  const cpu = monitor.guest.vm.vcpus[0]?.vcpu;
  // Large frames are allowed.
  cpu?.setCr(0, 0x0080_0000n);
  cpu?.setCr(13, BigInt(SEGMENT_TABLE));
  cpu?.setPsw({ mask: PSW.ea | PSW.ba, address: 0n });
});

test('what lies together with the same rights is one run, whatever tables it comes from', () => {
  monitor.store(SEGMENT_TABLE + 8, BigInt(PAGE_TABLE), 0x0020_0000n | 0x400n, 0x0030_0000n | 0x400n);
  // The last two pages in front of the large frame lead up to it; the one before is protected, the one before that elsewhere.
  monitor.store(PAGE_TABLE + 8 * 252, 0x5000n, 0x1f_d000n | PROTECTED, 0x1f_e000n, 0x1f_f000n);
  expect(monitor.value('map home', 'mapped')).toEqual(['2064 KiB in 3 runs']);
  expect(monitor.value('map home', 'runs')).toEqual([
    '0x1fc000-0x1fcfff rwx at absolute 0x5000',
    '0x1fd000-0x1fdfff r-x at absolute 0x1fd000',
    '0x1fe000-0x3fffff rwx at absolute 0x1fe000',
  ]);
});

test('an empty space, and frames outside the configuration, are nothing', () => {
  expect(monitor.value('map home', 'runs')).toEqual(['none']);
  monitor.store(SEGMENT_TABLE, BigInt(PAGE_TABLE));
  monitor.store(PAGE_TABLE, 0x7fff_f000n);
  expect(monitor.value('map home', 'runs')).toEqual(['none']);
});

test('real addresses are moved by the prefix, in two runs of two pages', () => {
  monitor.guest.vm.vcpus[0]?.vcpu.setPrefix(gpa(0x8000));
  expect(monitor.value('map real', 'runs')).toEqual([
    '0x0-0x1fff rwx at absolute 0x8000',
    '0x2000-0x7fff rwx at absolute 0x2000',
    '0x8000-0x9fff rwx at absolute 0x0',
    '0xa000-0x3fffff rwx at absolute 0xa000',
  ]);
  expect(monitor.json('map real')).toMatchObject({ asce: null, mapped: '0x400000' });
});
