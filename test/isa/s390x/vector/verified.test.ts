/**
 * What a z17 leaves: results of instructions that it brought, or gave larger elements, for operands chosen to hurt. They were had
 * from a real machine, as the tests of the valgrind project tell; here the rows are held to them.
 */

import { describe, expect, test } from 'vitest';
import { run } from './model.ts';

/** Operands by a letter. */
const operands: Readonly<Record<string, bigint>> = {
  0: 0x00000000000000000000000000000000n,
  8: 0x80000000000000000000000000000000n,
  a: 0x56aaaaaaaaaaaaaabcdeccf0aa330f55n,
  b: 0xbbbbbbbbbbbbbbbb6789f0aa4c0f5533n,
  c: 0x00cc00000000c08c1234aaccf055330fn,
  d: 0x000000000000000000000cafe0000000n,
  e: 0xfedcba98765432100000000000000000n,
  f: 0xffffffffffffffffffffffffffffffffn,
};
const inDivisions: Readonly<Record<string, bigint>> = {
  0: 0x00000000000000000000000000000000n,
  8: 0x80000000000000000000000000000000n,
  2: 0x01234567800000000321456700333112n,
  3: 0x012345678abcdef08000000000000000n,
  a: 0x7777777700000000ffffffff00000000n,
  b: 0xab6b5205d99cbdc73ba178cee0c63063n,
  c: 0x00000023ffffffff000000050000000bn,
  d: 0x00000000000000000000000000001234n,
  e: 0x0000000000123456ffffffffffffffffn,
  f: 0xffffffffffffffffffffffffffffffffn,
};

/** Size or immediate, letters of V2, V3 and V4, V1 in hexadecimal, and the condition code where one is set. */
type Found = readonly [value: number, from: string, left: string, cc?: number];

const field: Readonly<Record<string, string>> = {
  i5: 'VEVAL',
  m3: 'VGEM VUPLL VUPLH VUPL VUPH VCLZ VCTZ VLC VLP VEC VECL',
  m4: 'VMX VMXL VMN VMNL VAVG VAVGL VCEQ VCH VCHL VME VMLE VMO VMLO VML VMH VMLH',
  m5: 'VBLEND VMAE VMALE VMAO VMALO VMAL VMAH VMALH',
};
const nameOf = (mnemonic: string): string =>
  Object.entries(field).find(([, mnemonics]) => mnemonics.split(' ').includes(mnemonic))?.[0] ?? '';

