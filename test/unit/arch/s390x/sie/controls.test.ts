/**
 * Every control bit of a state description that means something for this machine: what it hands over, by which code, with
 * what is stored, and that the same instruction is the guest's own without it. Both for a guest and for a guest of a guest.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import { cpuflags, eca, ecb, ecb3, icpt, type SieBlock } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { CODE, coded, encode, MASK_64, OPEN, psw } from '../kvm/harness.ts';
import { BASE, DIAG, INNER, INNER_HANDLER, NestedBench } from './nested.ts';

const n = new NestedBench();
const { bench } = n;
beforeEach(() => {
  bench.fresh();
});

/** Where operands are, in either guest's storage. */
const OPERAND = 0x3_0000;

/** What a run has come to. */
interface Told {
  readonly code: number;
  readonly status: number;
  readonly text: string;
  /** By how many bytes the PSW has passed the instruction. */
  readonly passed: number;
  /** Program interruption that the guest has taken itself, 0 for none. */
  readonly program: number;
  readonly block: SieBlock;
}

/** How the first instruction of a guest ends. */
interface Setup {
  readonly mask?: bigint;
  readonly gr?: Readonly<Record<number, bigint>>;
  readonly change?: (b: SieBlock) => void;
  /** Stored at `OPERAND`. */
  readonly operand?: Uint8Array;
  readonly cr0?: bigint;
  readonly steps?: number;
}
const textOf = (b: SieBlock): string => b.ipa.toString(16).padStart(4, '0') + b.ipb.toString(16).padStart(8, '0');

/** The levels at which a guest may be. */
const levels = [
  [
    1,
    (text: Uint8Array, { mask = MASK_64, gr = {}, change, operand, cr0 = 0xe0n, steps = 1 }: Setup): Told => {
      const v = bench.program([text, DIAG], { mask });
      bench.put(OPERAND, operand ?? new Uint8Array(16));
      for (const [r, value] of Object.entries({ 3: BigInt(OPERAND), ...gr })) v.vcpu.setGr(Number(r), value);
      v.vcpu.setCr(0, cr0);
      v.sync();
      // The hypervisor's own requests aside.
      v.block.set('ictl', 0);
      change?.(v.block);
      bench.vm.sie.enter(v.vcpu, v.block, { until: v.vcpu.icount + BigInt(steps), checked: false });
      const { block } = v;
      const passed = Number(block.big('gpswAddress')) - CODE;
      const program = Number(bench.low('programCode'));
      return { code: block.icptcode, status: block.icptstatus, text: textOf(block), passed, program, block };
    },
  ],
  [
    2,
    (text: Uint8Array, { mask = MASK_64, gr = {}, change, operand, cr0 = 0xe0n, steps = 1 }: Setup): Told => {
      n.describeGuest((b) => {
        b.setBig('gpsw', mask);
        b.setGcr(0, cr0);
        change?.(b);
      });
      n.inner([text, DIAG]);
      bench.put(BASE + 0x1d0, psw(MASK_64, INNER_HANDLER));
      bench.put(BASE + OPERAND, operand ?? new Uint8Array(16));
      n.host({ gr: { 3: BigInt(OPERAND), ...gr } });
      n.v.vcpu.setCr(0, n.v.vcpu.cr(0) | 0x6_0000n);
      n.v.sync();
      bench.run(n.v, 1 + steps);
      const { executing, interpretation } = n.v;
      const block = n.told();
      const at = interpretation.active ? executing.psw.address : block.big('gpswAddress');
      const program = Number(`0x${bench.hex(BASE + 0x8e, 2)}`);
      const passed = Number(at) - INNER;
      return { code: block.icptcode, status: block.icptstatus, text: textOf(block), passed, program, block };
    },
  ],
] as const;

/** The text of an instruction as it stands in `ipa` and `ipb`. */
const stored = (text: Uint8Array): string => Buffer.from(text).toString('hex').padEnd(12, '0');
const isThere = (mnemonic: string): boolean =>
  instructionTable.some((row) => row.mnemonic === mnemonic && row.implemented);

