import { describe, expect, test } from 'vitest';
import { s390xWing } from '../../../../src/api/s390x-wing.ts';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { lowcore } from '../../../../src/arch/s390x/cpu/lowcore.ts';
import { bytesToHex } from '../../../../src/bits/hex.ts';
import { buildInterpreter } from '../../../../src/engine/interpreter/interpreter.ts';
import { encode } from '../../../support/s390x/isa.ts';

/** Microseconds since 1970 that a guest's clock shows when it begins. */
function clockOf(date?: number): bigint {
  const { guest } = s390xWing.build({
    memory: 1 << 20,
    vcpus: 2,
    engine: buildInterpreter,
    console: () => undefined,
    ...(date === undefined ? {} : { date }),
  });
  const [, second] = guest.vm.vcpus;
  if (second === undefined) throw new Error('there is no second vCPU');
  return (guest.vm.core.clock.tod(second.vcpu) - 0x7d91_048b_ca00_0000n) >> 12n;
}

test("a guest's clock shows the date that it was given, on every CPU, and else the same in every run", () => {
  const date = Date.UTC(2026, 10, 28, 19, 30);
  expect(clockOf(date)).toBe(BigInt(date) * 1000n);
  expect(clockOf()).toBe(BigInt(Date.UTC(2024, 0, 1)) * 1000n);
});

describe('a CPU model', () => {
  const CODE = 0x1_0000;
  const MASK_64 = 0x1_8000_0000n;
  const VECTORS_ON = '00000000000600e0';

  /** What a guest of a model finds: STIDP, STFLE's list, the type that STSI 1.1.1 tells, and how a vector instruction ends. */
  function seen(cpu: string | undefined) {
    const { guest } = s390xWing.build({
      memory: 1 << 20,
      vcpus: 1,
      engine: buildInterpreter,
      console: () => undefined,
      ...(cpu === undefined ? {} : { cpu }),
    });
    const [v] = guest.vm.vcpus;
    if (v === undefined) throw new Error('there is no CPU');
    const program = [
      encode('LCTLG', { r1: 0, r3: 0, b2: 0, d2: 0x400 }),
      encode('STIDP', { b2: 0, d2: 0x500 }),
      encode('LGHI', { r1: 0, i2: 3 }),
      encode('STFLE', { b2: 0, d2: 0x600 }),
      encode('IILF', { r1: 0, i2: 0x1000_0001 }),
      encode('LGHI', { r1: 1, i2: 1 }),
      encode('STSI', { b2: 2, d2: 0 }),
      encode('VGBM', { v1: 20, i2: 0xffff }),
    ];
    const put = guest.storage.write;
    put(CODE, Uint8Array.from(program.flatMap((text) => [...text])));
    put(0x400, Buffer.from(VECTORS_ON, 'hex'));
    put(lowcore.programNewPsw[0], Buffer.from('0002000180000000000000000000dead', 'hex'));
    v.vcpu.setGr(2, 0x2_0000n);
    guest.start({ mask: MASK_64, address: BigInt(CODE) });
    v.sync();
    v.run({ until: v.vcpu.icount + BigInt(program.length), checked: false });
    const get = (at: number, bytes: number): Uint8Array => guest.storage.read(at, bytes) ?? new Uint8Array(0);
    const list = get(0x600, 32);
    const bits = Array.from({ length: 256 }, (_, n) => n).filter(
      (n) => ((list[n >> 3] ?? 0) & (0x80 >> (n & 7))) !== 0,
    );
    return {
      id: bytesToHex(get(0x500, 8)),
      bits,
      told: [...guest.vm.core.facilities].sort((a, b) => a - b),
      type: bytesToHex(get(0x2_0000 + 48, 4)),
      vector: v.vcpu.vr(20),
      pgm: v.psw.address === 0xdeadn ? Number.parseInt(bytesToHex(get(lowcore.programCode[0], 2)), 16) : 0,
      registers: guest.description.features.map(({ name }) => name.split('.').at(-1)),
    };
  }
  const ones = (1n << 128n) - 1n;

  test.each([
    ['zEC12', '2827', false],
    ['z13', '2964', true],
    ['z14', '3906', true],
    ['z14,vx=off', '3906', false],
    ['z15', '8561', true],
    ['z16', '3931', true],
    ['z17', '9175', true],
    ['max', '9175', true],
    [undefined, '9175', true],
  ])('%s: CPU identification, facility list, STSI and what vector instructions do agree', (cpu, type, hasVectors) => {
    const found = seen(cpu);
    expect(found.id).toBe(`ff000000${type}8000`);
    expect(found.type).toBe([...type].map((digit) => `f${digit}`).join(''));
    expect(found.bits).toEqual(found.told);
    expect(found.bits.includes(129)).toBe(hasVectors);
    expect([found.pgm, found.vector]).toEqual(hasVectors ? [0, ones] : [PGM.operation, 0n]);
    expect(found.registers.includes('vx')).toBe(hasVectors);
  });
  test('that is none is refused with the reason', () => {
    expect(s390xWing.cpuRefusal('z15,vx=off')).toBeUndefined();
    expect(s390xWing.cpuRefusal('z1')).toContain('there is no CPU model z1');
  });
});
