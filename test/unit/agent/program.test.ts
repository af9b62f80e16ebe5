import { describe, expect, test } from 'vitest';
import { formatted } from '../../../src/agent/format.ts';
import { type AgentWorld, compileAgent } from '../../../src/agent/program.ts';

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const printed: { readonly format: string; readonly values: readonly bigint[] }[] = [];
const collected: unknown[] = [];
const variables = new Map<number, bigint>();
const world: AgentWorld = {
  memory,
  place: (n) => (n === 7 ? 64 : undefined),
  register: (vcpu, n) => BigInt(1000 * vcpu + n),
  fetch(_vcpu, address, bytes) {
    if (address >= 0x1000n) throw new Error('nothing there');
    return BigInt.asUintN(8 * bytes, 0x8182_8384_8586_8788n + address);
  },
  trace: (_vcpu, address, length, text) => void collected.push([address, length, text]),
  variable: (n) => variables.get(n) ?? 0n,
  setVariable: (n, value) => void variables.set(n, value),
  traceVariable: (n) => void collected.push(n),
  print: (_vcpu, format, values) => void printed.push({ format: Buffer.from(format).toString('latin1'), values }),
};

function run(hex: string, base = 0): bigint {
  const program = compileAgent(Buffer.from(hex.replaceAll(' ', ''), 'hex'), world);
  if (!program.ok) throw new Error(program.error);
  return program.value.run(2, base);
}
const refusal = (hex: string): string => {
  const program = compileAgent(Buffer.from(hex.replaceAll(' ', ''), 'hex'), world);
  return program.ok ? 'none' : program.error;
};

describe('an agent expression', () => {
  test.each([
    ['add, modulo 2^64', '25ffffffffffffffff 2203 02 27', 2n],
    ['sub takes the upper from the lower', '2205 2207 03 27', -2n],
    ['mul', '2205 2207 04 27', 35n],
    ['div_signed', '22f9 16 08 2202 05 27', -3n],
    ['div_unsigned', '25fffffffffffffff9 2202 06 27', 0x7fff_ffff_ffff_fffcn],
    ['rem_signed', '22f9 16 08 2202 07 27', -1n],
    ['rem_unsigned', '2209 2204 08 27', 1n],
    ['lsh', '2203 2204 09 27', 48n],
    ['rsh_signed', '22f0 16 08 2202 0a 27', -4n],
    ['rsh_unsigned', '25f000000000000000 223c 0b 27', 15n],
    ['log_not of 0 and of another', '2200 0e 2205 0e 02 27', 1n],
    ['bit_and, bit_or, bit_xor', '220c 220a 0f 2201 10 2203 11 27', 10n],
    ['bit_not', '2200 12 27', -1n],
    ['equal', '2204 2204 13 27', 1n],
    ['less_signed', '22ff 16 08 2201 14 27', 1n],
    ['less_unsigned', '22ff 16 08 2201 15 27', 0n],
    ['ext above 32 bits', '25 0000008000000000 16 28 27', -0x80_0000_0000n],
    ['zero_ext', '25ffffffffffffffff 2a 28 27', 0xff_ffff_ffffn],
    ['ext and zero_ext of 64 bits do nothing', '22fe 16 08 16 40 2a 40 27', -2n],
    ['consts are extended with zeros', '22ff 23ffff 02 24ffffffff 02 27', 0xff + 0xffff + 0xffff_ffff],
    ['reg that must be asked for', '260009 27', 2009n],
    ['dup, pop, swap', '2203 2205 28 29 2b 03 27', 2n],
    ['pick counts from the top', '2201 2202 2203 3202 27', 1n],
    ['rot brings the top below: c a b', '2201 2202 2203 33 27', 2n],
    ['goto passes over', '21 0005 2263 2207 27', 7n],
    ['an empty stack at the end is 0', '27', 0n],
  ])('%s', (_, hex, value) => {
    expect(run(hex)).toBe(BigInt.asIntN(64, BigInt(value)));
  });

  test.each([
    ['17', 1, 0x98n],
    ['18', 2, 0x8798n],
    ['19', 4, 0x8586_8798n],
    ['1a', 8, 0x8182_8384_8586_8798n],
  ])('ref %s fetches %i bytes', (op, _, value) => {
    expect(BigInt.asUintN(64, run(`2210 ${op} 27`))).toBe(value);
  });

  test('a register that lies in the memory is read there, of the vCPU whose base it is', () => {
    new DataView(memory.buffer).setBigUint64(128 + 64, 0x1234_5678_9abc_def0n, true);
    expect(run('260007 27', 128)).toBe(0x1234_5678_9abc_def0n);
  });

  test('conditions go one way or the other', () => {
    // As gdb writes register == 2009 && 5 < 3.
    const both = (than: string): string => `260009 2307d9 13 20000f 2200 210014 2205 ${than} 14 27`;
    expect(run(both('2203'))).toBe(0n);
    expect(run(both('2209'))).toBe(1n);
    expect(run('2201 20000a 2208 21000c 2206 27')).toBe(6n);
    expect(run('2200 20000a 2208 21000c 2206 27')).toBe(8n);
  });

  test('a fault, a division by zero and a loop without an end throw', () => {
    expect(() => run('240000ffff 17 27')).toThrow('nothing there');
    for (const op of ['05', '06', '07', '08'])
      expect(() => run(`2201 2200 ${op} 27`)).toThrow(WebAssembly.RuntimeError);
    expect(() => run('21 0000')).toThrow(WebAssembly.RuntimeError);
  });

  test('what cannot be carried out is refused', () => {
    expect(refusal('01 27')).toMatch(/0x1 at 0 is not known/);
    expect(refusal('02 27')).toMatch(/stack is empty at 0/);
    expect(refusal('2201')).toMatch(/no end/);
    expect(refusal('26 00')).toMatch(/ends inside/);
    expect(refusal('2201 200007 2207 27')).toMatch(/different heights at 7/);
    expect(refusal(`${'2201'.repeat(101)}27`)).toMatch(/too high/);
    expect(refusal('3201 27')).toMatch(/stack is empty/);
  });

  test('printf hands over its format as it came, and its values in their order', () => {
    printed.length = 0;
    run('22 02 22 01 2200 2200 34 02 0009 783d2564205c6e2500 27');
    expect(printed).toEqual([{ format: 'x=%d \\n%', values: [1n, 2n] }]);
  });
});

