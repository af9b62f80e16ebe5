import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import type { Stateful } from '../../../../bits/stateful.ts';
import type { ChannelStorage } from './channel-storage.ts';
import { pmcwCharacteristics, pmcwFlags, type Schib } from './schib.ts';

/** Bytes of a measurement block of format 0. */
const BLOCK_BYTES = 32;

/** What SET CHANNEL MONITOR has set, as plain data. */
export interface MeasurementState {
  readonly on: boolean;
  readonly origin: number;
  readonly key: number;
}

/** Channel-subsystem monitoring: counts starts in the blocks that the guest names. Times are not measured: none pass. */
export class MeasurementBlocks implements Stateful<MeasurementState> {
  readonly #storage: ChannelStorage;
  #on = false;
  #origin = 0;
  #key = 0;

  constructor(storage: ChannelStorage) {
    this.#storage = storage;
  }

  /** SET CHANNEL MONITOR: measurement-block update on or off; a new origin and key when it is turned on. */
  set(update: { readonly origin: number; readonly key: number } | undefined): void {
    this.#on = update !== undefined;
    if (update === undefined) return;
    this.#origin = update.origin;
    this.#key = update.key;
  }
  reset(): void {
    this.set(undefined);
  }

  /** @inheritdoc */
  save(): MeasurementState {
    return { on: this.#on, origin: this.#origin, key: this.#key };
  }
  /** @inheritdoc */
  restore({ on, origin, key }: MeasurementState): void {
    this.#on = on;
    this.#origin = origin;
    this.#key = key;
  }

  /** A subchannel was started or resumed. Storage that is not there, or protected, is not counted in. */
  started(schib: Schib): void {
    if (!this.#on || !schib.has('flags', pmcwFlags.measurementBlockUpdate)) return;
    if (schib.has('characteristics', pmcwCharacteristics.measurementBlockFormat)) {
      this.#count(Number(schib.big('measurementBlock')), 4);
    } else {
      this.#count(this.#origin + schib.get('measurementBlockIndex') * BLOCK_BYTES, 2);
    }
  }

  #count(at: number, bytes: 2 | 4): void {
    const counter = this.#storage.fetch(at, bytes, this.#key);
    if (typeof counter === 'string') return;
    this.#storage.store(at, toBigEndian(bigEndian(counter) + 1n, bytes), this.#key);
  }
}
