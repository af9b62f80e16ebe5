/** EBCDIC code pages that s390 systems use on consoles and in system information. */
export type CodePage = 'cp037' | 'cp500' | 'cp1047';

/** Code points of 00 to 3f, which the three pages have in common but for the line ends. */
const controls =
  '\x00\x01\x02\x03\x9c\t\x86\x7f\x97\x8d\x8e\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x9d\x85\b\x87\x18\x19\x92\x8f\x1c\x1d\x1e\x1f' +
  '\x80\x81\x82\x83\x84\n\x17\x1b\x88\x89\x8a\x8b\x8c\x05\x06\x07\x90\x91\x16\x93\x94\x95\x96\x04\x98\x99\x9a\x9b\x14\x15\x9e\x1a';

/** Characters of 40 to ff in code page 037, a row for each upper digit. */
const graphics =
  ' \xa0âäàáãåçñ¢.<(+|' +
  '&éêëèíîïìß!$*);¬' +
  '-/ÂÄÀÁÃÅÇÑ¦,%_>?' +
  'øÉÊËÈÍÎÏÌ`:#@\'="' +
  'Øabcdefghi«»ðýþ±' +
  '°jklmnopqrªºæ¸Æ¤' +
  'µ~stuvwxyz¡¿ÐÝÞ®' +
  '^£¥·©§¶¼½¾[]¯¨´×' +
  '{ABCDEFGHI\xadôöòóõ' +
  '}JKLMNOPQR¹ûüùúÿ' +
  '\\÷STUVWXYZ²ÔÖÒÓÕ' +
  '0123456789³ÛÜÙÚ\x9f';

/** Where a page differs from 037. */
const differences: Readonly<Record<CodePage, readonly (readonly [number, string])[]>> = {
  cp037: [],
  cp500: [
    [0x4a, '['],
    [0x4f, '!'],
    [0x5a, ']'],
    [0x5f, '^'],
    [0xb0, '¢'],
    [0xba, '¬'],
    [0xbb, '|'],
  ],
  cp1047: [
    [0x15, '\n'],
    [0x25, '\x85'],
    [0x5f, '^'],
    [0xad, '['],
    [0xb0, '¬'],
    [0xba, 'Ý'],
    [0xbb, '¨'],
    [0xbd, ']'],
  ],
};

interface Page {
  readonly characters: readonly string[];
  readonly codes: ReadonlyMap<string, number>;
}

function page(name: CodePage): Page {
  const characters = [...`${controls}${graphics}`];
  for (const [code, character] of differences[name]) characters[code] = character;
  return { characters, codes: new Map(characters.map((character, code) => [character, code])) };
}

const pages: Readonly<Record<CodePage, Page>> = { cp037: page('cp037'), cp500: page('cp500'), cp1047: page('cp1047') };

/** The Latin-1 text of EBCDIC bytes. Every byte has a character, so this and `textToEbcdic` are each other's inverse. */
export function ebcdicToText(bytes: Uint8Array, codePage: CodePage = 'cp500'): string {
  const { characters } = pages[codePage];
  let text = '';
  for (const byte of bytes) text += characters[byte] ?? '';
  return text;
}

/** EBCDIC bytes of a text, one a character; `?` for what is not in Latin-1. */
export function textToEbcdic(text: string, codePage: CodePage = 'cp500'): Uint8Array {
  const { codes } = pages[codePage];
  const question = 0x6f;
  return Uint8Array.from([...text], (character) => codes.get(character) ?? question);
}

/** As `textToEbcdic`, cut or filled with blanks to `width` bytes. */
export function ebcdicField(text: string, width: number, codePage: CodePage = 'cp500'): Uint8Array {
  const field = new Uint8Array(width).fill(0x40);
  field.set(textToEbcdic(text, codePage).subarray(0, width));
  return field;
}