describe('a format', () => {
  test.each([
    ['x=%d\\n', [-1n], 'x=-1\n'],
    ['%u %x %o', [0xffff_ffff_ffff_ffffn, 255n, 8n], '4294967295 ff 10'],
    ['%lu %lx %llx', [0xffff_ffff_ffff_ffffn, 255n, 1n << 40n], '18446744073709551615 ff 10000000000'],
    ['%5d|%-5d|%05d|%+d', [7n, 7n, -7n, 7n], '    7|7    |-0007|+7'],
    ['%#x %08lx %.3d', [16n, 0xabcn, 7n], '0x10 00000abc 007'],
    ['%c%c', [0x41n, 0x142n], 'AB'],
    ['%s %s %.2s', [0x10n, 0n, 0x10n], '<10> (null) <1'],
    ['%p 100%%', [0xabcn], '0xabc 100%'],
    ['\\t\\x41\\101\\\\', [], '\tAA\\'],
    ['%hd %hhd %hx %hhu', [65535n, 0x1fen, 0x12345n, 0x1ffn], '-1 -2 2345 255'],
  ])('%s', (format, values, text) => {
    expect(formatted(format, values, (a) => `<${a.toString(16)}>`)).toBe(text);
  });
});

test('an expression of a tracepoint collects what it names, and has variables', () => {
  collected.length = 0;
  // Address 0x40: four bytes of it, eight by a length, a text of at most 16.
  expect(run('22 40 0d 04 30 0102 22 08 0c 22 50 22 10 2f 27')).toBe(0n);
  expect(collected).toEqual([
    [0x40n, 4, false],
    [0x40n, 0x102, false],
    [0x40n, 8, false],
    [0x50n, 16, true],
  ]);
  collected.length = 0;
  expect(run('2c 0003 22 05 02 2d 0003 2e 0003 27')).toBe(5n);
  expect(run('2c 0003 27')).toBe(5n);
  expect(collected).toEqual([3]);
});
