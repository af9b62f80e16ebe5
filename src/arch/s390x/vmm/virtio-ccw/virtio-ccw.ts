import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';
import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import type { Stateful } from '../../../../bits/stateful.ts';
import { RingMemory } from '../../../../virtio/ring-memory.ts';
import { commonFeature, type VirtioDriver, type VirtioFunction } from '../../../../virtio/virtio-function.ts';
import { legacyLayout, type QueueLayout, Virtqueue, type VirtqueueState } from '../../../../virtio/virtqueue.ts';
import type { DataArea } from '../css/data-area.ts';
import { type ChannelDevice, type CommandEnd, commandDone, commandReject, type DevicePort } from '../css/device.ts';
import { type AdapterIndicators, setAdapterIndicator, setIndicator } from './indicators.ts';

/** Channel commands of virtio devices (virtio specification, "Virtio Over Channel I/O"). */
export const virtioCommand = {
  setQueue: 0x13,
  reset: 0x33,
  setIndicators: 0x43,
  setConfigurationIndicators: 0x53,
  setAdapterIndicators: 0x73,
  readFeatures: 0x12,
  writeFeatures: 0x11,
  readConfiguration: 0x22,
  writeConfiguration: 0x21,
  writeStatus: 0x31,
  readQueueConfiguration: 0x32,
  setRevision: 0x83,
  readStatus: 0x72,
} as const;

/** Bits of the device status. */
export const virtioStatus = {
  acknowledge: 1,
  driver: 2,
  driverOk: 4,
  featuresOk: 8,
  needsReset: 64,
  failed: 128,
} as const;

const CONTROL_UNIT_TYPE = 0x3832;
const HIGHEST_REVISION = 2;
const LEGACY_FEATURES = 0xffff_ffffn;
const COMMON_FEATURES =
  commonFeature.anyLayout | commonFeature.indirect | commonFeature.eventIndex | commonFeature.version1;
/** Classic indicators are the bits of a doubleword. */
const CLASSIC_INDICATORS = 64;
const ADAPTER_AREA_BYTES = 25;

/** A device as plain data. */
export interface VirtioCcwState {
  readonly revision: number | undefined;
  readonly status: number;
  readonly features: bigint;
  readonly layouts: readonly (QueueLayout | undefined)[];
  readonly queues: readonly (readonly [index: number, queue: VirtqueueState])[];
  readonly indicators: number;
  readonly configurationIndicators: number;
  readonly adapter: AdapterIndicators | undefined;
  /** Of the device's kind. */
  readonly function: unknown;
}

/** A virtio device as a channel-attached one. */
export class VirtioCcw implements ChannelDevice, VirtioDriver, Stateful<VirtioCcwState> {
  readonly identification: ChannelDevice['identification'];
  readonly #function: VirtioFunction;
  readonly #storage: AbsoluteBytes;
  readonly #commands: ReadonlyMap<number, (data: DataArea) => CommandEnd>;
  #port: DevicePort | undefined;
  #revision: number | undefined;
  #status = 0;
  #features = 0n;
  #layouts: (QueueLayout | undefined)[] = [];
  readonly #queues = new Map<number, Virtqueue>();
  #indicators = 0;
  #configurationIndicators = 0;
  #adapter: AdapterIndicators | undefined;

