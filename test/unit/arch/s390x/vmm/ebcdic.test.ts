import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CodePage, ebcdicField, ebcdicToText, textToEbcdic } from '../../../../../src/arch/s390x/vmm/ebcdic.ts';
import { bytesToHex } from '../../../../../src/bits/hex.ts';

const pages: readonly CodePage[] = ['cp037', 'cp500', 'cp1047'];
const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);

describe.each(pages)('%s', (page) => {
  test('has each character of Latin-1 once', () => {
    const text = ebcdicToText(everyByte, page);
    expect(new Set(text).size).toBe(256);
    expect([...text].every((character) => character.charCodeAt(0) < 256)).toBe(true);
  });

  test('comes back from text as it was, and text from it', () => {
    expect(textToEbcdic(ebcdicToText(everyByte, page), page)).toEqual(everyByte);
    const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
    fc.assert(fc.property(latin1, (text) => ebcdicToText(textToEbcdic(text, page), page) === text));
  });

  test('has letters and digits where all pages do', () => {
    expect(bytesToHex(textToEbcdic('AIJRSZaijrsz09 ', page))).toBe('c1c9d1d9e2e9818991 99a2a9f0f940'.replace(' ', ''));
  });

  test('has a question mark for what is not in Latin-1, one for each character', () => {
    expect(ebcdicToText(textToEbcdic('a€😀b', page), page)).toBe('a??b');
  });
});

test('the pages differ in brackets, bars and marks', () => {
  expect(pages.map((page) => bytesToHex(textToEbcdic('[]!|^¬¢', page)))).toEqual([
    'babb5a4fb05f4a',
    '4a5a4fbb5fbab0',
    'adbd5a4f5fb04a',
  ]);
});

test('the line ends are new line 15 and line feed 25, the other way round in 1047', () => {
  const ends = Uint8Array.of(0x15, 0x25);
  expect(pages.map((page) => ebcdicToText(ends, page))).toEqual(['\x85\n', '\x85\n', '\n\x85']);
});

test('a field is cut or filled with blanks', () => {
  expect(bytesToHex(ebcdicField('AB', 4))).toBe('c1c24040');
  expect(bytesToHex(ebcdicField('ABCDE', 4))).toBe('c1c2c3c4');
});
