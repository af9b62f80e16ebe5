import { expect, test } from 'vitest';
import { CpuComplex } from '../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../src/arch/s390x/cpu/core.ts';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import {
  buildInterpreter,
  generateInterpreter,
  type InterpreterModule,
} from '../../../src/engine/interpreter/interpreter.ts';
import { packInterpreter, unpackInterpreter } from '../../../src/engine/interpreter/kept.ts';

const MIB = 1 << 20;

function machine(memory: number, vcpus: number): { complex: CpuComplex; core: S390xCore; made: InterpreterModule } {
  const complex = new CpuComplex({ vcpus, storage: memory });
  const core = new S390xCore(complex, instructionTable);
  return { complex, core, made: generateInterpreter(core, complex.filterAddress) };
}

const { made } = machine(MIB, 1);

test('one interpreter fits machines of any size: nothing in it depends on storage or CPUs', () => {
  const other = machine(64 * MIB, 9).made;
  expect(other.filter).toBe(made.filter);
  expect(other.helpers).toEqual(made.helpers);
  expect(Buffer.from(other.bytes).equals(made.bytes)).toBe(true);
});

test('what was kept is what was made', () => {
  const found = unpackInterpreter('key', Uint8Array.from(packInterpreter('key', made)));
  expect(found?.filter).toBe(made.filter);
  expect(found?.helpers).toEqual(made.helpers);
  expect(Buffer.from(found?.bytes ?? []).equals(made.bytes)).toBe(true);
});

test('one of other sources, or one that is not whole, is not used', () => {
  const packed = Uint8Array.from(packInterpreter('key', made));
  expect(unpackInterpreter('another', packed)).toBeUndefined();
  expect(unpackInterpreter('key', packed.slice(0, -1))).toBeUndefined();
  expect(unpackInterpreter('key', packed.slice(1))).toBeUndefined();
  expect(unpackInterpreter('key', new Uint8Array(0))).toBeUndefined();
  expect(unpackInterpreter('key', Uint8Array.from(Buffer.from('null\n')))).toBeUndefined();
  expect(unpackInterpreter('key', Uint8Array.from(Buffer.from('{"key":"key"}\n')))).toBeUndefined();
});

test('one for another breakpoint filter is not used', () => {
  const { complex, core } = machine(MIB, 1);
  const useless = { ...made, filter: made.filter + 1, bytes: Uint8Array.of(0) };
  expect(() => buildInterpreter(core, complex.memory, complex.filterAddress, useless)).not.toThrow();
});