const at3 = { b2: 3, d2: 0 };
type Row = readonly [bit: number, mnemonic: string, text: Uint8Array, setup?: Setup & { readonly unprivileged?: true }];
/** Controls of `ictl` for instructions. What is privileged without saying so is tested to be. */
const instructions: readonly Row[] = [
  [0x1000_0000, 'STFLE', encode('STFLE', at3), { unprivileged: true }],
  [0x0100_0000, 'IPTE', encode('IPTE', { r1: 3, r2: 2, r3: 0, m4: 0 })],
  [0x0100_0000, 'IDTE', encode('IDTE', { r1: 3, r2: 2, r3: 0, m4: 0 })],
  [0x0100_0000, 'CSP', encode('CSP', { r1: 4, r2: 3 })],
  [0x0100_0000, 'CSPG', encode('CSPG', { r1: 4, r2: 3 })],
  [0x0100_0000, 'CRDTE', encode('CRDTE', { r1: 4, r2: 6, r3: 0, m4: 0 })],
  [0x0040_0000, 'LPSW', encode('LPSW', at3), { operand: Uint8Array.of(0, 8, 0, 0, 0x80, 0, 0, 0) }],
  [0x0040_0000, 'LPSWE', encode('LPSWE', at3), { operand: psw(MASK_64, 0x5_0000) }],
  [0x0020_0000, 'PTLB', encode('PTLB')],
  [0x0020_0000, 'PALB', encode('PALB')],
  [0x0010_0000, 'SSM', encode('SSM', at3)],
  [0x0008_0000, 'BSA', encode('BSA', { r1: 0, r2: 2 }), { unprivileged: true }],
  [0x0008_0000, 'BSG', encode('BSG', { r1: 0, r2: 2 }), { unprivileged: true }],
  [0x0004_0000, 'STCTL', encode('STCTL', { r1: 0, r3: 1, ...at3 })],
  [0x0004_0000, 'STCTG', encode('STCTG', { r1: 0, r3: 1, ...at3 })],
  [0x0002_0000, 'STNSM', encode('STNSM', { b1: 3, d1: 0, i2: 0xff })],
  [0x0001_0000, 'STOSM', encode('STOSM', { b1: 3, d1: 0, i2: 0 })],
  [0x0000_8000, 'STCK', encode('STCK', at3), { unprivileged: true }],
  [0x0000_8000, 'STCKF', encode('STCKF', at3), { unprivileged: true }],
  [0x0000_8000, 'STCKE', encode('STCKE', at3), { unprivileged: true }],
  [0x0000_4000, 'ISKE', encode('ISKE', { r1: 1, r2: 2 })],
  [0x0000_2000, 'SSKE', encode('SSKE', { r1: 1, r2: 2, m3: 0, m4: 0 })],
  [0x0000_1000, 'RRBE', encode('RRBE', { r1: 1, r2: 2 })],
  [0x0000_1000, 'RRBM', encode('RRBM', { r1: 1, r2: 2 })],
  [0x0000_0800, 'PC', encode('PC', { b2: 0, d2: 5 }), { unprivileged: true }],
  [0x0000_0400, 'PT', encode('PT', { r1: 1, r2: 2 }), { unprivileged: true }],
  [0x0000_0200, 'TPROT', encode('TPROT', { b1: 3, d1: 0, b2: 0, d2: 0 })],
  [0x0000_0100, 'LASP', encode('LASP', { b1: 3, d1: 0, b2: 0, d2: 0 })],
  [0x0000_0040, 'SPT', encode('SPT', at3)],
  [0x0000_0040, 'STPT', encode('STPT', at3)],
  [0x0000_0040, 'ECTG', encode('ECTG', { b1: 3, d1: 0, b2: 3, d2: 8, r3: 4 }), { unprivileged: true }],
  [0x0000_0020, 'SCKC', encode('SCKC', at3)],
  [0x0000_0020, 'STCKC', encode('STCKC', at3)],
  [0x0000_0008, 'PR', encode('PR'), { unprivileged: true }],
  [0x0000_0004, 'BAKR', encode('BAKR', { r1: 0, r2: 2 }), { unprivileged: true }],
];

