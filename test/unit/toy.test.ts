import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Debugger } from '../../src/debug/debugger.ts';
import { engineOptions } from '../../src/engine/modes.ts';
import { Machine } from '../../src/machine/machine.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import { RspServer } from '../../src/rsp/server.ts';
import { RspClient } from '../support/rsp-client.ts';
import { seed } from '../support/seed.ts';
import { sources } from '../support/sources.ts';
import { ToyGuest, toyCommands } from '../support/toy/guest.ts';
import { assemble } from '../support/toy/isa.ts';

const CODE = 0x1000;
const LOOP = 0x1008;
const STORE = 0x1010;
const BACK = 0x1018;
const END = 0x101c;
const SUM = 0x2000;
const OTHER_CODE = 0x3000;
/** Number of the instruction address among the registers. */
const PC = 8;
/** Adds 3 to the sum ten times and halts. */
const program = [
  assemble('addi', 1, 0, 10),
  assemble('addi', 2, 0, 0),
  assemble('load', 3, 0, SUM),
  assemble('addi', 3, 3, 3),
  assemble('store', 3, 0, SUM),
  assemble('addi', 1, 1, -1),
  assemble('brnz', 1, 0, -4),
  0,
];

test('the toy knows no architecture of src/', () => {
  const toy = sources('test/support/toy');
  expect(toy.length).toBeGreaterThan(0);
  expect(toy.filter(({ text }) => /src\/arch|s390x/i.test(text)).map(({ path }) => path)).toEqual([]);
});

const options = { clock: 'virtual', now: () => performance.now(), instructionsPerMicrosecond: 100 } as const;

/** Both byte orders, interpreted, and translated as soon as it is executed. */
const machines = (['big', 'little'] as const).flatMap((order) =>
  (['interpreter', 'first'] as const).map((mode) => ({ order, mode })),
);

