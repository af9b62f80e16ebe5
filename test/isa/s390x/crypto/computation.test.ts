import { describe, expect, test } from 'vitest';
import { encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { bench, hex, place, run, toHex } from './support.ts';

const text = hex(`6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
  30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710`);
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** CMAC as a program makes it: KMAC for all blocks but the last, PCC for that one. */
function cmac(code: bigint, key: Uint8Array, block: number, message: Uint8Array): string {
  const before = Math.max(0, Math.ceil(message.length / block) - 1) * block;
  const chained = run('KMAC', { code, parameters: join(new Uint8Array(block), key), data: message.slice(0, before) });
  const rest = message.slice(before);
  const head = new Uint8Array(8);
  head[0] = rest.length * 8;
  // What stands behind the message's last bit does not count.
  const last = new Uint8Array(block).fill(0xff);
  last.set(rest);
  const parameters = join(head, last, hex(chained.block).slice(0, block), key);
  const out = run('PCC', { code, parameters, data: new Uint8Array(0) });
  expect(out).toMatchObject({ cc: 0, pgm: undefined });
  expect(out.block.slice(0, 2 * (8 + block))).toBe(toHex(join(head, last)));
  return out.block.slice(2 * (8 + block), 2 * (8 + 2 * block));
}

describe('Compute-Last-Block-CMAC', () => {
  const aes128 = hex('2b7e151628aed2a6abf7158809cf4f3c');
  const aes192 = hex('8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b');
  const aes256 = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
  const tdea2 = hex('4cf15134a2850dd5 8a3d10ba80570d38');
  const tdea3 = hex('8aa83bf8cbda1062 0bc1bf19fbb6cd58 bc313d4a371ca8b5');
  test.each([
    ['RFC 4493, empty', 18n, aes128, 16, 0, 'bb1d6929e95937287fa37d129b756746'],
    ['RFC 4493, one block', 18n, aes128, 16, 16, '070a16b46b4d4144f79bdd9dd04a287c'],
    ['RFC 4493, 40 bytes', 18n, aes128, 16, 40, 'dfa66747de9ae63030ca32611497c827'],
    ['RFC 4493, 64 bytes', 18n, aes128, 16, 64, '51f0bebf7e3b9d92fc49741779363cfe'],
    ['SP 800-38B, AES-192', 19n, aes192, 16, 40, '8a1de5be2eb31aad089a82e6ee908b0e'],
    ['SP 800-38B, AES-256', 20n, aes256, 16, 64, 'e1992190549f6ed5696a2c056c315410'],
    ['SP 800-38B, two-key TDEA', 2n, tdea2, 8, 20, '62dd1b471902bd4e'],
    ['SP 800-38B, three-key TDEA, empty', 3n, tdea3, 8, 0, 'b7a688e122ffaf95'],
    ['SP 800-38B, three-key TDEA', 3n, tdea3, 8, 32, '33e6b1092400eae5'],
    ['DEA is TDEA of equal keys', 1n, tdea3.slice(0, 8), 8, 20, undefined],
  ] as const)('%s', (_, code, key, block, length, wanted) => {
    const same = wanted ?? cmac(3n, join(key, key, key), block, text.slice(0, length));
    expect(cmac(code, key, block, text.slice(0, length))).toBe(same);
  });

  test('bits that are no whole byte', () => {
    const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
    const block = (bits: number, message: string): string => {
      const head = hex(bits.toString(16).padStart(2, '0').padEnd(16, '0'));
      const parameters = join(head, hex(message), new Uint8Array(16), key);
      return run('PCC', { code: 18n, parameters, data: new Uint8Array(0) }).block.slice(48, 80);
    };
    const zeros = '00'.repeat(15);
    // Three bits of the message, whatever stands behind them.
    expect(block(3, `bf${zeros}`)).toBe(block(3, `a0${zeros}`));
    expect(block(3, `a0${zeros}`)).not.toBe(block(3, `80${zeros}`));
    expect(block(3, `a0${zeros}`)).not.toBe(block(4, `a0${zeros}`));
  });

  test.each([
    [18n, 129, 56],
    [1n, 65, 32],
  ])('function %i: a message of more than a block (%i bits) gives condition code 2', (code, bits, size) => {
    const parameters = new Uint8Array(size);
    parameters[0] = bits;
    const out = run('PCC', { code, parameters, data: new Uint8Array(0) });
    expect(out).toMatchObject({ cc: 2, pgm: undefined, block: toHex(parameters) });
  });

  test('a parameter block that cannot be stored into is left as it was', () => {
    const out = bench.run({
      code: [encode('PCC')],
      mask: MASK_64 | (9n << 52n),
      gr: { 0: 18n, 1: BigInt(place.parameters) },
      keys: { 0x10000: 0x90, [place.parameters]: 0x80 },
    });
    expect(out.pgm).toMatchObject({ code: 4, ilc: 4 });
    expect(out.storage(place.parameters, 56)).toBe('00'.repeat(56));
  });
});

describe('PCKMO', () => {
  const pckmo = encode('PCKMO');
  test('tells that it wraps no keys, and leaves the condition code', () => {
    const out = bench.run({ code: [pckmo], cc: 2, gr: { 1: BigInt(place.parameters) } });
    expect(out.storage(place.parameters, 16)).toBe('80'.padEnd(32, '0'));
    expect(out).toMatchObject({ cc: 2, pgm: undefined });
  });
  test.each([1n, 18n, 0x80n])('function %x is a specification exception', (code) => {
    expect(bench.run({ code: [pckmo], gr: { 0: code } }).pgm).toMatchObject({ code: 6 });
  });
  test('is privileged, whatever the function', () => {
    const out = bench.run({ code: [pckmo], mask: MASK_64 | (1n << 48n), gr: { 0: 1n } });
    expect(out.pgm).toMatchObject({ code: 2, ilc: 4 });
  });
});
