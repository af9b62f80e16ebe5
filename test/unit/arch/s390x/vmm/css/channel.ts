/** A channel subsystem on a test's own storage, with a device that records what it is asked. */

import type { IoInterruption } from '../../../../../../src/arch/s390x/cpu/interruption.ts';
import type { Outcome } from '../../../../../../src/arch/s390x/kvm/outcome.ts';
import type { ChannelFault, ChannelStorage } from '../../../../../../src/arch/s390x/vmm/css/channel-storage.ts';
import { ChannelSubsystem } from '../../../../../../src/arch/s390x/vmm/css/channel-subsystem.ts';
import type { DataArea } from '../../../../../../src/arch/s390x/vmm/css/data-area.ts';
import {
  type ChannelDevice,
  type CommandEnd,
  commandDone,
  commandReject,
  type DevicePort,
} from '../../../../../../src/arch/s390x/vmm/css/device.ts';
import { executeIo } from '../../../../../../src/arch/s390x/vmm/css/instructions.ts';
import { hexToBytes } from '../../../../../../src/bits/hex.ts';
import { ArrayStorage } from '../array-storage.ts';

const PAGE = 4096;

/** Storage with a key for each page. */
export class KeyedStorage implements ChannelStorage {
  readonly array: ArrayStorage;
  /** Access-control bits, and fetch protection (0x100), by page. */
  readonly keys = new Map<number, number>();

  constructor(size = 0x10_0000) {
    this.array = new ArrayStorage(size);
  }
  fetch(address: number, length: number, key: number): Uint8Array | ChannelFault {
    return this.#fault(address, key, false) ?? this.array.read(address, length) ?? 'addressing';
  }
  store(address: number, data: Uint8Array, key: number): ChannelFault | undefined {
    return this.#fault(address, key, true) ?? (this.array.write(address, data) ? undefined : 'addressing');
  }
  #fault(address: number, key: number, store: boolean): ChannelFault | undefined {
    const held = this.keys.get(Math.floor(address / PAGE)) ?? 0;
    if (key === 0 || (held & 15) === key || (!store && (held & 0x100) === 0)) return undefined;
    return 'protection';
  }
}

/** Commands: 01 takes up to `wants` bytes, 02 sends `data`, 07 does nothing, 0b ends with `status`, others are refused. */
export class TestDevice implements ChannelDevice {
  readonly identification = { controlUnitType: 0x1234, controlUnitModel: 0x56, deviceType: 0x789a, deviceModel: 0xbc };
  readonly commands: number[] = [];
  received: Uint8Array = new Uint8Array(0);
  data: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
  wants = 16;
  status = 0x0c;
  port: DevicePort | undefined;
  readonly log: string[] = [];

  attach(port: DevicePort): void {
    this.port = port;
  }
  execute(command: number, data: DataArea): CommandEnd {
    this.commands.push(command);
    switch (command) {
      case 0x01:
        this.received = data.receive(this.wants);
        return commandDone;
      case 0x02:
        data.send(this.data);
        return commandDone;
      case 0x07:
        return commandDone;
      case 0x0b:
        return { status: this.status };
      default:
        return commandReject;
    }
  }
  enabled(on: boolean): void {
    this.log.push(on ? 'enabled' : 'disabled');
  }
  notify(queue: number): boolean {
    this.log.push(`notify ${queue}`);
    return queue === 0;
  }
  reset(): void {
    this.log.push('reset');
  }
  save(): Uint8Array {
    return this.received.slice();
  }
  restore(received: Uint8Array): void {
    this.received = received.slice();
  }
}

/** Operands of an instruction. */
export interface Operands {
  readonly gr1?: number;
  readonly gr2?: bigint;
  readonly address?: number;
}

/** General register 1 for a subchannel of the default image. */
export const schid = (number: number): number => 0x0001_0000 | number;
export const opcode = {
  csch: 0xb230,
  hsch: 0xb231,
  msch: 0xb232,
  ssch: 0xb233,
  stsch: 0xb234,
  tsch: 0xb235,
  sal: 0xb237,
  rsch: 0xb238,
  stcrw: 0xb239,
  stcps: 0xb23a,
  rchp: 0xb23b,
  schm: 0xb23c,
  chsc: 0xb25f,
  siga: 0xb274,
  xsch: 0xb276,
} as const;

/** Where `Bench.start` puts the operation request, the channel program and what an instruction stores. */
export const at = { orb: 0x1000, program: 0x2000, operand: 0x3000, data: 0x8000 } as const;