describe.each(machines)('a guest of another architecture, $order endian, under machine, debugger and server, $mode', ({
  order,
  mode,
}) => {
  let guest: ToyGuest;
  let machine: Machine;
  let monitor: Monitor<ToyGuest>;
  let server: RspServer;
  let gdb: RspClient;
  let faults: unknown[] = [];

  beforeEach(async () => {
    guest = new ToyGuest({ cpus: 2, storage: 0x4000, order }, engineOptions(mode, seed));
    guest.load(0, CODE, program);
    guest.load(1, OTHER_CODE, [assemble('addi', 5, 5, 1), assemble('addi', 5, 5, 1), 0]);
    machine = new Machine(guest, options);
    const target = new Debugger(machine);
    monitor = new Monitor(guest, target, toyCommands);
    faults = [];
    server = new RspServer({ target, monitor, onFault: (fault) => faults.push(fault) });
    const { port } = await server.listen('127.0.0.1', 0);
    gdb = await RspClient.connect(port);
    // The first packet halts the machine.
    await gdb.ask('?');
  });
  afterEach(async () => {
    gdb.hangUp();
    await server.close();
    machine.halt();
    expect(faults).toEqual([]);
  });

  /** The bytes of a number, as they lie in storage and in packets. */
  function bytesOf(value: bigint, length = 8): string {
    const hex = value.toString(16).padStart(2 * length, '0');
    return order === 'big' ? hex : (hex.match(/../g) ?? []).reverse().join('');
  }
  /** A register of the first vCPU. */
  async function register(n: number): Promise<bigint> {
    await gdb.ask('Hgp1.1');
    const bytes = await gdb.ask(`p${n.toString(16)}`);
    return BigInt(`0x${order === 'big' ? bytes : (bytes.match(/../g) ?? []).reverse().join('')}`);
  }
  const pc = (): Promise<bigint> => register(PC);
  const sum = (): Promise<string> => gdb.ask(`m${SUM.toString(16)},8`);

  test('describes its registers, and tells them in its byte order', async () => {
    const xml = await gdb.ask('qXfer:features:read:target.xml:0,fff');
    expect(xml).toContain('<architecture>toy</architecture>');
    expect(xml.match(/<reg name="(r\d|pc)" bitsize="64"/g)).toHaveLength(9);
    expect(await gdb.ask(`P1=${bytesOf(0x102030405060708n)}`)).toBe('OK');
    expect(await register(1)).toBe(0x102030405060708n);
    expect((await gdb.ask('g')).slice(16, 32)).toBe(bytesOf(0x102030405060708n));
    expect(await gdb.ask('qfThreadInfo')).toBe('mp1.1,p1.2');
  });

  test('stores and fetches numbers in its byte order', async () => {
    expect(await gdb.ask(`m${CODE.toString(16)},4`)).toBe(bytesOf(BigInt(program[0] ?? 0), 4));
    expect(await gdb.ask(`M${SUM.toString(16)},8:${bytesOf(100n)}`)).toBe('OK');
    await gdb.ask(`Z0,${STORE.toString(16)},4`);
    await gdb.ask('vCont;c');
    expect(await register(3)).toBe(103n);
    await gdb.ask('vCont;s:p1.1');
    expect(await sum()).toBe(bytesOf(103n));
  });

  test('has no storage behind its end', async () => {
    expect(await gdb.ask('m3ffc,8')).toHaveLength(8);
    expect(await gdb.ask('m4000,1')).toMatch(/^E/);
    expect(await gdb.ask('M3ffe,4:00000000')).toMatch(/^E/);
  });

  test('stops at breakpoints, every time that it comes to them', async () => {
    expect(await gdb.ask(`Z0,${STORE.toString(16)},4`)).toBe('OK');
    expect(await gdb.ask('vCont;c')).toMatch(/^T05.*thread:p1\.1;.*swbreak:;/);
    expect([await pc(), await register(1)]).toEqual([BigInt(STORE), 10n]);
    await gdb.ask('vCont;s:p1.1');
    expect(await gdb.ask('vCont;c')).toMatch(/swbreak/);
    expect([await pc(), await register(1)]).toEqual([BigInt(STORE), 9n]);
  });

  test('steps one instruction, one vCPU, and through a range', async () => {
    expect(await gdb.ask('vCont;s:p1.2')).toMatch(/^T05.*thread:p1\.2;/);
    expect([await pc(), guest.vcpu(1).pc()]).toEqual([BigInt(CODE), BigInt(OTHER_CODE + 4)]);
    await gdb.ask('vCont;s:p1.1');
    await gdb.ask('vCont;s:p1.1');
    await gdb.ask(`vCont;r${LOOP.toString(16)},${END.toString(16)}:p1.1`);
    expect([await pc(), await register(1), await sum()]).toEqual([BigInt(END), 0n, bytesOf(30n)]);
  });

  /** Where the upper and the lower word of the sum lie. */
  const word = order === 'big' ? { upper: SUM, lower: SUM + 4 } : { upper: SUM + 4, lower: SUM };

  test.each([
    ['2', 'write', 'watch', STORE + 4, 3n],
    ['3', 'read', 'rwatch', LOOP + 4, 0n],
    ['4', 'access', 'awatch', LOOP + 4, 0n],
  ] as const)('Z%s: stops behind the instruction that meets a %s watchpoint', async (kind, _, reason, at, value) => {
    expect(await gdb.ask(`Z${kind},${word.lower.toString(16)},4`)).toBe('OK');
    expect(await gdb.ask('vCont;c')).toContain(`;${reason}:${word.lower.toString(16)};`);
    expect([await pc(), await sum()]).toEqual([BigInt(at), bytesOf(value)]);
  });

  test('does not meet a write watchpoint by stores that change nothing there', async () => {
    expect(await gdb.ask(`Z2,${word.upper.toString(16)},4`)).toBe('OK');
    await gdb.ask('vCont;c');
    expect(machine.end).toEqual({ status: 0, message: 'every CPU has halted' });
  });

  test('executes what a debugger has written over instructions that it has executed before', async () => {
    await gdb.ask(`Z0,${BACK.toString(16)},4`);
    await gdb.ask('vCont;c');
    await gdb.ask(`z0,${BACK.toString(16)},4`);
    const five = bytesOf(BigInt(assemble('addi', 3, 3, 5)), 4);
    await gdb.ask(`M${(LOOP + 4).toString(16)},4:${five}`);
    await gdb.ask('vCont;c');
    expect(await sum()).toBe(bytesOf(48n));
  });

  test('executes what it has written over its own instructions', async () => {
    const [at, data] = [0x1800, 0x2100];
    const second = assemble('load', 1, 0, data);
    guest.load(0, data, [assemble('addi', 2, 2, 7), second]);
    guest.load(0, at, [assemble('addi', 2, 2, 1), second, assemble('store', 1, 0, at), assemble('brnz', 2, 0, -3)]);
    for (let i = 0; i < 5; i++) await gdb.ask('vCont;s:p1.1');
    expect([await pc(), await register(2)]).toEqual([BigInt(at + 4), 8n]);
  });

  test('goes on from a saved state as it went on before, in another machine too', async () => {
    await gdb.ask(`Z0,${BACK.toString(16)},4`);
    await gdb.ask('vCont;c');
    await gdb.ask(`z0,${BACK.toString(16)},4`);
    const saved = structuredClone(machine.save());
    await gdb.ask('vCont;c');
    expect(await sum()).toBe(bytesOf(30n));
    const end = structuredClone(machine.save());
    machine.restore(saved);
    expect([await pc(), await register(1), await sum()]).toEqual([BigInt(BACK), 9n, bytesOf(3n)]);
    await gdb.ask('vCont;c');
    expect(machine.save()).toEqual(end);
    const other = new Machine(new ToyGuest({ cpus: 2, storage: 0x4000, order }), options);
    other.restore(saved);
    const ended = new Promise((resolve) => {
      other.onEnd = resolve;
    });
    other.start();
    expect(await ended).toEqual({ status: 0, message: 'every CPU has halted' });
    expect(other.save().parts).toMatchObject({ 'CPU 0': end.parts['CPU 0'], storage: end.parts.storage });
    const wrong = new Machine(new ToyGuest({ cpus: 1, storage: 0x4000, order }), options);
    expect(() => wrong.restore(saved)).toThrow('cpus 2');
  });

  test('answers its monitor, and its end is a stop', async () => {
    expect([...monitor.execute('halted', 0)]).toEqual(['CPU 0 = no', 'CPU 1 = no']);
    expect(await gdb.ask('vCont;c')).toMatch(/^T05/);
    expect([...monitor.execute('halted --json', 0)]).toEqual(['{"CPU 0":true,"CPU 1":true}']);
    expect(machine.end).toEqual({ status: 0, message: 'every CPU has halted' });
  });

  test('loses its way where no storage is, and says so', async () => {
    await gdb.ask(`P8=${bytesOf(0x1234_5678_9000n)}`);
    await gdb.ask('vCont;c:p1.1');
    expect(machine.end).toEqual({ status: 1, message: 'CPU 0: no storage at 0x123456789000' });
  });

  test('goes on by itself when the debugger goes', async () => {
    await gdb.ask(`Z0,${STORE.toString(16)},4`);
    const ended = new Promise((resolve) => {
      machine.onEnd = resolve;
    });
    gdb.send('D;1');
    expect(await ended).toEqual({ status: 0, message: 'every CPU has halted' });
    expect(Buffer.from(guest.readStorage(SUM, 8)).toString('hex')).toBe(bytesOf(30n));
  });
});
