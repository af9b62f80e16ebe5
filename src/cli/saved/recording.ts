import type { Instant, LoggedInput } from '../../machine/inputs.ts';
import type { Digest } from './digest.ts';
import { GuestFile } from './guest-file.ts';
import { FileError, kinds } from './record-file.ts';

/** A recording in a file: the guest as it was at first, and what came in then, as far as it is whole. */
export class Recording extends GuestFile {
  readonly inputs: readonly LoggedInput[];
  /** By the number of the input that they stand behind. */
  readonly digests: ReadonlyMap<number, Digest>;
  /** Where it ends. */
  readonly until: Instant;
  /** The exit status of what was recorded, when it came to its end. */
  readonly status: number | undefined;

  /** Opens a file. Throws a `FileError` unless all of a guest is there. */
  constructor(path: string) {
    super(path);
    const inputs: LoggedInput[] = [];
    const digests = new Map<number, Digest>();
    let status: number | undefined;
    let until: Instant = { at: this.snapshotAt, order: 0, phase: 'settled' };
    const from = this.inputsBefore;
    for (const record of this.reader.records(this.eventsAt)) {
      if (record.kind === kinds.disk) this.addBlock(record);
      if (record.kind === kinds.input) {
        const input = this.reader.data(record) as LoggedInput;
        inputs.push(input);
        until = input;
      }
      if (record.kind === kinds.digest) {
        const digest = this.reader.data(record) as Digest;
        digests.set(inputs.length - 1, digest);
      }
      if (record.kind === kinds.turned) {
        const { kept } = this.reader.data(record) as { readonly kept: number };
        inputs.splice(kept - from);
        for (const number of digests.keys()) if (number >= inputs.length) digests.delete(number);
        until = inputs.at(-1) ?? until;
      }
      if (record.kind === kinds.end) {
        const end = this.reader.data(record) as { readonly at: Instant; readonly status: number };
        until = end.at;
        status = end.status;
      }
    }
    this.inputs = inputs;
    this.digests = digests;
    this.until = until;
    this.status = status;
    if (inputs.length === 0 && status === undefined)
      throw new FileError(`${path} holds a guest, but nothing that it did: run --snapshot goes on with it`);
  }
}