/** The part of an operation-request block that a test chooses. */
export interface OrbChoice {
  readonly control?: number;
  readonly lpm?: number;
  readonly last?: number;
  readonly program?: number;
  readonly parameter?: number;
}

/** A channel subsystem with one device on subchannel 0, and what it told its machine. */
export class Bench {
  readonly storage = new KeyedStorage();
  readonly pending: IoInterruption[] = [];
  reports = 0;
  readonly css = new ChannelSubsystem({
    storage: this.storage,
    raiseIo: (io) => void this.pending.push(io),
    withdrawIo: (id, number) => {
      const kept = this.pending.filter((io) => io.subchannelId !== id || io.subchannelNumber !== number);
      this.pending.splice(0, this.pending.length, ...kept);
    },
    channelReportPending: () => void this.reports++,
  });
  readonly device = new TestDevice();

  constructor() {
    this.css.attach(this.device);
  }
  get bytes(): Uint8Array {
    return this.storage.array.bytes;
  }
  get view(): DataView {
    return new DataView(this.bytes.buffer);
  }
  put(address: number, hex: string): void {
    const bytes = hexToBytes(hex.replaceAll(/\s/g, ''));
    if (bytes === undefined) throw new Error(`not hex: ${hex}`);
    this.bytes.set(bytes, address);
  }
  hex(address: number, length: number): string {
    return Buffer.from(this.bytes.subarray(address, address + length)).toString('hex');
  }

  /** Executes an I/O instruction; an operand outside storage throws `no storage`. */
  io(op: number, { gr1 = schid(0), gr2 = 0n, address = at.operand }: Operands = {}): Outcome {
    const { array } = this.storage;
    const must = <T>(value: T | undefined | false): T => {
      if (value === undefined || value === false) throw new Error('no storage');
      return value;
    };
    return executeIo(this.css, {
      opcode: op,
      gr1: 0xdead_0000_0000_0000n | BigInt(gr1 >>> 0),
      gr2,
      address: BigInt(address),
      cc: 2,
      fetch: (length) => must(array.read(address, length)),
      store: (data, offset = 0) => void must(array.write(address + offset, data)),
      checkStore: (length) => void must(array.read(address, length)),
    });
  }

  /** Enables subchannel 0, on ISC 3, with interruption parameter 11223344; `flags` and `characteristics` are added. */
  enable(flags = 0, characteristics = 0): void {
    this.io(opcode.stsch);
    this.view.setUint32(at.operand, 0x1122_3344);
    this.view.setUint16(at.operand + 4, this.view.getUint16(at.operand + 4) | 0x1880 | flags);
    this.view.setUint32(at.operand + 24, characteristics);
    this.io(opcode.msch);
  }

  /** Starts the program of channel-command words given in hex. */
  start(program: string, orb: OrbChoice = {}): Outcome {
    this.put(at.program, program);
    this.view.setUint32(at.orb, orb.parameter ?? 0xcafe_0001);
    this.view.setUint16(at.orb + 4, orb.control ?? 0x0080);
    this.view.setUint8(at.orb + 6, orb.lpm ?? 0xff);
    this.view.setUint8(at.orb + 7, orb.last ?? 0);
    this.view.setUint32(at.orb + 8, orb.program ?? at.program);
    return this.io(opcode.ssch, { address: at.orb });
  }

  /** TEST SUBCHANNEL: the parts of the status word by name, and the block. */
  test(): TestedStatus {
    const outcome = this.io(opcode.tsch);
    const view = new DataView(this.bytes.buffer, at.operand, 64);
    return {
      outcome,
      flags: view.getUint16(0),
      control: view.getUint16(2),
      ccw: view.getUint32(4),
      device: view.getUint8(8),
      channel: view.getUint8(9),
      count: view.getUint16(10),
      erw: view.getUint32(16),
      sense: view.getUint8(32),
    };
  }
  /** Runs a program to its end. */
  run(program: string, orb: OrbChoice = {}): TestedStatus {
    const outcome = this.start(program, orb);
    if (!('cc' in outcome) || outcome.cc !== 0) throw new Error(`SSCH: ${JSON.stringify(outcome)}`);
    return this.test();
  }
}

/** What TEST SUBCHANNEL told. */
export interface TestedStatus {
  readonly outcome: Outcome;
  readonly flags: number;
  readonly control: number;
  readonly ccw: number;
  readonly device: number;
  readonly channel: number;
  readonly count: number;
  readonly erw: number;
  readonly sense: number;
}

/** A bench whose subchannel is enabled. */
export function enabled(): Bench {
  const bench = new Bench();
  bench.enable();
  return bench;
}
