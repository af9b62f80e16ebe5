/** A machine without storage keys: what needs them is a special-operation exception, and an access key that is not zero too. */

import { describe, expect, test } from 'vitest';
import { deliverExternal, deliverSvc, supervisorCall } from '../../../../src/arch/s390x/cpu/interruption.ts';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { lowcore } from '../../../../src/arch/s390x/cpu/lowcore.ts';
import { cpuModel } from '../../../../src/arch/s390x/cpu/model.ts';
import { KEY } from '../../../../src/arch/s390x/cpu/storage-keys.ts';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';

function benchOf(name: string): Bench {
  const model = cpuModel(name);
  if (!model.ok) throw new Error(model.error);
  return new Bench(undefined, model.value.facilities);
}
const [removed, usual] = [benchOf('z16,skr=on'), benchOf('z16')];

type Fields = Readonly<Record<string, number>>;
/** Registers 1 and 3 hold lengths, keys and orders; 4 and 5 addresses. */
const registers = { 0: 0n, 1: 0x40n, 3: 0x40n, 4: 0x4000n, 5: 0x5000n };
/** All keys and spaces are allowed; DAT is off. */
const setup: Partial<Setup> = { gr: registers, cr: { 0: 0x0400_0000n, 3: 0xffff_0000n } };
const PFMF_SETS_KEY = 0x2_0000n;
const PFMF_CLEARS = 0x1_0000n;

interface Attempt {
  readonly mnemonic: string;
  readonly fields: Fields;
  readonly gr?: Readonly<Record<number, bigint>>;
  readonly storage?: Readonly<Record<number, string>>;
}

const needsKeys: readonly Attempt[] = [
  { mnemonic: 'SSKE', fields: { r1: 3, r2: 4 } },
  { mnemonic: 'SSKE', fields: { r1: 3, r2: 4, m3: 1 } },
  { mnemonic: 'ISKE', fields: { r1: 3, r2: 4 } },
  { mnemonic: 'RRBE', fields: { r1: 3, r2: 4 } },
  { mnemonic: 'PFMF', fields: { r1: 3, r2: 4 }, gr: { 3: PFMF_SETS_KEY | 0x30n } },
  { mnemonic: 'SPKA', fields: { b2: 0, d2: 0xf0 } },
  { mnemonic: 'TPROT', fields: { b1: 4, d1: 0, b2: 0, d2: 0xf0 } },
  { mnemonic: 'MVCK', fields: { r1: 1, r3: 3, b1: 4, b2: 5 } },
  { mnemonic: 'MVCSK', fields: { b1: 4, b2: 5 } },
  { mnemonic: 'MVCDK', fields: { b1: 4, b2: 5 } },
  { mnemonic: 'MVPG', fields: { r1: 4, r2: 5 }, gr: { 0: 0x400n | 0x40n } },
  { mnemonic: 'MVPG', fields: { r1: 4, r2: 5 }, gr: { 0: 0x800n | 0x40n } },
  { mnemonic: 'LPSW', fields: { b2: 4 }, storage: { 0x4000: '00380000 80006000' } },
  { mnemonic: 'LPSWE', fields: { b2: 4 }, storage: { 0x4000: '00300001 80000000 00000000 00006000' } },
  { mnemonic: 'LPSWEY', fields: { b1: 4 }, storage: { 0x4000: '00300001 80000000 00000000 00006000' } },
];

/** The same instructions when all keys are zero, and none is set. */
const needsNone: readonly Attempt[] = [
  { mnemonic: 'PFMF', fields: { r1: 3, r2: 4 }, gr: { 3: PFMF_CLEARS } },
  { mnemonic: 'SPKA', fields: { b2: 0, d2: 0 } },
  { mnemonic: 'TPROT', fields: { b1: 4, d1: 0, b2: 0, d2: 0 } },
  { mnemonic: 'MVCK', fields: { r1: 1, r3: 0, b1: 4, b2: 5 } },
  { mnemonic: 'MVPG', fields: { r1: 4, r2: 5 }, gr: { 0: 0x400n } },
  { mnemonic: 'LPSWE', fields: { b2: 4 }, storage: { 0x4000: '00000001 80000000 00000000 00006000' } },
];

function run(bench: Bench, { mnemonic, fields, gr = {}, storage = {} }: Attempt) {
  return bench.run({
    ...setup,
    code: [encode(mnemonic, fields)],
    gr: { ...registers, ...gr },
    storage: { 0x4000: '11'.repeat(16), 0x5000: '22'.repeat(16), ...storage },
    controls: { ecb2: 0xff },
    mask: MASK_64,
    cc: 2,
  });
}