const found: Readonly<Record<string, readonly Found[]>> = {
  VEVAL: [
    [0, 'abc', '00000000000000000000000000000000'],
    [1, 'abc', '00880000000080880000808000010101'],
    [2, 'abc', '1222aaaaaaaa2a222488402008020410'],
    [16, 'abc', '00000000000000000200200840041002'],
    [128, 'abc', '00004444444404400000010101808080'],
    [78, 'abc', '5666aaaaaaaa6a26bcfe4e74ba722e5c'],
    [255, 'abc', 'ffffffffffffffffffffffffffffffff'],
  ],
  VGEM: [
    [0, 'a', '00ff00ff00ffff00ff00ff00ff00ff00'],
    [1, 'a', '0000ffff0000ffff0000ffffffff0000'],
    [2, 'a', '00000000ffffffff00000000ffffffff'],
    [3, 'a', '0000000000000000ffffffffffffffff'],
    [4, 'a', '00000000000000000000000000000000'],
    [4, 'b', 'ffffffffffffffffffffffffffffffff'],
  ],
  VUPLL: [
    [3, 'a', '0000000000000000bcdeccf0aa330f55'],
    [3, 'e', '00000000000000000000000000000000'],
    [3, 'c', '00000000000000001234aaccf055330f'],
  ],
  VUPLH: [
    [3, 'a', '000000000000000056aaaaaaaaaaaaaa'],
    [3, 'e', '0000000000000000fedcba9876543210'],
    [3, 'c', '000000000000000000cc00000000c08c'],
  ],
  VUPL: [
    [3, 'a', 'ffffffffffffffffbcdeccf0aa330f55'],
    [3, 'e', '00000000000000000000000000000000'],
    [3, 'c', '00000000000000001234aaccf055330f'],
  ],
  VUPH: [
    [3, 'a', '000000000000000056aaaaaaaaaaaaaa'],
    [3, 'e', 'fffffffffffffffffedcba9876543210'],
    [3, 'c', '000000000000000000cc00000000c08c'],
  ],
  VCLZ: [
    [4, '0', '00000000000000000000000000000080'],
    [4, 'c', '00000000000000000000000000000008'],
    [4, 'd', '00000000000000000000000000000054'],
    [4, 'e', '00000000000000000000000000000000'],
  ],
  VCTZ: [
    [4, '0', '00000000000000000000000000000080'],
    [4, 'c', '00000000000000000000000000000000'],
    [4, 'd', '0000000000000000000000000000001d'],
    [4, 'e', '00000000000000000000000000000044'],
  ],
  VLC: [
    [4, '0', '00000000000000000000000000000000'],
    [4, 'c', 'ff33ffffffff3f73edcb55330faaccf1'],
    [4, 'e', '0123456789abcdf00000000000000000'],
    [4, '8', '80000000000000000000000000000000'],
    [4, '8', '80000000000000000000000000000000'],
  ],
  VLP: [
    [4, '0', '00000000000000000000000000000000'],
    [4, 'c', '00cc00000000c08c1234aaccf055330f'],
    [4, 'e', '0123456789abcdf00000000000000000'],
  ],
  VMX: [
    [4, 'ab', '56aaaaaaaaaaaaaabcdeccf0aa330f55'],
    [4, '08', '00000000000000000000000000000000'],
    [4, '0d', '000000000000000000000cafe0000000'],
    [4, '8e', 'fedcba98765432100000000000000000'],
  ],
  VMXL: [
    [4, 'ab', 'bbbbbbbbbbbbbbbb6789f0aa4c0f5533'],
    [4, '08', '80000000000000000000000000000000'],
    [4, '0d', '000000000000000000000cafe0000000'],
    [4, '8e', 'fedcba98765432100000000000000000'],
  ],
  VMN: [
    [4, 'ab', 'bbbbbbbbbbbbbbbb6789f0aa4c0f5533'],
    [4, '08', '80000000000000000000000000000000'],
    [4, '0d', '00000000000000000000000000000000'],
    [4, '8e', '80000000000000000000000000000000'],
  ],
  VMNL: [
    [4, 'ab', '56aaaaaaaaaaaaaabcdeccf0aa330f55'],
    [4, '08', '00000000000000000000000000000000'],
    [4, '0d', '00000000000000000000000000000000'],
    [4, '8e', '80000000000000000000000000000000'],
  ],
  VAVG: [
    [4, '08', 'c0000000000000000000000000000000'],
    [4, 'cd', '0066000000006046091a5bbe682a9988'],
    [4, 'ab', '093333333333333312345ecd7b213244'],
    [4, 'e8', 'bf6e5d4c3b2a19080000000000000000'],
  ],
  VAVGL: [
    [4, '08', '40000000000000000000000000000000'],
    [4, 'cd', '0066000000006046091a5bbe682a9988'],
    [4, 'ab', '893333333333333312345ecd7b213244'],
    [4, 'e8', 'bf6e5d4c3b2a19080000000000000000'],
  ],
  VCEQ: [
    [4, 'bb', 'ffffffffffffffffffffffffffffffff'],
    [4, 'e8', '00000000000000000000000000000000'],
    [4, 'cc', 'ffffffffffffffffffffffffffffffff', 0],
    [4, 'd0', '00000000000000000000000000000000', 3],
    [4, 'e0', '00000000000000000000000000000000', 3],
    [4, 'be', '00000000000000000000000000000000', 3],
  ],
  VCH: [
    [4, 'bb', '00000000000000000000000000000000'],
    [4, 'e8', 'ffffffffffffffffffffffffffffffff'],
    [4, 'cc', '00000000000000000000000000000000', 3],
    [4, 'd0', 'ffffffffffffffffffffffffffffffff', 0],
    [4, 'e0', '00000000000000000000000000000000', 3],
    [4, 'be', '00000000000000000000000000000000', 3],
  ],
  VCHL: [
    [4, 'bb', '00000000000000000000000000000000'],
    [4, 'e8', 'ffffffffffffffffffffffffffffffff'],
    [4, 'cc', '00000000000000000000000000000000'],
    [4, 'd0', 'ffffffffffffffffffffffffffffffff'],
    [4, 'e0', 'ffffffffffffffffffffffffffffffff'],
    [4, 'be', '00000000000000000000000000000000'],
  ],
  VME: [
    [3, '8c', 'ff99ffffffff9fba0000000000000000'],
    [3, 'ab', 'e8e38e38e38e38e37c2d82d82d82d82e'],
    [3, 'cc', '0000a29000000132df20000090d24c90'],
    [3, 'ce', 'ffff17e4b17e4a3cd168641fdb9760c0'],
  ],
  VMLE: [
    [3, '8c', '00660000000060460000000000000000'],
    [3, 'ab', '3f8e38e38e38e38d7c2d82d82d82d82e'],
    [3, 'cc', '0000a29000000132df20000090d24c90'],
    [3, 'ce', '00cb17e4b17f0ac8d168641fdb9760c0'],
  ],
  VMO: [
    [3, 'ea', '00000000000000000000000000000000'],
    [3, 'ab', 'e4d97894b969776d5ad4bc71fe3e46ef'],
    [3, 'cd', '000000e6f9f072cf9aed27ee20000000'],
    [3, 'dd', '0000000000a0f5d40400000000000000'],
  ],
  VMLO: [
    [3, 'ea', '00000000000000000000000000000000'],
    [3, 'ab', '4c63693f0578cca05ad4bc71fe3e46ef'],
    [3, 'cd', '000000e6f9f072cf9aed27ee20000000'],
    [3, 'dd', '0000000000a0f5d40400000000000000'],
  ],
  VML: [
    [3, '8c', '00000000000000000000000000000000'],
    [3, 'ab', '7c2d82d82d82d82e5ad4bc71fe3e46ef'],
    [3, 'ac', '64cd55555554d4f8bf7cff11ec44d4fb'],
    [3, 'ff', '00000000000000010000000000000001'],
    [4, '8c', '80000000000000000000000000000000'],
    [4, 'ab', '1630dd2e11af88955ad4bc71fe3e46ef'],
    [4, 'ac', '5b3ea7131dab0679bf7cff11ec44d4fb'],
    [4, 'ff', '00000000000000000000000000000001'],
  ],
  VMH: [
    [3, '8c', 'ff99ffffffff9fba0000000000000000'],
    [3, 'ab', 'e8e38e38e38e38e3e4d97894b969776d'],
    [3, 'ac', '004510000000412ffb39dae0c377d2f8'],
    [3, 'ff', '00000000000000000000000000000000'],
    [4, '8c', 'ff99ffffffff9fb9f6e5aa9987d56678'],
    [4, 'ab', 'e8e38e38e38e38e36cdd5455eb795a44'],
    [4, 'ac', '004510000000412f6b8dab5e0679dbaa'],
    [4, 'ff', '00000000000000000000000000000000'],
  ],
  VMLH: [
    [3, '8c', '00660000000060460000000000000000'],
    [3, 'ab', '3f8e38e38e38e38d4c63693f0578cca0'],
    [3, 'ac', '004510000000412f0d6e85adb3cd0607'],
    [3, 'ff', 'fffffffffffffffefffffffffffffffe'],
    [4, '8c', '0066000000006046091a5566782a9987'],
    [4, 'ab', '3f8e38e38e38e38e29bc214695ac6999'],
    [4, 'ac', '004510000000412f6b8dab5e0679dbaa'],
    [4, 'ff', 'fffffffffffffffffffffffffffffffe'],
  ],
  VBLEND: [
    [0, 'abc', 'bbaabbbbbbbbaaaa6789ccf0aa0f5533'],
    [1, 'abc', 'bbbbbbbbbbbbaaaa6789ccf0aa335533'],
    [2, 'abc', 'bbbbbbbbbbbbbbbb6789f0aaaa330f55'],
    [3, 'abc', 'bbbbbbbbbbbbbbbb6789f0aa4c0f5533'],
    [4, 'abc', 'bbbbbbbbbbbbbbbb6789f0aa4c0f5533'],
  ],
  VMAE: [
    [3, '8c0', 'ff99ffffffff9fba0000000000000000'],
    [3, 'abc', 'e9af8e38e38ef96f8e622da51dd80b3d'],
    [3, 'acb', 'bc00cbbbbbbbfceacc5745ffa1642a2b'],
    [3, '88e', '3edcba98765432100000000000000000'],
  ],
  VMALE: [
    [3, '8c0', '00660000000060460000000000000000'],
    [3, 'abc', '405a38e38e39a4198e622da51dd80b3d'],
    [3, 'acb', 'bc00cbbbbbbbfceacc5745ffa1642a2b'],
    [3, '88e', '3edcba98765432100000000000000000'],
  ],
  VMAO: [
    [3, 'ea0', '00000000000000000000000000000000'],
    [3, 'abc', 'e5a57894b96a37f96d09673eee9379fe'],
    [3, 'cdb', 'bbbbbca2b5ac2e8b027718986c0f5533'],
    [3, 'dde', 'fedcba9876f527e40400000000000000'],
  ],
  VMALO: [
    [3, 'ea0', '00000000000000000000000000000000'],
    [3, 'abc', '4d2f693f05798d2c6d09673eee9379fe'],
    [3, 'cdb', 'bbbbbca2b5ac2e8b027718986c0f5533'],
    [3, 'dde', 'fedcba9876f527e40400000000000000'],
  ],
  VMAL: [
    [3, '8cd', '000000000000000000000cafe0000000'],
    [3, 'abc', '7cf982d82d8398ba6d09673eee9379fe'],
    [3, 'acb', '20891111111090b32706efbc38542a2e'],
    [3, 'ff8', '80000000000000010000000000000001'],
    [4, '8cd', '800000000000000000000cafe0000000'],
    [4, 'abc', '16fcdd2e11b049216d09673eee9379fe'],
    [4, 'acb', '16fa62ced966c2352706efbc38542a2e'],
    [4, 'ff8', '80000000000000000000000000000001'],
  ],
  VMAH: [
    [3, '8cd', 'ff99ffffffff9fba0000000000000000'],
    [3, 'abc', 'e8e38e38e38e38e3e4d97894b969776d'],
    [3, 'acb', '004510000000412ffb39dae0c377d2f9'],
    [3, 'ffe', 'ffffffffffffffff0000000000000000'],
    [4, '8cd', 'ff99ffffffff9fb9f6e5aa9987d56678'],
    [4, 'abc', 'e8e38e38e38e38e36cdd5455eb795a44'],
    [4, 'acb', '004510000000412f6b8dab5e0679dbaa'],
    [4, 'ff8', 'ffffffffffffffffffffffffffffffff'],
  ],
  VMALH: [
    [3, '8cd', '00660000000060460000000000000000'],
    [3, 'abc', '3f8e38e38e38e38d4c63693f0578cca0'],
    [3, 'acb', '00451000000041300d6e85adb3cd0608'],
    [3, 'ffe', 'fffffffffffffffefffffffffffffffe'],
    [4, '8cd', '0066000000006046091a5566782a9987'],
    [4, 'abc', '3f8e38e38e38e38e29bc214695ac6999'],
    [4, 'acb', '004510000000412f6b8dab5e0679dbab'],
    [4, 'ff8', 'fffffffffffffffffffffffffffffffe'],
  ],
};

