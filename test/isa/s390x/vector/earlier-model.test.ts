import { describe, expect, test } from 'vitest';
import { cpuModel } from '../../../../src/arch/s390x/cpu/model.ts';
import { Bench, encode, type Outcome } from '../../../support/s390x/isa.ts';

/** Forms of base instructions that later facilities brought: an earlier machine refuses them. */
function benchOf(name: string): Bench {
  const model = cpuModel(name);
  if (!model.ok) throw new Error(model.error);
  return new Bench(undefined, model.value.facilities);
}
const machines = {
  z13: benchOf('z13'),
  z14: benchOf('z14'),
  z15: benchOf('z15'),
  z16: benchOf('z16'),
  z17: benchOf('z17'),
};

const CR0 = { 0: 0x6_0000n } as const;
type Fields = Readonly<Record<string, number>>;

function run(machine: keyof typeof machines, mnemonic: string, fields: Fields): Outcome {
  const setup = { cr: CR0, vr: { 1: 1n, 2: 2n, 3: 3n }, gr: { 2: 0xffn, 5: 0x4000n } };
  return machines[machine].run({ ...setup, code: [encode(mnemonic, fields)] });
}
const three = { v1: 1, v2: 2, v3: 3 };
const four = { ...three, v4: 2 };
const two = { v1: 1, v2: 2 };

describe('the z13', () => {
  test.each<readonly [string, Fields]>([
    ['VFA', { ...three, m4: 2 }],
    ['VFS', { ...three, m4: 4 }],
    ['VFM', { ...three, m4: 2 }],
    ['VFD', { ...three, m4: 4 }],
    ['VFMA', { ...four, m6: 2 }],
    ['VFMS', { ...four, m6: 4 }],
    ['VFSQ', { ...two, m3: 2 }],
    ['VFPSO', { ...two, m3: 4 }],
    ['VFCE', { ...three, m4: 2 }],
    ['VFCH', { ...three, m4: 3, m5: 4 }],
    ['WFC', { ...two, m3: 4 }],
    ['VFTCI', { ...two, m4: 2 }],
    ['VFI', { ...two, m3: 4 }],
    ['VFLL', { ...two, m3: 3 }],
    ['VFLR', { ...two, m3: 4 }],
    ['VLLEZ', { v1: 1, b2: 5, m3: 6 }],
    ['VPOPCT', { ...two, m3: 1 }],
  ])('refuses the form of %s that the z14 has', (mnemonic, fields) => {
    expect(run('z13', mnemonic, fields).pgm?.code).toBe(6);
    expect(run('z14', mnemonic, fields).pgm).toBeUndefined();
  });
  test.each<readonly [string, Fields]>([
    ['VFA', { ...three, m4: 3 }],
    ['VFCH', { ...three, m4: 3 }],
    ['VFLL', { ...two, m3: 2 }],
    ['VFLR', { ...two, m3: 3 }],
    ['VCDG', { ...two, m3: 3 }],
    ['VLLEZ', { v1: 1, b2: 5, m3: 3 }],
    ['VPOPCT', { ...two, m3: 0 }],
  ])('has that of %s', (mnemonic, fields) => {
    expect(run('z13', mnemonic, fields).pgm).toBeUndefined();
  });
  test('has no instructions of the z14', () => {
    expect(run('z13', 'VFNMA', { ...four, m6: 3 }).pgm?.code).toBe(1);
  });
});

test.each(['VCDG', 'VCDLG', 'VCGD', 'VCLGD'])('the z14 refuses short numbers in %s, which the z15 has', (mnemonic) => {
  expect(run('z14', mnemonic, { ...two, m3: 2 }).pgm?.code).toBe(6);
  expect(run('z15', mnemonic, { ...two, m3: 2 }).pgm).toBeUndefined();
});

describe('the z16', () => {
  test.each<readonly [string, Fields]>([
    ...['VAVG', 'VAVGL', 'VMX', 'VMXL', 'VMN', 'VMNL', 'VCEQ', 'VCH', 'VCHL', 'VML', 'VMH', 'VMLH'].map(
      (mnemonic) => [mnemonic, { ...three, m4: 4 }] as const,
    ),
    ...['VLC', 'VLP', 'VCLZ', 'VCTZ', 'VEC', 'VECL'].map((mnemonic) => [mnemonic, { ...two, m3: 4 }] as const),
    ...['VMAL', 'VMAH', 'VMALH'].map((mnemonic) => [mnemonic, { ...four, m5: 4 }] as const),
    ...['VML', 'VMH', 'VMLH', 'VME', 'VMO', 'VMLE', 'VMLO'].map((mnemonic) => [mnemonic, { ...three, m4: 3 }] as const),
    ...['VMAL', 'VMAH', 'VMALH', 'VMAE', 'VMAO', 'VMALE', 'VMALO'].map(
      (mnemonic) => [mnemonic, { ...four, m5: 3 }] as const,
    ),
    ...['VUPH', 'VUPLH', 'VUPL', 'VUPLL'].map((mnemonic) => [mnemonic, { ...two, m3: 3 }] as const),
  ])('refuses the form of %s that the z17 has: %o', (mnemonic, fields) => {
    expect(run('z16', mnemonic, fields).pgm?.code).toBe(6);
    expect(run('z17', mnemonic, fields).pgm).toBeUndefined();
  });
  test.each<readonly [string, Fields]>([
    ['VBLEND', four],
    ['VEVAL', four],
    ['VGEM', two],
    ['VD', { ...three, m4: 2, m5: 8 }],
    ['CLZG', { r1: 1, r2: 2 }],
    ['BEXTG', { r1: 1, r2: 2, r3: 3 }],
    ['LXAG', { r1: 1 }],
    ['LLXAQ', { r1: 1 }],
  ])('has no %s, which the z17 has', (mnemonic, fields) => {
    expect(run('z16', mnemonic, fields).pgm?.code).toBe(1);
    expect(run('z17', mnemonic, fields).pgm).toBeUndefined();
  });
});

test('machines before the z15 count the bits in every byte, whatever M3 says', () => {
  expect(run('z14', 'POPCNT', { r1: 3, r2: 2, m3: 8 }).gr[3]).toBe(8n);
  const wide = { r1: 3, r2: 5, m3: 8 };
  expect([run('z14', 'POPCNT', wide).gr[3], run('z15', 'POPCNT', wide).gr[3]]).toEqual([0x100n, 1n]);
});