describe.each(levels)('level %d', (level, run) => {
  describe('ictl: an instruction', () => {
    const rows = instructions.filter(([, mnemonic]) => isThere(mnemonic));
    test.each(
      rows.map(([bit, mnemonic, ...rest]) => [mnemonic, bit, ...rest] as const),
    )('%s by bit %i: code 04, its text, the PSW behind it, nothing done', (_, bit, text, setup = {}) => {
      const operand = setup.operand ?? new Uint8Array(16);
      const told = run(text, {
        ...setup,
        change: (b) => {
          b.ictl = bit;
        },
      });
      expect([told.code, told.status, told.text, told.passed, told.program]).toEqual([
        icpt.instruction,
        0x80,
        stored(text),
        text.length,
        0,
      ]);
      expect(bench.bytes((level === 1 ? 0 : BASE) + OPERAND, operand.length)).toEqual(operand);
    });

    test.each(
      rows.map(([bit, mnemonic, ...rest]) => [mnemonic, bit, ...rest] as const),
    )('%s without it: not handed over by any other bit', (_, bit, text, setup = {}) => {
      // The bits for exceptions and for pairs of values aside, all others on.
      const others = [...new Set(instructions.map(([b]) => b))].filter((b) => b !== bit).reduce((all, b) => all | b, 0);
      const told = run(text, {
        ...setup,
        change: (b) => {
          b.ictl = others;
          // Without a list there is nothing that the machine could store.
          b.set('fac', 0x7_1000);
        },
      });
      expect(told.code).not.toBe(icpt.instruction);
    });

    test.each(
      rows
        .filter((row) => row[3]?.unprivileged !== true)
        .map(([bit, mnemonic, text]) => [mnemonic, bit, text] as const),
    )('%s in the problem state: its exception comes first', (_, bit, text) => {
      const told = run(text, {
        mask: MASK_64 | PSW.problem,
        change: (b) => {
          b.ictl = bit;
        },
      });
      expect([told.code, told.program]).toEqual([icpt.none, PGM.privilegedOperation]);
    });

    const words = (...values: number[]): Uint8Array =>
      Uint8Array.from(values.flatMap((v) => [...toBigEndian(BigInt(v), 4)]));
    type Unequal = readonly [string, number, Uint8Array, Uint8Array, bigint];
    const unequal: readonly Unequal[] = [
      ['TS', 0x0800_0000, encode('TS', at3), words(0x8000_0000, 0), 0n],
      ['CS', 0x0400_0000, encode('CS', { r1: 4, r3: 6, ...at3 }), words(7, 8), 7n],
      ['CSY', 0x0400_0000, encode('CSY', { r1: 4, r3: 6, ...at3 }), words(7, 8), 7n],
      ['CSG', 0x0400_0000, encode('CSG', { r1: 4, r3: 6, ...at3 }), words(0, 7), 7n],
      ['CDS', 0x0200_0000, encode('CDS', { r1: 4, r3: 6, ...at3 }), words(7, 8), 7n],
      ['CDSY', 0x0200_0000, encode('CDSY', { r1: 4, r3: 6, ...at3 }), words(7, 8), 7n],
      ['CDSG', 0x0200_0000, encode('CDSG', { r1: 4, r3: 6, ...at3 }), words(0, 7, 0, 8), 7n],
    ];
    test.each(
      unequal,
    )('%s that finds another value: handed over when it is done', (mnemonic, bit, text, operand, found) => {
      const change = (b: SieBlock): void => {
        b.ictl = bit;
      };
      const told = run(text, { operand, change });
      expect([told.code, told.status, told.text, told.passed]).toEqual([
        icpt.instruction,
        0x80,
        stored(text),
        text.length,
      ]);
      expect((told.block.big('gpsw') >> 44n) & 3n).toBe(1n);
      if (mnemonic !== 'TS') expect(n.bench.vm.vcpus[0]?.vcpu.gr(4)).toBe(found);
      // Equal operands, and no control: the guest goes on.
      bench.fresh();
      expect(run(text, { change }).code).toBe(icpt.none);
      bench.fresh();
      expect(run(text, { operand }).code).toBe(icpt.none);
    });
    test('the same as the target of EXECUTE', () => {
      const told = run(encode('EXRL', { r1: 0, ri2: 0x100 }), {
        operand: words(7, 8),
        change: (b) => {
          b.ictl = 0x0400_0000;
          const target = encode('CS', { r1: 4, r3: 6, ...at3 });
          bench.put(level === 1 ? CODE + 0x100 : BASE + INNER + 0x100, target);
        },
      });
      expect([told.code, told.status, told.text, told.passed]).toEqual([icpt.instruction, 0xe1, 'ba4630000000', 6]);
    });
  });

  describe('ictl: program interruptions', () => {
    const operation = Uint8Array.of(0, 0);
    const divide = encode('DR', { r1: 2, r2: 1 });
    const specification = encode('LCTLG', { r1: 0, r3: 0, b2: 3, d2: 1 });
    type Case = readonly [string, Uint8Array, (b: SieBlock) => void, number, number, Setup?];
    const set =
      (ictl: number) =>
      (b: SieBlock): void => {
        b.ictl = ictl;
      };
    const cases: readonly Case[] = [
      ['an operation exception by its bit', operation, set(0x8000_0000), icpt.operation, 0],
      ['an operation exception by the bit for all', operation, set(0x2000_0000), icpt.program, PGM.operation],
      ['an operation exception by both: its own code', operation, set(0xa000_0000), icpt.operation, 0],
      [
        'a privileged operation by its bit',
        encode('PTLB'),
        set(0x4000_0000),
        icpt.program,
        PGM.privilegedOperation,
        { mask: MASK_64 | PSW.problem },
      ],
      ['a division by the bit for all', divide, set(0x2000_0000), icpt.program, PGM.fixedPointDivide],
      [
        'a specification without SPECI',
        specification,
        (b) => b.change('ecb', 0, ecb.speci),
        icpt.program,
        PGM.specification,
      ],
      [
        'an address that is not there, always',
        encode('LG', { r1: 1, x2: 0, b2: 5, d2: 0 }),
        (b) => {
          b.cpuflags = (b.cpuflags & ~cpuflags.sm) >>> 0;
          b.setBig('mso', BigInt(0));
          b.setBig('msl', 0xf_ffffn);
        },
        icpt.program,
        PGM.addressing,
        { gr: { 5: 0x4000_0000n } },
      ],
      [
        'protection without its interpretation',
        encode('STG', { r1: 1, x2: 0, b2: 0, d2: 8 }),
        (b) => b.change('eca', 0, eca.protectionInterpretation),
        icpt.program,
        PGM.protection,
        { cr0: 0x1000_00e0n },
      ],
      [
        'a special operation, always',
        encode('SAC', { b2: 0, d2: 0x100 }),
        () => undefined,
        icpt.program,
        PGM.specialOperation,
      ],
    ];
    const rows = cases.map(
      ([name, text, change, code, program, setup = {}]) => [name, text, change, code, program, setup] as const,
    );
    test.each(rows)('%s', (_, text, change, code, program, setup) => {
      const told = run(text, { ...setup, change });
      // Suppressed instructions leave the PSW behind them.
      expect([told.code, told.passed, told.program]).toEqual([code, text.length, 0]);
      if (code === icpt.operation) expect([told.status, told.text]).toEqual([0x80, stored(text)]);
      else expect([told.block.get('iprcc'), told.block.get('pgmilc')]).toEqual([program, text.length]);
    });
    test.each([
      ['an operation exception', operation, PGM.operation, {}],
      ['a privileged operation', encode('PTLB'), PGM.privilegedOperation, { mask: MASK_64 | PSW.problem }],
      ['a division', divide, PGM.fixedPointDivide, {}],
      ['a specification under SPECI', specification, PGM.specification, {}],
      [
        'protection under its interpretation',
        encode('STG', { r1: 1, x2: 0, b2: 0, d2: 8 }),
        PGM.protection,
        { cr0: 0x1000_00e0n },
      ],
    ] as const)('%s is the guest’s without', (_, text, program, setup) => {
      const told = run(text, setup);
      expect([told.code, told.program]).toEqual([icpt.none, program]);
    });
  });

  describe('lctl', () => {
    test.each(Array.from({ length: 16 }, (_, i) => i))('control register %i alone', (register) => {
      const change = (b: SieBlock): void => {
        b.lctl = 0x8000 >> register;
      };
      const load = (r1: number, r3: number): Uint8Array => encode('LCTLG', { r1, r3, ...at3 });
      const told = run(load(register, register), { change });
      expect([told.code, told.status, told.text, told.passed]).toEqual([
        icpt.instruction,
        0x80,
        stored(load(register, register)),
        6,
      ]);
      bench.fresh();
      const next = (register + 1) % 16;
      expect(run(load(next, (register + 15) % 16), { change, operand: new Uint8Array(128) }).code).toBe(icpt.none);
      bench.fresh();
      expect(run(encode('LCTL', { r1: (register + 15) % 16, r3: next, ...at3 }), { change }).code).toBe(
        icpt.instruction,
      );
    });
  });

  describe('svcc', () => {
    test.each([
      ['all', 0x8000_0000, 9, true],
      ['the first number', 0x4009_0000, 9, true],
      ['the second', 0x2000_0900, 9, true],
      ['the third', 0x1000_0009, 9, true],
      ['other numbers', 0x7001_0203, 9, false],
    ])('%s', (_, svcc, number, handed) => {
      const told = run(encode('SVC', { i: number }), { change: (b) => b.set('svcc', svcc) });
      expect([told.code, told.status]).toEqual(handed ? [icpt.instruction, 0x80] : [icpt.none, 0]);
    });
  });

  describe('eca and ecb', () => {
    const vector = encode('VLR', { v1: 1, v2: 2 });
    const enabled = { cr0: 0x6_00e0n };
    test.each([
      [
        'vectors are the guest’s under VX',
        (b: SieBlock) => {
          b.change('eca', eca.vx);
          b.change('ecd', 0x2000_0000);
        },
        enabled,
        0,
      ],
      [
        'and disabled by its CR0',
        (b: SieBlock) => {
          b.change('eca', eca.vx);
          b.change('ecd', 0x2000_0000);
        },
        { cr0: 0xe0n },
        PGM.data,
      ],
      ['there are none without', (b: SieBlock) => b.change('eca', 0, eca.vx), enabled, PGM.operation],
      ['none without, whatever CR0 says', (b: SieBlock) => b.change('eca', 0, eca.vx), { cr0: 0xe0n }, PGM.operation],
    ] as const)('%s', (_, change, setup, program) => {
      const told = run(vector, { ...setup, change });
      expect([told.code, told.program]).toEqual([icpt.none, program]);
    });
    test('floating-point registers are there without VX', () => {
      const told = run(encode('LDR', { r1: 1, r2: 3 }), { ...enabled, change: (b) => b.change('eca', 0, eca.vx) });
      expect([told.code, told.program]).toEqual([icpt.none, 0]);
    });

    test('guarded storage is handed over without its bit', () => {
      const text = encode('STGSC', { r1: 0, x2: 0, b2: 3, d2: 0 });
      const told = run(text, { change: (b) => b.change('ecb', 0, ecb.gs) });
      expect([told.code, told.text]).toEqual([icpt.instruction, stored(text)]);
      bench.fresh();
      const cr2 = (b: SieBlock): void => {
        b.change('ecb', ecb.gs);
        b.change('ecd', 0x2000_0000);
        b.setGcr(2, 0x10n);
      };
      expect(run(text, { change: cr2 }).code).toBe(icpt.none);
    });

    test.each(['TBEGIN', 'TBEGINC'])('%s: an operation exception without TE', (mnemonic) => {
      const text = encode(mnemonic, { b1: 0, d1: 0, i2: 0 });
      const told = run(text, { cr0: 0x80_0000_0000_00e0n, change: (b) => b.change('ecb', 0, ecb.te) });
      expect([told.code, told.program]).toEqual([icpt.none, PGM.operation]);
    });

    test('frames are managed by the hypervisor', () => {
      const text = encode('PFMF', { r1: 1, r2: 2 });
      const told = run(text, {});
      expect([told.code, told.text, told.passed]).toEqual([icpt.instruction, stored(text), 4]);
    });

    test.each([
      ['CEI', eca.cei, icpt.none],
      ['not', 0, icpt.externalInterruption],
    ])('an external interruption of its timers is %s the guest’s', (_, bit, code) => {
      const told = run(encode('BCR', { m1: 0, r2: 0 }), {
        mask: OPEN.external,
        cr0: 0x8e0n,
        change: (b) => {
          b.change('eca', bit, eca.cei & ~bit);
          b.setBig('ckc', 0n);
        },
      });
      expect(told.code).toBe(code);
      if (code !== icpt.none) expect([told.block.get('eic'), told.passed]).toEqual([0x1004, 0]);
    });
  });

  describe('cpuflags', () => {
    test.each([
      ['ISKE', encode('ISKE', { r1: 1, r2: 2 })],
      ['SSKE', encode('SSKE', { r1: 1, r2: 2, m3: 0, m4: 0 })],
      ['RRBE', encode('RRBE', { r1: 1, r2: 2 })],
      ['RRBM', encode('RRBM', { r1: 1, r2: 2 })],
    ])('the keyless subset: %s is handed over in front of it, before its own bit', (_, text) => {
      const told = run(text, {
        change: (b) => {
          b.change('cpuflags', cpuflags.kss);
          b.ictl = 0x7000;
        },
      });
      expect([told.code, told.passed]).toEqual([icpt.kss, 0]);
    });

    test.each([
      ['no z/Architecture', 0, cpuflags.zarch, 0x0001],
      ['region relocation', cpuflags.rrf, 0, 0x0001],
      ['multiple data spaces', cpuflags.mcds, 0, 0x0001],
      ['storage limits kept', cpuflags.slsv, 0, 0x0007],
      ['storage limits restored', cpuflags.slsr, 0, 0x0007],
      ['both of the enhanced-DAT facilities', cpuflags.ged | cpuflags.ged2, 0, 0x0001],
    ])('%s: not valid', (_, on, off, reason) => {
      const told = run(DIAG, { change: (b) => b.change('cpuflags', on, off) });
      expect([told.code, told.block.ipb >>> 16, told.block.ipa & 0xf0, told.passed]).toEqual([
        icpt.validity,
        reason,
        0x10,
        0,
      ]);
    });

    const { extInt, ioInt, stopInt } = cpuflags;
    test.each([
      ['external, open', extInt, OPEN.external, icpt.externalRequest],
      ['external, masked', extInt, OPEN.io, icpt.none],
      ['I/O, open', ioInt, OPEN.io, icpt.ioRequest],
      ['I/O, masked', ioInt, OPEN.external, icpt.none],
      ['stop', stopInt, MASK_64, icpt.stop],
      ['external before I/O before stop', extInt | ioInt | stopInt, OPEN.all, icpt.externalRequest],
      ['I/O before stop', ioInt | stopInt, OPEN.all, icpt.ioRequest],
      ['external before a wait', extInt, OPEN.external | PSW.wait, icpt.externalRequest],
      ['I/O before a wait', ioInt, OPEN.io | PSW.wait, icpt.ioRequest],
      ['stop before a wait', stopInt, MASK_64 | PSW.wait, icpt.stop],
      ['a wait', 0, MASK_64 | PSW.wait, icpt.wait],
      ['a wait although something masked is requested', ioInt, OPEN.external | PSW.wait, icpt.wait],
    ])('requests: %s', (_, flags, mask, code) => {
      // What an earlier interception has left is not theirs.
      const change = (b: SieBlock): void => {
        b.change('cpuflags', flags);
        b.ipa = 0x8300;
        b.ipb = 0x44_0000;
        b.icptstatus = 0x80;
      };
      const told = run(encode('BCR', { m1: 0, r2: 0 }), { mask, change });
      expect([told.code, told.status, told.text]).toEqual([code, 0, '000000000000']);
      if (code !== icpt.none) expect(told.passed).toBe(0);
    });

    test('events of its programs are handed over under the enhancement, with all that they store', () => {
      const told = run(encode('BCR', { m1: 0, r2: 0 }), {
        change: (b) => {
          b.change('cpuflags', cpuflags.p);
          b.setGcr(9, 0x4000_0000n);
          b.setGcr(11, -1n);
        },
      });
      const { block } = told;
      expect([told.code, block.get('iprcc'), block.get('perc'), block.get('peratmid'), told.passed]).toEqual([
        icpt.program,
        PGM.perEvent,
        0x40,
        0xe0,
        2,
      ]);
      expect(block.big('peraddr')).toBe(BigInt(level === 1 ? CODE : INNER));
    });
  });
});