/** The condition codes of element comparisons of whole vectors. */
const compared: readonly (readonly [mnemonic: string, first: string, second: string, cc: number])[] = [
  ['VEC', 'c', 'c', 0],
  ['VEC', 'd', '0', 2],
  ['VEC', 'e', '0', 1],
  ['VEC', 'b', 'e', 1],
  ['VECL', 'c', 'c', 0],
  ['VECL', 'd', '0', 2],
  ['VECL', 'e', '0', 2],
  ['VECL', 'b', 'e', 1],
];

/** Size, letters of V2 and V3, and V1; M5 forbids exceptions. */
const divided: Readonly<Record<string, readonly Found[]>> = {
  VD: [
    [2, 'b0', '00000000000000000000000000000000'],
    [2, 'ab', 'ffffffff000000000000000000000000'],
    [2, 'ba', '0000000000000000c45e873200000000'],
    [2, 'bc', 'fd955a1e266342390bed1829fd294a38'],
    [2, '2c', '000852700000000000a041140004a75e'],
    [3, 'bc', 'fffffffffda68964000000000bed1829'],
    [3, 'bd', '00000000000000000003469e424cf3d0'],
    [3, '3e', '0000001000006a0f0000000000000000'],
    [4, 'b0', '00000000000000000000000000000000'],
    [4, 'bd', 'fffb5a7f1f4e18df22e59c51595fa16a'],
    [4, '8f', '00000000000000000000000000000000'],
    [4, 'cf', 'ffffffdc00000000fffffffafffffff5'],
  ],
  VR: [
    [2, 'b0', '00000000000000000000000000000000'],
    [2, 'ab', '22e2c97c00000000ffffffff00000000'],
    [2, 'ba', 'ab6b5205000000000000000000000000'],
    [2, 'bc', 'ffffffeb0000000000000001fffffffb'],
    [2, '2c', '00000017000000000000000300000008'],
    [3, 'bc', 'fffffff5d743472b000000015d9626a0'],
    [3, 'bd', '00000000000000000000000000000a23'],
    [3, '3e', '00000000000031e60000000000000000'],
    [4, 'b0', '00000000000000000000000000000000'],
    [4, 'bd', 'fffffffffffffffffffffffffffff2db'],
    [4, '8f', '00000000000000000000000000000000'],
    [4, 'cf', '00000000000000000000000000000000'],
  ],
  VDL: [
    [2, 'b0', '00000000000000000000000000000000'],
    [2, 'ab', '00000000000000000000000400000000'],
    [2, 'ba', '00000001000000000000000000000000'],
    [2, 'bc', '04e5cf24000000000bed1829146f1bab'],
    [2, '2c', '000852700000000000a041140004a75e'],
    [3, 'bc', '0000000004c2fb2a000000000bed1829'],
    [3, 'bd', '00000000000000000003469e424cf3d0'],
    [3, '3e', '0000001000006a0f0000000000000000'],
    [4, 'b0', '00000000000000000000000000000000'],
    [4, 'bd', '00096ac1ec8b67c2599ce037dbe68d6a'],
    [4, '8f', '00000000000000000000000000000000'],
    [4, 'cf', '00000000000000000000000000000000'],
  ],
  VRL: [
    [2, 'b0', '00000000000000000000000000000000'],
    [2, 'ab', '7777777700000000117a1cc700000000'],
    [2, 'ba', '33f3da8e000000003ba178ce00000000'],
    [2, 'bc', '00000019d99cbdc7000000010000000a'],
    [2, '2c', '00000017800000000000000300000008'],
    [3, 'bc', '0000001dde5fb8f1000000015d9626a0'],
    [3, 'bd', '00000000000000000000000000000a23'],
    [3, '3e', '00000000000031e68000000000000000'],
    [4, 'b0', '00000000000000000000000000000000'],
    [4, 'bd', '000000000000000000000000000002db'],
    [4, '8f', '80000000000000000000000000000000'],
    [4, 'cf', '00000023ffffffff000000050000000b'],
  ],
};

