import type { Outcome } from '../../../../../../src/arch/s390x/kvm/outcome.ts';
import type { SclpConfig } from '../../../../../../src/arch/s390x/vmm/sclp/config.ts';
import { Sclp } from '../../../../../../src/arch/s390x/vmm/sclp/sclp.ts';
import { ArrayStorage } from '../array-storage.ts';

export const commands = {
  readCpuInformation: 0x0001_0001,
  readScpInformation: 0x0002_0001,
  readScpInformationForced: 0x0012_0001,
  readStorageElement: 0x0004_0001,
  deconfigureCpu: 0x0010_0001,
  configureCpu: 0x0011_0001,
  writeEventData: 0x0076_0005,
  readEventData: 0x0077_0005,
  writeEventMask: 0x0078_0005,
} as const;

/** Where the harness puts its SCCBs. */
export const SCCB_AT = 0x4000;

/** A whole SCCB: header with this length, then zeros. */
export function sccb(length: number, { functionCode = 0, variable = false } = {}): Buffer {
  const block = Buffer.alloc(length);
  block.writeUInt16BE(length, 0);
  block.writeUInt8(functionCode, 2);
  if (variable) block.writeUInt8(0x80, 5);
  return block;
}

/** An SCCB of "write event data" with these event buffers. */
export function eventSccb(...events: readonly { readonly type: number; readonly data: Uint8Array }[]): Buffer {
  const buffers = events.map(({ type, data }) => {
    const buffer = Buffer.alloc(6 + data.length);
    buffer.writeUInt16BE(buffer.length, 0);
    buffer.writeUInt8(type, 2);
    buffer.set(data, 6);
    return buffer;
  });
  const body = Buffer.concat(buffers);
  return Buffer.concat([sccb(8 + body.length).subarray(0, 8), body]).fill(
    Buffer.from([(8 + body.length) >> 8, (8 + body.length) & 255]),
    0,
    2,
  );
}

/** The mask bit of an event type in a 4-byte mask. */
export function maskBit(type: number): number {
  return (0x8000_0000 >>> (type - 1)) >>> 0;
}

/** An SCLP with storage of its own, what it has shown, and the service signals that it has raised. */
export class SclpHarness {
  readonly storage: ArrayStorage;
  readonly sclp: Sclp;
  readonly signals: number[] = [];
  #shown: Uint8Array[] = [];

  constructor(config: Partial<SclpConfig> = {}, storageBytes = 0x10_0000) {
    this.storage = new ArrayStorage(storageBytes);
    this.sclp = new Sclp({
      storage: this.storage,
      config: { vcpus: 1, storageBytes, ...config },
      console: { output: (bytes) => this.#shown.push(Uint8Array.from(bytes)) },
      raiseServiceSignal: (parameter) => this.signals.push(parameter),
    });
  }

  /** What the consoles have shown since the last call. */
  shown(): string {
    const text = Buffer.concat(this.#shown).toString('utf8');
    this.#shown = [];
    return text;
  }

  /** Stores the SCCB, executes the command, and reads the SCCB back. */
  call(command: number, block: Uint8Array, at = SCCB_AT): { readonly result: Outcome; readonly answer: Buffer } {
    this.storage.write(at, block);
    const result = this.sclp.execute(command, at);
    return { result, answer: Buffer.from(this.storage.read(at, block.length) ?? []) };
  }

  /** The response code of a call that must end with condition code 0. */
  response(command: number, block: Uint8Array): number {
    const { result, answer } = this.call(command, block);
    if (!('cc' in result) || result.cc !== 0) throw new Error(`ended with ${JSON.stringify(result)}`);
    return answer.readUInt16BE(6);
  }

  /** Says which types the guest reads, with masks of 4 bytes, and answers the SCLP's own: what it takes and gives. */
  listen(...types: readonly number[]): { readonly takes: number; readonly gives: number } {
    const block = sccb(28);
    block.writeUInt16BE(4, 10);
    block.writeUInt32BE(
      types.reduce((mask, type) => (mask | maskBit(type)) >>> 0, 0),
      12,
    );
    const { answer } = this.call(commands.writeEventMask, block);
    return { takes: answer.readUInt32BE(20), gives: answer.readUInt32BE(24) };
  }

  /** The first event that "read event data" gives, with its type; or the response code when there is none. */
  readEvent(): { readonly type: number; readonly data: Buffer } | number {
    const { answer } = this.call(commands.readEventData, sccb(4096, { variable: true }));
    const code = answer.readUInt16BE(6);
    if (code !== 0x0020) return code;
    return { type: answer.readUInt8(10), data: answer.subarray(14, 8 + answer.readUInt16BE(8)) };
  }
}