describe('a guest of a guest', () => {
  const [, [, run]] = levels;

  test.each([
    ['vector registers', encode('VLR', { v1: 1, v2: 2 }), 0xfe, 0x4_00e0n],
    ['floating-point registers', encode('ADBR', { r1: 0, r2: 2 }), 2, 0xe0n],
  ])('%s that its host has not enabled are the host’s to enable', (_, text, dxc, hostCr0) => {
    n.describeGuest((b) => {
      b.setGcr(0, 0x6_00e0n);
      b.change('eca', eca.vx);
      b.set('ecd', 0x2000_0000);
    });
    n.inner([text]);
    n.host();
    n.v.vcpu.setCr(0, hostCr0);
    n.v.sync();
    bench.run(n.v, 2);
    const b = n.told();
    expect([b.icptcode, b.get('iprcc'), b.get('dxc')]).toEqual([icpt.program, PGM.data, dxc]);
    expect(n.ended()[3]).toBe(INNER + text.length);
  });

  test.each([
    ['frames', encode('PFMF', { r1: 1, r2: 2 })],
    ['usage states', encode('ESSA', { r1: 1, r2: 2, m3: 0, m4: 0 })],
  ])('%s are not the machine’s to manage, whatever the bits say: they are not announced', (_, text) => {
    const told = run(text, { change: (b) => b.set('ecb2', 0x88) });
    expect([told.code, told.text]).toEqual([icpt.instruction, stored(text)]);
  });

  test.each([
    ['there is none', 0, 0x0039],
    ['a format that is none', 0x7_0002, 0x0022],
    ['it crosses its page', 0x7_0f81 + 0x40, 0x003c],
    ['the long one crosses its page', 0x7_0f43, 0x003c],
    ['it is nowhere', 0x4000_0001, 0x0035],
  ])('the control block for wrapped keys is not valid when %s', (_, crycbd, reason) => {
    const told = run(DIAG, {
      change: (b) => {
        b.set('ecb3', ecb3.aes);
        b.set('crycbd', crycbd === 0 ? 1 : crycbd);
      },
    });
    expect([told.code, told.block.ipb >>> 16]).toEqual([icpt.validity, reason]);
  });
  test('and is looked at under its controls alone', () => {
    const told = run(DIAG, { change: (b) => b.set('crycbd', 0x4000_0001) });
    expect(told.code).toBe(icpt.instruction);
  });

  test('keys are wrapped under the control for their cipher alone', () => {
    const wrap = (code: bigint, controls: number): number[] => {
      bench.fresh();
      const change = (b: SieBlock): void => b.set('ecb3', controls);
      const told = run(encode('PCKMO'), { gr: { 0: code, 1: BigInt(OPERAND) }, change });
      return [told.passed, told.program];
    };
    expect([wrap(18n, ecb3.aes), wrap(1n, ecb3.dea)]).toEqual([
      [4, 0],
      [4, 0],
    ]);
    expect([wrap(18n, ecb3.dea)[1], wrap(1n, ecb3.aes)[1], wrap(18n, 0)[1]]).toEqual([6, 6, 6]);
  });

  test('a facility list that is nowhere is found out when it is asked for', () => {
    const told = run(encode('STFLE', at3), { change: (b) => b.set('fac', 0x4000_0000) });
    expect([told.code, told.block.ipb >>> 16, told.block.ipa]).toEqual([icpt.validity, 0x1090, 0x1120]);
    bench.fresh();
    expect(run(coded('DIAG', 0, 0, 0x44), { change: (b) => b.set('fac', 0x4000_0000) }).code).toBe(icpt.instruction);
  });
});
