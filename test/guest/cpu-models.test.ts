/** What a guest finds out about its machine, all ways beside each other, for each CPU model and for switches of features. */

import { describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { facilityBits } from '../../src/arch/s390x/cpu/facilities.ts';
import { type CpuModel, cpuModel } from '../../src/arch/s390x/cpu/model.ts';
import { gpa, hostAddress } from '../../src/arch/s390x/dat/address.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import type { Row } from '../../src/arch/s390x/isa/row.ts';
import { instructionTable } from '../../src/arch/s390x/isa/table.ts';
import { attributeGroups } from '../../src/arch/s390x/kvm/attributes/row.ts';
import { getAttribute } from '../../src/arch/s390x/kvm/attributes/table.ts';
import { bytesToHex, toBigEndian } from '../../src/bits/hex.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { encode, MASK_64, rowOf } from '../support/s390x/isa.ts';

const models = ['zEC12', 'z13', 'z14', 'z15', 'z16', 'z17', 'max'];
const switched = [
  'z15,vx=off',
  'z16,vxeh=off,te=off',
  'z17,vxeh2=off',
  'z15,minste4=on',
  'z14,gs=off,msa=off',
  'z14,mepoch=off',
  'z13,tods=off',
  'max,dfp=off,edat=off',
  'z16,stfle45=off,sthyi=off',
  'zEC12,stfle53=on',
  'z13,vx=on,vxeh=on',
  'max,ctop=on,cmm=on',
  'z16,skr=on',
];

const at = {
  code: 0x1_0000,
  handler: 0x8000,
  unexpected: 0x8100,
  answers: 0x9000,
  sccb: 0xc000,
  blocks: 0x10_0000,
  codes: 0x20_0000,
} as const;
const PROGRAM_NEW_PSW = 0x1d0;
const READ_SCP_INFORMATION = 0x2_0001;
const WAIT = 0x0002_0001_8000_0000n;
/** Bytes of code for an instruction that is tried, with the branch behind it. */
const BLOCK = 16;

const psw = (mask: bigint, address: number): Uint8Array =>
  Uint8Array.from([...toBigEndian(mask, 8), ...toBigEndian(BigInt(address), 8)]);
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
/** A branch from one address to another. */
const branch = (from: number, to: number): Uint8Array => encode('BRCL', { m1: 15, ri2: (to - from) / 2 });

/** Where the answers lie, from the first on. */
const answer = { list: 0, identification: 256, sysib: 0x1000 } as const;

/**
 * The program: asks, and executes the instructions, each a block. Register 3 goes through the codes that the handler keeps, register
 * 4 through the blocks; code 0 says that there was no interruption.
 */
function program(tried: readonly Row[]): readonly (readonly [address: number, bytes: Uint8Array])[] {
  const ask = join(
    encode('LGHI', { r1: 0, i2: 31 }),
    encode('STFLE', { b2: 5, d2: answer.list }),
    encode('STIDP', { b2: 5, d2: answer.identification }),
    encode('LGFI', { r1: 0, i2: 0x1000_0001 }),
    encode('LGHI', { r1: 1, i2: 1 }),
    encode('STSI', { b2: 6 }),
    encode('SERVC', { r1: 7, r2: 8 }),
    encode('LGHI', { r1: 0, i2: 0 }),
  );
  const handler = join(
    encode('LLGH', { r1: 2, d2: 0x8e }),
    encode('STH', { r1: 2, b2: 3 }),
    encode('LA', { r1: 3, b2: 3, d2: 2 }),
    encode('LA', { r1: 4, b2: 4, d2: BLOCK }),
    encode('BCR', { m1: 15, r2: 4 }),
  );
  const unexpected = encode('LGHI', { r1: 2, i2: 0 });
  const blocks = tried.map(({ mnemonic }, i): Uint8Array => {
    const text = encode(mnemonic);
    const block = new Uint8Array(BLOCK);
    block.set(text);
    block.set(branch(at.blocks + i * BLOCK + text.length, at.unexpected), text.length);
    return block;
  });
  const end = encode('LPSWE', { d2: 0x800 });
  return [
    [PROGRAM_NEW_PSW, psw(MASK_64, at.handler)],
    [0x800, psw(WAIT, 0x1234)],
    [at.code, join(ask, branch(at.code + ask.length, at.blocks))],
    [at.handler, handler],
    [at.unexpected, join(unexpected, branch(at.unexpected + unexpected.length, at.handler + encode('LLGH').length))],
    [at.blocks, join(...blocks, end)],
    [at.sccb, Uint8Array.of(0x10, 0)],
  ];
}

interface Found {
  readonly guest: S390xGuest;
  read(address: number, length: number): Uint8Array;
}

/** Runs the program on a machine of the model to its end. */
function run(cpu: string, tried: readonly Row[]): Promise<Found> {
  const { guest, machine } = assemble(s390xWing, {
    memory: 4 << 20,
    vcpus: 1,
    cpu,
    engine: { kind: 'interpreter' },
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  });
  const { storage } = guest;
  for (const [address, bytes] of program(tried)) storage.write(hostAddress(address), bytes);
  const [v] = guest.vm.vcpus;
  if (v === undefined) throw new Error('no vCPU');
  const registers = {
    3: at.codes,
    4: at.blocks,
    5: at.answers,
    6: at.answers + answer.sysib,
    7: READ_SCP_INFORMATION,
    8: at.sccb,
  };
  for (const [n, value] of Object.entries(registers)) v.vcpu.setGr(Number(n), BigInt(value));
  guest.start({ mask: MASK_64, address: BigInt(at.code) });
  return new Promise((resolve, reject) => {
    machine.onFault = reject;
    machine.onEnd = () => {
      expect(v.vcpu.psw).toEqual({ mask: WAIT, address: 0x1234n });
      const read = (address: number, length: number): Uint8Array => {
        const found = guest.vm.readAbsolute(gpa(address), length);
        if (found === undefined) throw new Error(`nothing at ${address}`);
        return found;
      };
      resolve({ guest, read });
    };
    machine.start();
  });
}

const modelOf = (text: string): CpuModel => {
  const model = cpuModel(text);
  if (!model.ok) throw new Error(model.error);
  return model.value;
};
/** The instructions that a guest of a model does not have. */
const hidden = (text: string): Row[] => {
  const { facilities } = modelOf(text);
  return instructionTable.filter((row) => !facilities.has(facilityBits[row.facility]));
};
const listOf = (bits: Iterable<number>): string => {
  const bytes = new Uint8Array(256);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return bytesToHex(bytes);
};

describe.each([...models, ...switched])('--cpu %s', (text) => {
  const { machine, facilities } = modelOf(text);

  test('all that it says of itself agrees, and what it has not is an operation exception', async () => {
    const tried = hidden(text);
    const { guest, read } = await run(text, tried);
    const list = bytesToHex(read(at.answers + answer.list, 256));
    expect(list).toBe(listOf(facilities));
    const identification = read(at.answers + answer.identification, 8);
    expect(bytesToHex(identification.subarray(4, 6))).toBe(machine.type);
    // Of STSI 1.1.1: the digits of the type in EBCDIC.
    const digits = read(at.answers + answer.sysib + 48, 4);
    expect([...digits].map((byte) => String(byte & 0x0f)).join('')).toBe(machine.type);
    // Of READ SCP INFO: the response, and bits of the largest absolute address.
    expect(bytesToHex(read(at.sccb + 6, 2))).toBe('0010');
    expect(read(at.sccb + 99, 1)[0]).toBe(machine.addressPower);
    const attribute = getAttribute(guest.vm, attributeGroups['cpu-model'], 0, {});
    if (!attribute.ok) throw new Error(attribute.error);
    expect(bytesToHex(attribute.value.subarray(0, 8))).toBe(bytesToHex(identification));
    expect(bytesToHex(attribute.value.subarray(16, 16 + 256))).toBe(list);
    const codes = read(at.codes, 2 * tried.length);
    const executed = tried.filter((_, i) => codes[2 * i] !== 0 || codes[2 * i + 1] !== 1);
    expect(executed.map(({ mnemonic }) => mnemonic)).toEqual([]);
  });
});

test('what is switched off takes instructions away: the test above has some to try', () => {
  const names = (text: string) => hidden(text).map(({ mnemonic }) => mnemonic);
  expect(names('zEC12').length).toBeGreaterThan(200);
  expect(names('z15,vx=off')).toContain(rowOf('VA').mnemonic);
  expect(names('max,dfp=off')).toContain('ADTRA');
  expect(names('z16,stfle45=off,sthyi=off')).toEqual(expect.arrayContaining(['STHYI', 'ARK', 'PTF', 'IRBM']));
});