  constructor(what: VirtioFunction, storage: AbsoluteBytes) {
    this.#function = what;
    this.#storage = storage;
    this.identification = {
      controlUnitType: CONTROL_UNIT_TYPE,
      controlUnitModel: what.type,
      deviceType: 0,
      deviceModel: 0,
    };
    const c = virtioCommand;
    this.#commands = new Map<number, (data: DataArea) => CommandEnd>([
      [c.setQueue, (d) => this.#setQueue(d)],
      [c.reset, () => this.#resetByDriver()],
      [c.setIndicators, (d) => this.#setIndicators(d)],
      [c.setConfigurationIndicators, (d) => this.#setConfigurationIndicators(d)],
      [c.setAdapterIndicators, (d) => this.#setAdapterIndicators(d)],
      [c.readFeatures, (d) => this.#readFeatures(d)],
      [c.writeFeatures, (d) => this.#writeFeatures(d)],
      [c.readConfiguration, (d) => this.#readConfiguration(d)],
      [c.writeConfiguration, (d) => this.#writeConfiguration(d)],
      [c.writeStatus, (d) => this.#writeStatus(d)],
      [c.readQueueConfiguration, (d) => this.#readQueueConfiguration(d)],
      [c.setRevision, (d) => this.#setRevision(d)],
      [c.readStatus, (d) => this.#readStatus(d)],
    ]);
  }

  /** @inheritdoc */
  attach(port: DevicePort): void {
    this.#port = port;
  }
  /** @inheritdoc */
  enabled(on: boolean): void {
    if (!on) this.#revision = undefined;
  }
  /** @inheritdoc */
  reset(): void {
    this.#revision = undefined;
    this.#resetByDriver();
  }

  /** @inheritdoc */
  save(): VirtioCcwState {
    const adapter = this.#adapter;
    return {
      revision: this.#revision,
      status: this.#status,
      features: this.#features,
      layouts: Array.from(this.#layouts, (layout) => layout && { ...layout }),
      queues: [...this.#queues].map(([index, queue]) => [index, queue.save()]),
      indicators: this.#indicators,
      configurationIndicators: this.#configurationIndicators,
      adapter: adapter && { ...adapter },
      function: this.#function.save(),
    };
  }
  /** @inheritdoc */
  restore(state: VirtioCcwState): void {
    this.#revision = state.revision;
    this.#status = state.status;
    this.#features = state.features;
    this.#layouts = state.layouts.map((layout) => layout && { ...layout });
    this.#queues.clear();
    for (const [index, queue] of state.queues) this.#queues.set(index, Virtqueue.of(queue, this.#storage));
    this.#indicators = state.indicators;
    this.#configurationIndicators = state.configurationIndicators;
    this.#adapter = state.adapter && { ...state.adapter };
    this.#function.restore(state.function);
  }

  /** @inheritdoc */
  execute(command: number, data: DataArea): CommandEnd {
    const handler = this.#commands.get(command);
    if (handler === undefined) return commandReject;
    // Who does not say which revision it speaks is a legacy driver.
    if (command !== virtioCommand.setRevision) this.#revision ??= 0;
    return handler(data);
  }

  /** @inheritdoc */
  notify(queue: number): boolean {
    if (queue >= this.#function.queueSizes.length) return false;
    if (this.#usable) this.#function.notified(this, queue);
    return true;
  }
  /** Something has come for the device from outside the machine. */
  received(data: Uint8Array): void {
    this.#function.received?.(this, data);
  }

  // ---- what the device's function sees

  /** @inheritdoc */
  get features(): bigint {
    return this.#features & this.#offered;
  }
  /** @inheritdoc */
  get littleEndian(): boolean {
    return (this.#revision ?? 0) > 0;
  }
  /** @inheritdoc */
  queue(index: number): Virtqueue | undefined {
    if (!this.#usable) return undefined;
    const known = this.#queues.get(index);
    const layout = this.#layouts[index];
    if (known !== undefined || layout === undefined) return known;
    const memory = new RingMemory(this.#storage, this.littleEndian);
    const queue = new Virtqueue(layout, memory, {
      indirect: (this.features & commonFeature.indirect) !== 0n,
      eventIndex: (this.features & commonFeature.eventIndex) !== 0n,
    });
    this.#queues.set(index, queue);
    return queue;
  }
  /** @inheritdoc */
  used(queue: Virtqueue, index: number): void {
    if (queue.broken) return this.#break();
    if (!queue.wantsInterruption()) return;
    if (this.#adapter !== undefined) {
      if (setAdapterIndicator(this.#storage, this.#adapter, index)) this.#port?.adapterInterruption(this.#adapter.isc);
    } else if (this.#indicators !== 0 && index < CLASSIC_INDICATORS) {
      if (setIndicator(this.#storage, this.#indicators, index)) this.#port?.alert();
    }
  }
  /** @inheritdoc */
  configurationChanged(): void {
    if (this.#configurationIndicators === 0) return;
    if (setIndicator(this.#storage, this.#configurationIndicators, 0)) this.#port?.alert();
  }

  get #offered(): bigint {
    const all = this.#function.features | COMMON_FEATURES;
    return (this.#revision ?? 0) > 0 ? all & ~commonFeature.anyLayout : all & LEGACY_FEATURES;
  }

  // Legacy drivers use queues before they say that they are ready.
  get #usable(): boolean {
    if ((this.#status & (virtioStatus.needsReset | virtioStatus.failed)) !== 0) return false;
    return !this.littleEndian || (this.#status & virtioStatus.driverOk) !== 0;
  }

  #break(): void {
    this.#status |= virtioStatus.needsReset;
    this.#queues.clear();
    this.configurationChanged();
  }

  // ---- commands

  #resetByDriver(): CommandEnd {
    this.#resetFunction();
    this.#indicators = 0;
    this.#configurationIndicators = 0;
    this.#adapter = undefined;
    return commandDone;
  }
  #resetFunction(): void {
    this.#status = 0;
    this.#features = 0n;
    this.#layouts = [];
    this.#queues.clear();
    this.#function.reset();
  }

  #setRevision(data: DataArea): CommandEnd {
    const sent = receive(data, revisionFields, 4);
    if (sent === undefined || this.#revision !== undefined) return commandReject;
    const revision = sent.get('revision');
    if (revision > HIGHEST_REVISION || sent.get('length') !== 0) return commandReject;
    this.#revision = revision;
    return commandDone;
  }

  #setQueue(data: DataArea): CommandEnd {
    const legacy = !this.littleEndian;
    const sent = receive(data, queueFields, legacy ? 16 : 32);
    if (sent === undefined) return commandReject;
    const index = sent.get('index');
    const most = this.#function.queueSizes[index];
    const size = sent.get('size');
    const at = Number(sent.big('descriptors'));
    if (most === undefined || size > most || (size & (size - 1)) !== 0) return commandReject;
    this.#queues.delete(index);
    if (at === 0 || size === 0) {
      this.#layouts[index] = undefined;
      return commandDone;
    }
    const align = sent.get('align');
    if (legacy && (align === 0 || (align & (align - 1)) !== 0)) return commandReject;
    this.#layouts[index] = legacy
      ? legacyLayout(at, size, align)
      : { descriptors: at, available: Number(sent.big('available')), used: Number(sent.big('used')), size };
    return commandDone;
  }

  #readQueueConfiguration(data: DataArea): CommandEnd {
    const sent = receive(data, queueConfigurationFields, 2);
    if (sent === undefined || data.room(2) < 2) return commandReject;
    const size = this.#function.queueSizes[sent.get('index')] ?? 0;
    data.send(Uint8Array.of(size >>> 8, size));
    return commandDone;
  }

  // Zero takes indicators back.
  #setIndicators(data: DataArea): CommandEnd {
    const sent = receive(data, indicatorsFields, 8);
    if (sent === undefined || this.#adapter !== undefined) return commandReject;
    this.#indicators = Number(sent.big('address'));
    return commandDone;
  }
  #setConfigurationIndicators(data: DataArea): CommandEnd {
    const sent = receive(data, indicatorsFields, 8);
    if (sent === undefined) return commandReject;
    this.#configurationIndicators = Number(sent.big('address'));
    return commandDone;
  }
  #setAdapterIndicators(data: DataArea): CommandEnd {
    const sent = receive(data, adapterFields, ADAPTER_AREA_BYTES);
    if (sent === undefined || this.#indicators !== 0) return commandReject;
    const isc = sent.get('isc');
    const [summary, queues, firstBit] = [sent.big('summary'), sent.big('queues'), sent.big('firstBit')].map(Number);
    const area = { summary: summary ?? 0, queues: queues ?? 0, firstBit: firstBit ?? 0, isc };
    if (isc > 7) return commandReject;
    this.#adapter = area.summary === 0 || area.queues === 0 ? undefined : area;
    return commandDone;
  }

  // Feature words are little endian, whatever the driver.
  #readFeatures(data: DataArea): CommandEnd {
    const sent = receive(data, featureFields, 5);
    if (sent === undefined) return commandReject;
    const word = (this.#offered >> BigInt(sent.get('index') * 32)) & 0xffff_ffffn;
    data.rewind();
    data.send(toBigEndian(word, 4).reverse());
    return commandDone;
  }
  #writeFeatures(data: DataArea): CommandEnd {
    const sent = receive(data, featureFields, 5);
    if (sent === undefined) return commandReject;
    const shift = BigInt(sent.get('index') * 32);
    const word = bigEndian(toBigEndian(BigInt(sent.get('word')), 4).reverse());
    this.#features = (this.#features & ~(0xffff_ffffn << shift)) | (word << shift);
    return commandDone;
  }

  #readConfiguration(data: DataArea): CommandEnd {
    const bytes = this.#function.configuration(this.littleEndian);
    data.send(bytes.subarray(0, data.room(bytes.length)));
    return commandDone;
  }
  #writeConfiguration(data: DataArea): CommandEnd {
    const bytes = data.receive(this.#function.configuration(this.littleEndian).length);
    if (!data.failed) this.#function.configure?.(bytes);
    return commandDone;
  }

  #writeStatus(data: DataArea): CommandEnd {
    const status = receive(data, statusFields, 1)?.get('status');
    if (status === undefined) return commandReject;
    if (status === 0) {
      this.#resetFunction();
      return commandDone;
    }
    if ((status & virtioStatus.featuresOk) !== 0 && !this.#featuresFit()) return commandReject;
    this.#status = status | (this.#status & virtioStatus.needsReset);
    return commandDone;
  }
  #featuresFit(): boolean {
    const version1 = (this.#features & commonFeature.version1) !== 0n;
    return (this.#features & ~this.#offered) === 0n && (version1 || !this.littleEndian);
  }
  #readStatus(data: DataArea): CommandEnd {
    if ((this.#revision ?? 0) < 2) return commandReject;
    data.send(Uint8Array.of(this.#status));
    return commandDone;
  }
}

/** What the driver sends with each command. A queue has no more than 16 bytes for a legacy driver. */
const revisionFields = { revision: [0, 2], length: [2, 2] } as const satisfies RecordLayout;
const queueFields = {
  descriptors: [0, 8],
  align: [8, 4],
  index: [12, 2],
  size: [14, 2],
  available: [16, 8],
  used: [24, 8],
} as const satisfies RecordLayout;
const queueConfigurationFields = { index: [0, 2] } as const satisfies RecordLayout;
const indicatorsFields = { address: [0, 8] } as const satisfies RecordLayout;
const adapterFields = {
  summary: [0, 8],
  queues: [8, 8],
  firstBit: [16, 8],
  isc: [24, 1],
} as const satisfies RecordLayout;
const featureFields = { word: [0, 4], index: [4, 1] } as const satisfies RecordLayout;
const statusFields = { status: [0, 1] } as const satisfies RecordLayout;

/** The fields of a command that needs so many bytes, or undefined when the guest gave fewer. */
function receive<L extends RecordLayout>(data: DataArea, layout: L, length: number): BigEndianRecord<L> | undefined {
  const bytes = data.receive(length);
  return bytes.length < length ? undefined : new BigEndianRecord(layout, bytes);
}
