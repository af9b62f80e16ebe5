import { describe, expect, test } from 'vitest';
import type { TargetDescription } from '../../../src/machine/description.ts';
import { bytesFile } from '../../../src/machine/served-file.ts';
import { elfHeader } from '../../../src/rsp/elf-header.ts';
import { RegisterFile } from '../../../src/rsp/registers.ts';
import { targetXml, threadsXml } from '../../../src/rsp/target-xml.ts';
import { FileServer, fileErrno } from '../../../src/rsp/vfile.ts';
import { description, FakeTarget, regnum } from './fake-target.ts';

describe('the target description', () => {
  const small: TargetDescription = {
    ...description,
    architecture: 'a<b>&"c"',
    features: [
      {
        name: 'f',
        types: [
          { kind: 'flags', id: 'fl', bytes: 8, fields: [{ name: 'DAT', start: 58, end: 58 }] },
          { kind: 'vector', id: 'v', element: 'uint8', count: 16 },
          { kind: 'union', id: 'u', fields: [{ name: 'x', type: 'v' }] },
        ],
        registers: [
          { name: 'pswa', bits: 64, type: 'fl', group: 'psw' },
          { name: 'wide', bits: 128, type: 'u', saveRestore: false },
        ],
      },
    ],
  };

  test('types before registers, groups and save-restore only where given, text escaped', () => {
    expect(targetXml(small)).toBe(`<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
<architecture>a&lt;b&gt;&amp;&quot;c&quot;</architecture>
<osabi>none</osabi>
<feature name="f">
  <flags id="fl" size="8"><field name="DAT" start="58" end="58"/></flags>
  <vector id="v" type="uint8" count="16"/>
  <union id="u"><field name="x" type="v"/></union>
  <reg name="pswa" bitsize="64" type="fl" group="psw"/>
  <reg name="wide" bitsize="128" type="u" save-restore="no"/>
</feature>
</target>
`);
  });

  test('threads have ids as the client writes them', () => {
    const vcpus = [{ id: 10, name: 'CPU A', state: 'wait & see' }];
    expect(threadsXml(vcpus, false)).toContain('<thread id="b" core="10" name="CPU A">wait &amp; see</thread>');
    expect(threadsXml(vcpus, true)).toContain('id="p1.b"');
  });

  test('a description that names a register which it does not have is refused at once', () => {
    expect(() => new RegisterFile({ ...small, expedited: ['nope'] })).toThrow('nope');
    expect(() => new RegisterFile({ ...small, expedited: [], pcRegister: 'pc' })).toThrow('pc');
  });
});

describe('the ELF header', () => {
  test('64-bit, big endian', () => {
    const bytes = elfHeader({ class: 64, data: 'msb', machine: 22 });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      [
        '7f454c46020201000000000000000000',
        '00020016000000010000000000000000',
        '00000000000000000000000000000000',
        '00000000004000380000004000000000',
      ].join(''),
    );
  });

  test('of a file that says no place where it is entered', () => {
    const bytes = elfHeader({ class: 64, data: 'msb', machine: 21, withoutEntry: true });
    expect(Buffer.from(bytes.subarray(16, 20)).toString('hex')).toBe('00030015');
  });

  test('32-bit, little endian', () => {
    const bytes = elfHeader({ class: 32, data: 'lsb', machine: 20 });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      [
        '7f454c46010101000000000000000000',
        '02001400010000000000000000000000',
        '00000000000000003400200000002800',
        '00000000',
      ].join(''),
    );
  });
});

describe('files', () => {
  const server = (): FileServer => new FileServer(new Map([['/a', bytesFile(Buffer.from('hello'))]]));

  test('handles are used again, and run out', () => {
    const files = server();
    const handles = Array.from({ length: 32 }, () => files.open('/a', 0));
    expect(handles.at(-1)).toEqual({ ok: true, value: 31 });
    expect(files.open('/a', 0)).toEqual({ ok: false, error: fileErrno.EMFILE });
    files.close(7);
    expect(files.open('/a', 0)).toEqual({ ok: true, value: 7 });
  });

  test.each([1, 2, 0x200, 0x400, 0x601])('flags %i would write', (flags) => {
    expect(server().open('/a', flags)).toEqual({ ok: false, error: fileErrno.EROFS });
  });

  test('a path is a name and nothing more', () => {
    for (const path of ['/a/', '//a', '/../a', 'a', '']) {
      expect(server().open(path, 0)).toEqual({ ok: false, error: fileErrno.ENOENT });
    }
  });
});

describe('the pc', () => {
  test('is written in guest byte order and only when it fits', () => {
    const target = new FakeTarget();
    new RegisterFile(description).writePc(target, 0, 0x1122n);
    expect(target.readRegister(0, regnum.pswa)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0x11, 0x22));
    const little = new RegisterFile({ ...description, elf: { ...description.elf, data: 'lsb' } });
    little.writePc(target, 0, 0x1122n);
    expect(target.readRegister(0, regnum.pswa)).toEqual(Uint8Array.of(0x22, 0x11, 0, 0, 0, 0, 0, 0));
  });
});