describe('without storage keys', () => {
  test.each(needsKeys)('$mnemonic $fields is a special-operation exception, and changes nothing', (attempt) => {
    const out = run(removed, attempt);
    expect([out.pgm?.code, out.cc]).toEqual([PGM.specialOperation, 2]);
    expect(out.gr.slice(0, 6)).toEqual(Object.values({ ...registers, 2: 0n, ...attempt.gr }));
    expect(out.storage(0x4000, 4)).toBe(attempt.storage?.[0x4000]?.slice(0, 8) ?? '11111111');
    expect((removed.complex.keys[4] ?? 0) & KEY.accessAndFetch).toBe(0);
    expect(run(usual, attempt).pgm?.code).not.toBe(PGM.specialOperation);
  });
  test.each(needsNone)('$mnemonic $fields does what it always does', (attempt) => {
    const [here, there] = [run(removed, attempt), run(usual, attempt)];
    expect([here.pgm, here.cc, here.gr, here.address]).toEqual([undefined, there.cc, there.gr, there.address]);
    expect(here.storage(0x4000, 16)).toBe(there.storage(0x4000, 16));
  });
  test('MVCOS refuses a key of either operand-access control that it is to use, and ignores the others', () => {
    // Real-space designations: DAT is on, and leaves addresses as they are.
    const cr = { ...setup.cr, 1: 0x20n, 7: 0x20n };
    const code = [encode('MVCOS', { r3: 1, b1: 4, b2: 5 })];
    const dat = MASK_64 | (1n << 58n);
    const refused = (control: bigint): number | undefined =>
      removed.run({ ...setup, cr, code, mask: dat, gr: { ...registers, 0: control } }).pgm?.code;
    expect(refused(0xf002_f002n)).toBe(PGM.specialOperation);
    expect(refused(0xf002_0000n)).toBe(PGM.specialOperation);
    expect(refused(0xf002n)).toBe(PGM.specialOperation);
    expect(refused(0xf000_f000n)).toBeUndefined();
  });
  test('RRBM and IRBM are not there', () => {
    for (const mnemonic of ['RRBM', 'IRBM']) {
      expect(run(removed, { mnemonic, fields: { r1: 3, r2: 4 } }).pgm?.code).toBe(PGM.operation);
    }
  });
  test('a PSW with a key is not valid when it comes by an interruption: an early specification exception', () => {
    const { vcpu } = run(removed, { mnemonic: 'SPKA', fields: {} });
    vcpu.setPsw({ mask: MASK_64 | (0xfn << 52n), address: CODE });
    expect(vcpu.hasInvalidPsw).toBe(true);
    vcpu.setPsw({ mask: MASK_64, address: CODE });
    expect(vcpu.hasInvalidPsw).toBe(false);
    const other = run(usual, { mnemonic: 'SPKA', fields: {} }).vcpu;
    other.setPsw({ mask: MASK_64 | (0xfn << 52n), address: CODE });
    expect(other.hasInvalidPsw).toBe(false);
  });
  test('the new PSW of an interruption is one of those: a program interruption follows, whose old PSW it is', () => {
    const keyed = '00f00001 80000000 00000000 00005000';
    const plain = '00000001 80000000 00000000 00006000';
    const storage = {
      [lowcore.externalNewPsw[0]]: keyed,
      [lowcore.svcNewPsw[0]]: keyed,
      [lowcore.programNewPsw[0]]: plain,
    };
    const interrupted = (bench: Bench) =>
      bench.run({ ...setup, code: [encode('LR', { r1: 1, r2: 1 })], storage, mask: MASK_64 });
    const seen = (out: ReturnType<typeof interrupted>) => [
      out.vcpu.psw.address,
      out.storage(lowcore.programCode[0], 2),
      out.storage(lowcore.programIlc[0], 2),
      out.storage(lowcore.programOldPsw[0], 16),
    ];
    const early = [0x6000n, '0006', '0000', keyed.replaceAll(' ', '')];
    const external = interrupted(removed);
    deliverExternal(removed.complex, external.vcpu, { code: 0x1202, cpuAddress: 0 });
    expect(seen(external)).toEqual(early);
    const svc = interrupted(removed);
    expect(supervisorCall(removed.complex, svc.vcpu, 1, 2)).toBe(false);
    deliverSvc(removed.complex, svc.vcpu, 1, 2);
    expect(seen(svc)).toEqual(early);
    const there = interrupted(usual);
    deliverExternal(usual.complex, there.vcpu, { code: 0x1202, cpuAddress: 0 });
    expect(seen(there)).toEqual([0x5000n, '0000', '0000', '0'.repeat(32)]);
  });
});