describe('a z17 and this machine leave the same', () => {
  test.each(Object.entries(found))('%s', (mnemonic, rows) => {
    for (const [value, from, left, cc] of rows) {
      const sources = [...from].map((letter) => operands[letter] ?? 0n);
      const fields = { [nameOf(mnemonic)]: value, ...(cc === undefined ? {} : { m5: 1 }) };
      const out = run(mnemonic, fields, sources, { first: ~0n, cc: 2 });
      expect([from, (out.vr[1] ?? 0n).toString(16).padStart(32, '0'), out.cc]).toEqual([from, left, cc ?? 2]);
    }
  });
  test.each(compared)('%s %s %s', (mnemonic, first, second, cc) => {
    expect(run(mnemonic, { m3: 4 }, [operands[second] ?? 0n], { first: operands[first] ?? 0n, cc: 3 }).cc).toBe(cc);
  });
  test.each(Object.entries(divided))('%s', (mnemonic, rows) => {
    for (const [m4, from, left] of rows) {
      const sources = [...from].map((letter) => inDivisions[letter] ?? 0n);
      const out = run(mnemonic, { m4, m5: 8 }, sources, { first: ~0n });
      expect([from, (out.vr[1] ?? 0n).toString(16).padStart(32, '0')]).toEqual([from, left]);
    }
  });
});
