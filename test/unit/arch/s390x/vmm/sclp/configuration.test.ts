import { describe, expect, test } from 'vitest';
import { MACHINE_FEATURES } from '../../../../../../src/arch/s390x/kvm/cpu-model.ts';
import { ebcdicToText } from '../../../../../../src/arch/s390x/vmm/ebcdic.ts';
import { storageIncrements } from '../../../../../../src/arch/s390x/vmm/sclp/configuration.ts';
import { commands, SclpHarness, sccb } from './harness.ts';

const mebibyte = 2 ** 20;

describe('read SCP information', () => {
  test.each([commands.readScpInformation, commands.readScpInformationForced])('%i tells of the machine', (command) => {
    const guest = new SclpHarness({ vcpus: 3, maxVcpus: 8, storageBytes: 512 * mebibyte, loadParameter: 'PROMPT' });
    const { answer } = guest.call(command, sccb(4096));
    expect(answer.readUInt16BE(6)).toBe(0x0010);
    expect(answer.readUInt16BE(0)).toBe(4096);
    expect(answer.readUInt16BE(8) * answer.readUInt8(10)).toBe(512);
    expect(answer.readUInt16BE(16)).toBe(3);
    expect(answer.readUInt16BE(18)).toBe(128);
    expect(ebcdicToText(answer.subarray(24, 32))).toBe('PROMPT  ');
    expect(answer.readBigUInt64BE(48)).toBe(0x0c00_4000_0000_0000n);
    expect(answer.readUInt16BE(120)).toBe(7);
    expect([answer.readUInt8(99), answer.readUInt32BE(124)]).toEqual([44, 0x0800_0000]);
    const entries = [0, 1, 2].map((i) => answer.subarray(128 + 16 * i, 144 + 16 * i));
    expect(entries.map((entry) => [entry.readUInt8(0), entry.readUInt8(14)])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    expect(answer.subarray(128 + 48).every((byte) => byte === 0)).toBe(true);
  });

  test('needs room for every CPU, and leaves a shorter SCCB alone', () => {
    const guest = new SclpHarness({ vcpus: 64 });
    const exact = 128 + 64 * 16;
    expect(guest.response(commands.readScpInformation, sccb(exact))).toBe(0x0010);
    const short = sccb(exact - 1).fill(0xee, 8);
    const { answer } = guest.call(commands.readScpInformation, short);
    expect(answer.readUInt16BE(6)).toBe(0x0300);
    expect(answer.subarray(8)).toEqual(short.subarray(8));
  });

  test('moves the CPU entries, and tells the length that is needed, with extended-length SCCBs', () => {
    const guest = new SclpHarness({ vcpus: 2, extendedLengthSccb: true });
    const { answer } = guest.call(commands.readScpInformation, sccb(4096));
    expect(answer.readUInt16BE(18)).toBe(144);
    expect(answer.readUInt8(160)).toBe(1);
    const short = guest.call(commands.readScpInformation, sccb(8, { variable: true })).answer;
    expect([short.readUInt16BE(0), short.readUInt16BE(6)]).toEqual([144 + 32, 0x0300]);
    expect(guest.call(commands.readScpInformation, sccb(8)).answer.readUInt16BE(0)).toBe(8);
  });

  test('says what else the machine has', () => {
    const read = (config: ConstructorParameters<typeof SclpHarness>[0]): Buffer =>
      new SclpHarness(config).call(commands.readScpInformation, sccb(4096)).answer;
    const plain = read({});
    const more = read({ suppressionOnProtection: true, topologyNesting: 2 });
    const differing = [...plain.keys()].filter((at) => plain[at] !== more[at]);
    expect(differing.map((at) => [at, plain[at], more[at]])).toEqual([
      [15, 0, 2],
      [85, 0, 2],
    ]);
  });

  test('says that a guest may interpret guests of its own, in every entry of a CPU', () => {
    const read = (config: ConstructorParameters<typeof SclpHarness>[0], command: number): Buffer =>
      new SclpHarness({ vcpus: 2, ...config }).call(command, sccb(4096)).answer;
    const differing = (command: number): readonly unknown[] => {
      const [plain, more] = [read({}, command), read({ sieFeatures: MACHINE_FEATURES }, command)];
      return [...plain.keys()].filter((at) => plain[at] !== more[at]).map((at) => [at, more[at]]);
    };
    const cpu = (at: number): readonly unknown[] => [
      // SIEF2; GPERE, SIIF and SIGPIF; IB and CEI.
      [at + 2, 0x08],
      [at + 3, 0x38],
      [at + 7, 0x30],
    ];
    // GSLS, KSS, 64BSCAO and ESCA, IBS.
    const features = [
      [85, 0x80],
      [98, 0x01],
      [116, 0x88],
      [117, 0x20],
    ];
    expect(differing(commands.readScpInformation)).toEqual([...features, ...cpu(128), ...cpu(144)]);
    expect(differing(commands.readCpuInformation)).toEqual([...cpu(24), ...cpu(40)]);
  });

  test('counts the vCPUs that there are now', () => {
    let vcpus = 1;
    const guest = new SclpHarness({ vcpus: () => vcpus });
    vcpus = 2;
    expect(guest.call(commands.readScpInformation, sccb(4096)).answer.readUInt16BE(16)).toBe(2);
  });

  test('has wider fields for what does not fit', () => {
    const read = (storageBytes: number): Buffer =>
      new SclpHarness({ storageBytes }, mebibyte).call(commands.readScpInformation, sccb(4096)).answer;
    // 512 TiB: the increments are larger than a byte says.
    const large = read(2 ** 49);
    expect(large.readUInt8(10)).toBe(0);
    expect(BigInt(large.readUInt16BE(8)) * BigInt(large.readUInt32BE(100))).toBe(2n ** 29n);
    // 64 GiB and one mebibyte: there are more increments than a halfword says.
    const odd = read(2 ** 36 + mebibyte);
    expect([odd.readUInt16BE(8), odd.readUInt8(10), odd.readBigUInt64BE(104)]).toEqual([0, 1, 65537n]);
  });
});

describe('storage increments', () => {
  test.each([
    [1, 1, 1],
    [1020, 1020, 1],
    [1021, 1021, 1],
    [1022, 511, 2],
    [4096, 512, 8],
    [3 * 1024, 768, 4],
  ])('%i MiB are %i of %i MiB', (mebibytes, count, size) => {
    expect(storageIncrements(mebibytes * mebibyte)).toEqual({ count, mebibytes: size });
  });

  test('leave out what is not a whole mebibyte', () => {
    expect(storageIncrements(3.5 * mebibyte)).toEqual({ count: 3, mebibytes: 1 });
  });
});

test('read CPU information lists the configured CPUs and no others', () => {
  const guest = new SclpHarness({ vcpus: 2 });
  const { answer } = guest.call(commands.readCpuInformation, sccb(4096));
  const halves = [6, 8, 10, 12, 14].map((at) => answer.readUInt16BE(at));
  expect(halves).toEqual([0x0010, 2, 24, 0, 56]);
  expect([answer.readUInt8(24), answer.readUInt8(40)]).toEqual([0, 1]);
  expect(guest.response(commands.readCpuInformation, sccb(55))).toBe(0x0300);
});

test('read storage element information lists the increments of element 0, the only one that is there', () => {
  const guest = new SclpHarness({ storageBytes: 4 * mebibyte });
  const { answer } = guest.call(commands.readStorageElement, sccb(4096));
  expect([6, 8, 10, 12].map((at) => answer.readUInt16BE(at))).toEqual([0x0010, 0, 4, 0]);
  expect([0, 1, 2, 3, 4].map((i) => answer.readUInt32BE(16 + 4 * i))).toEqual([
    0x1_0001, 0x2_0001, 0x3_0001, 0x4_0001, 0,
  ]);
  expect(guest.response(commands.readStorageElement, sccb(31))).toBe(0x0300);
  expect(guest.response(commands.readStorageElement | 0x100, sccb(4096))).toBe(0x0310);
});

test('a configured CPU is configured without action, cannot be taken away, and others are not known', () => {
  const guest = new SclpHarness({ vcpus: 2 });
  const answers = (command: number): number[] =>
    [0, 1, 2, 0xff].map((address) => guest.response(command | (address << 8), sccb(8)));
  expect(answers(commands.configureCpu)).toEqual([0x0120, 0x0120, 0x09f0, 0x09f0]);
  expect(answers(commands.deconfigureCpu)).toEqual([0x05f0, 0x05f0, 0x09f0, 0x09f0]);
});
