/** SIGNAL PROCESSOR of a guest's guest by its system control area, basic and extended, and the external calls that come of it. */

import { beforeEach, describe, expect, test } from 'vitest';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { cpuflags, eca, ecb, ecb2, icpt, type SieBlock } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { coded, encode, MASK_64, NOP, OPEN, psw } from '../kvm/harness.ts';
import { BASE, DIAG, INNER, INNER_HANDLER, NestedBench } from './nested.ts';

const n = new NestedBench();
const { bench } = n;
beforeEach(() => {
  bench.fresh();
});

/** Another CPU's state description, and the system control area. */
const OTHER = 0x4_1000;
const SCA = 0x7_0000;
const OWN = 2;

/** What differs between the formats: the places of the CPU mask and the entries, and what a pending call looks like. */
const areas = [
  ['basic', 0, 0x30, (cpu: number) => 0x40 + cpu * 0x20, 1, 63, 64],
  ['extended', ecb2.esca, 0x40, (cpu: number) => 0x100 + cpu * 0x40, 2, 247, 248],
] as const;

describe.each(areas)('a system control area, %s', (_, format, mask, entry, bytes, last, beyond) => {
  const pending = (source: number): string =>
    bytes === 1 ? (0x80 | source).toString(16) : (0x8000 | source).toString(16);
  const controlOf = (cpu: number): string => bench.hex(SCA + entry(cpu), bytes);

  function area(cpus: Readonly<Record<number, number>>): void {
    bench.put(SCA, new Uint8Array(4 * 4096));
    for (const [cpu, description] of Object.entries(cpus).map(([k, d]) => [Number(k), d] as const)) {
      const at = SCA + mask + (cpu >> 3);
      bench.put(at, Uint8Array.of((bench.bytes(at, 1)[0] ?? 0) | (0x80 >> (cpu & 7))));
      bench.put(SCA + entry(cpu) + 8, toBigEndian(BigInt(description), 8));
    }
  }
  function describeAll(otherFlags: number, change: (b: SieBlock) => void = () => undefined): void {
    n.describeGuest((b) => {
      b.cpuflags = cpuflags.zarch | cpuflags.sm | otherFlags;
    }, OTHER);
    n.describeGuest((b) => {
      b.change('eca', eca.sigpi);
      b.change('ecb', ecb.srsi);
      b.set('ecb2', format);
      b.set('scaol', SCA);
      b.set('icpua', OWN);
      change(b);
    });
  }
  const flagsOf = (at: number): number => n.told(at).cpuflags;
  const signal = (order: number): Uint8Array => coded('SIGP', 4, 6, order);
  const to = (cpu: number): { readonly gr: Readonly<Record<number, bigint>> } => ({ gr: { 4: -1n, 6: BigInt(cpu) } });
  const { running, wait, externalCallPending } = cpuflags;

  test('an external call to a CPU that runs: pending in both places, nobody else hears of it', () => {
    area({ [last]: OTHER });
    describeAll(running);
    n.inner([signal(2), DIAG]);
    n.interpret(3, to(last));
    expect([n.ended()[0], n.ended()[2]]).toEqual([icpt.instruction, '831200440000']);
    expect([controlOf(last), (n.told().big('gpsw') >> 44n) & 3n, n.v.vcpu.gr(4)]).toEqual([
      pending(OWN),
      0n,
      -1n & 0xffff_ffff_ffff_ffffn,
    ]);
    expect(flagsOf(OTHER) & externalCallPending).toBe(externalCallPending);
  });

  test.each([
    ['waits', running | wait],
    ['is not in execution', 0],
  ])('to one that %s: partial execution, the call pending already', (_name, flags) => {
    area({ 5: OTHER });
    describeAll(flags);
    n.inner([signal(2)]);
    n.interpret(2, to(5));
    expect(n.ended()).toEqual([icpt.partialExecution, 0x80, 'ae4600020000', INNER + 4]);
    expect([controlOf(5), flagsOf(OTHER) & externalCallPending]).toEqual([pending(OWN), externalCallPending]);
  });

  test('to one that has a call already: status, nothing changed', () => {
    area({ 5: OTHER });
    bench.put(SCA + entry(5), Buffer.from(pending(9), 'hex'));
    describeAll(running);
    n.inner([signal(2), DIAG]);
    n.interpret(3, to(5));
    expect([n.ended()[2], controlOf(5), n.v.vcpu.grLow(4), (n.told().big('gpsw') >> 44n) & 3n]).toEqual([
      '831200440000',
      pending(9),
      0x80,
      1n,
    ]);
    expect(flagsOf(OTHER) & externalCallPending).toBe(0);
  });

  test.each([
    ['runs', running, 0n, 0xffff_ffff],
    ['does not', 0, 1n, 0x400],
  ])('sense running status of one that %s', (_name, flags, cc, status) => {
    area({ 5: OTHER });
    describeAll(flags);
    n.inner([signal(0x15), DIAG]);
    n.interpret(3, to(5));
    expect([n.ended()[2], (n.told().big('gpsw') >> 44n) & 3n, n.v.vcpu.grLow(4)]).toEqual(['831200440000', cc, status]);
  });

  type Case = readonly [string, number, number, (b: SieBlock) => void];
  const handed: readonly Case[] = [
    ['without the control', 2, 5, (b) => b.change('eca', 0, eca.sigpi)],
    ['without an area', 2, 5, (b) => b.set('scaol', 0)],
    ['sense running without its control', 0x15, 5, (b) => b.change('ecb', 0, ecb.srsi)],
    ['to a CPU that the mask does not name', 2, 6, () => undefined],
    ['to a CPU without a state description', 2, 7, () => undefined],
    ['to a CPU that the area has no room for', 2, beyond, () => undefined],
    ['sense', 1, 5, () => undefined],
    ['an emergency signal', 3, 5, () => undefined],
    ['a restart', 6, 5, () => undefined],
  ];
  test.each(handed)('%s: intercepted, nothing done', (_name, order, cpu, change) => {
    area({ 5: OTHER, 7: 0 });
    describeAll(running, change);
    n.inner([signal(order)]);
    n.interpret(2, to(cpu));
    expect(n.ended()).toEqual([icpt.instruction, 0x80, `ae4600${order.toString(16).padStart(2, '0')}0000`, INNER + 4]);
    expect([controlOf(5), flagsOf(OTHER) & externalCallPending]).toEqual(['00'.repeat(bytes), 0]);
  });

  describe('an external call that waits', () => {
    function waits(mask_: bigint, cr0: bigint, change: (b: SieBlock) => void = () => undefined): void {
      area({ [OWN]: 0x4_0000 });
      bench.put(SCA + entry(OWN), Buffer.from(pending(33), 'hex'));
      describeAll(0, (b) => {
        b.change('cpuflags', externalCallPending);
        b.setBig('gpsw', mask_);
        b.setGcr(0, cr0);
        change(b);
      });
      bench.put(BASE + 0x1b0, psw(MASK_64, INNER_HANDLER));
      n.inner([NOP, encode('STOSM', { b1: 0, d1: 0x3c0, i2: 1 }), NOP]);
      n.inner([DIAG], INNER_HANDLER);
    }
    const stored = (): string => bench.hex(BASE + 0x84, 4);

    test('is taken by the guest when its masks are open, and is gone then', () => {
      waits(OPEN.external, 0x20e0n);
      n.interpret(3);
      expect([stored(), n.ended()[3], controlOf(OWN), flagsOf(0x4_0000) & externalCallPending]).toEqual([
        '00211202',
        INNER_HANDLER + 4,
        '00'.repeat(bytes),
        0,
      ]);
    });
    test('waits for the PSW, and comes before the next instruction then', () => {
      waits(MASK_64, 0x20e0n);
      n.interpret(10);
      expect([stored(), n.ended()[3], bench.hex(BASE + 0x138, 8)]).toEqual([
        '00211202',
        INNER_HANDLER + 4,
        (INNER + 6).toString(16).padStart(16, '0'),
      ]);
    });
    test('waits for CR0', () => {
      waits(OPEN.external, 0xe0n);
      n.interpret(4);
      expect([stored(), controlOf(OWN), n.v.interpretation.active]).toEqual(['00000000', pending(33), true]);
    });
    test('ends a wait', () => {
      waits(OPEN.external | PSW.wait, 0x20e0n);
      n.interpret(3);
      expect([stored(), n.ended()[3]]).toEqual(['00211202', INNER_HANDLER + 4]);
    });
    test('is left to the hypervisor when that has an interruption, too', () => {
      waits(OPEN.external, 0x20e0n, (b) => b.change('cpuflags', cpuflags.extInt));
      n.interpret(1);
      const b = n.told();
      expect([b.icptcode, b.get('eic'), b.get('extcpuaddr'), controlOf(OWN)]).toEqual([
        icpt.externalInterruption,
        0x1202,
        33,
        pending(33),
      ]);
    });
    test('comes before timers', () => {
      waits(OPEN.external, 0x28e0n);
      n.interpret(2);
      expect(stored()).toBe('00211202');
    });
  });
});
