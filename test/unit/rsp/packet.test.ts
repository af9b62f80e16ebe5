import { describe, expect, test } from 'vitest';
import { args } from '../../../src/rsp/args.ts';
import { Catalogue, type PacketRow, packet } from '../../../src/rsp/packet.ts';
import { packets } from '../../../src/rsp/packets/index.ts';
import { OK } from '../../../src/rsp/reply.ts';

function row(name: string): PacketRow {
  return packet(name, { args: args(), doc: name }, () => OK);
}

describe('a catalogue', () => {
  const catalogue = new Catalogue(['q', 'qC', 'qCRC', 'qX:a', 'qX:ab', 'v', 'm', 'Z0', 'vCont', 'vCont?'].map(row));

  test.each([
    ['qC', 'qC'],
    ['qC:1', 'qC'],
    ['qC,1', 'qC'],
    ['qCRC:0,1', 'qCRC'],
    ['qCR', undefined],
    ['qCRCs', undefined],
    ['qX:a:b', 'qX:a'],
    ['qX:abc', undefined],
    ['qX:a-b', undefined],
    ['m1000,4', 'm'],
    ['mm', 'm'],
    ['Z0,1', 'Z0'],
    ['Z1,1', undefined],
    ['vCont?', 'vCont?'],
    ['vCont;c', 'vCont'],
    ['vCont;c?', 'vCont'],
    ['vConti', undefined],
    ['', undefined],
  ])('%j is %s', (body, name) => {
    expect(catalogue.find(Buffer.from(body))?.name).toBe(name);
  });

  test('refuses two rows of one name', () => {
    expect(() => new Catalogue([row('g'), row('g')])).toThrow('two packets are named g');
  });
});

test('every packet says what it is for, in ASCII, beginning with its name', () => {
  for (const { name, doc } of packets) {
    expect(doc.startsWith(name), doc).toBe(true);
    expect(doc).toMatch(/^[\x20-\x7e]+$/);
  }
});
