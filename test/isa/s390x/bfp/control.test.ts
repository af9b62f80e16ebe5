import { describe, expect, test } from 'vitest';
import { DATA, run, runOnStorage } from './vector.ts';

/** Masks, flags, a data-exception code, both rounding modes: all that can be one. */
const FULL = 0xfcfc_ff77;

describe('the FPC register', () => {
  test('EFPC sets bits 32-63 and leaves the others', () => {
    const out = run('EFPC', { r1: 2 }, { fpc: FULL, gr: { 2: -1n } });
    expect(out.gr[2]).toBe(0xffff_ffff_fcfc_ff77n);
  });
  test('SFPC takes all assigned bits, the data-exception code too', () => {
    expect(run('SFPC', { r1: 2 }, { gr: { 2: 0xffff_ffff_fcfc_ff77n } }).fpc).toBe(FULL);
  });
  test('LFPC and STFPC', () => {
    expect(runOnStorage('LFPC', {}, 'fcfcff77').fpc).toBe(FULL);
    expect(runOnStorage('STFPC', {}, '', { fpc: FULL }).storage(DATA, 5)).toBe('fcfcff7700');
  });
  test.each([
    ['bit 6', 0x0200_0000],
    ['bit 7', 0x0100_0000],
    ['bit 14', 0x0002_0000],
    ['bit 15', 0x0001_0000],
    ['bit 24', 0x0000_0080],
    ['bit 28', 0x0000_0008],
    ['rounding mode 4', 4],
    ['rounding mode 5', 5],
    ['rounding mode 6', 6],
  ])('%s: specification exception, the register as before', (_, bits) => {
    const fpc = 0x8008_0001;
    for (const out of [
      run('SFPC', { r1: 2 }, { gr: { 2: BigInt(bits) }, fpc }),
      run('SFASR', { r1: 2 }, { gr: { 2: BigInt(bits) }, fpc }),
      runOnStorage('LFPC', {}, bits.toString(16).padStart(8, '0'), { fpc }),
      runOnStorage('LFAS', {}, bits.toString(16).padStart(8, '0'), { fpc }),
    ]) {
      expect(out.pgm?.code).toBe(6);
      expect(out.fpc).toBe(fpc);
    }
  });
  test('STFPC into protected storage', () => {
    const out = runOnStorage('STFPC', {}, '', { fpc: FULL, keys: { [DATA]: 0x20 }, mask: 0x0010_0001_8000_0000n });
    expect(out.pgm?.code).toBe(4);
  });
});

describe('rounding modes', () => {
  test('SRNM takes bits 62-63 of the address and clears bit 29', () => {
    expect(run('SRNM', { d2: 0xffe }, { fpc: FULL }).fpc).toBe(0xfcfc_ff72);
  });
  test.each([0, 1, 2, 3, 7])('SRNMB %i, whatever stands above bit 56', (mode) => {
    const out = run('SRNMB', { b2: 10, d2: mode }, { fpc: 0x0000_0072, gr: { 10: 0x1234_5600n } });
    expect(out.fpc).toBe(0x70 | mode);
  });
  test.each([4, 5, 6, 8, 0x83])('SRNMB %i: specification exception', (mode) => {
    const out = run('SRNMB', { d2: mode }, { fpc: 1 });
    expect(out.pgm?.code).toBe(6);
    expect(out.fpc).toBe(1);
  });
  test('SRNMT takes bits 61-63', () => {
    expect(run('SRNMT', { d2: 0xffd }, { fpc: 0x0800_0023 }).fpc).toBe(0x0800_0053);
  });
});

describe('SFASR and LFAS: flags that are on meet masks that come', () => {
  test.each([
    ['nothing enabled: flags are added', 0x00f8_0000, 0x0400_0001, 0, 0x04f8_0001],
    ['invalid before all', 0x00f8_0000, 0xf800_0000, 0x83, 0xf8f8_8300],
    ['division by zero', 0x0078_0000, 0xf800_0000, 0x43, 0xf878_4300],
    ['overflow, inexact', 0x0028_0000, 0xf800_0000, 0x2b, 0xf828_2b00],
    ['overflow, inexact, whose own mask is zero', 0x0028_0000, 0x2000_0000, 0x2b, 0x2028_2b00],
    ['overflow, exact', 0x0020_0000, 0xf800_0000, 0x23, 0xf820_2300],
    ['underflow, inexact', 0x0018_0000, 0x1000_0000, 0x1b, 0x1018_1b00],
    ['underflow, exact', 0x0010_0000, 0x1000_0000, 0x13, 0x1010_1300],
    ['inexact', 0x0008_0000, 0x0800_0000, 0x0b, 0x0808_0b00],
    ['quantum', 0x0004_0000, 0x0400_0000, 0x07, 0x0404_0700],
    ['the masks that were do not count', 0xf808_0000, 0x0000_0000, 0, 0x0008_0000],
    ['the flags that come do not count', 0x0000_0000, 0x0808_0000, 0, 0x0808_0000],
  ])('%s', (_, fpc, source, dxc, result) => {
    for (const out of [
      run('SFASR', { r1: 4 }, { gr: { 4: BigInt(source >>> 0) }, fpc }),
      runOnStorage('LFAS', {}, (source >>> 0).toString(16).padStart(8, '0'), { fpc }),
    ]) {
      expect(out.pgm?.dxc ?? 0).toBe(dxc);
      expect(out.fpc).toBe(result >>> 0);
    }
  });
});

describe('without the AFP-register control', () => {
  test.each([
    ['EFPC', 2],
    ['SFPC', 2],
    ['LFPC', 2],
    ['STFPC', 2],
    ['SRNM', 2],
    ['SRNMB', 2],
    ['SRNMT', 3],
    ['SFASR', 3],
    ['LFAS', 3],
  ])('%s: data exception %i', (mnemonic, dxc) => {
    const out = run(mnemonic, {}, { cr: { 0: 0n }, fpc: 3, gr: { 0: 0x0800_0000n } });
    expect(out.pgm).toMatchObject({ code: 7, dxc });
    expect(out.fpc).toBe(3);
    expect(out.gr[0]).toBe(0x0800_0000n);
  });
});
