import { PassThrough, Writable } from 'node:stream';
import type { EndSignal } from '../../../src/cli/exit-status.ts';
import type { Host } from '../../../src/cli/host.ts';

/** A stream that keeps what it gets. */
export class Kept extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    this.emit('kept');
    done();
  }
  /** Waits until the text matches. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      await new Promise((resolve) => this.once('kept', resolve));
    }
  }
}

/** A process of which everything is seen. */
export interface FakeHost extends Host {
  readonly stdin: PassThrough & { isTTY?: boolean; setRawMode?(on: boolean): never };
  readonly stdout: Kept;
  readonly stderr: Kept;
  /** Raw mode as it was set, in order. */
  readonly rawModes: readonly boolean[];
  signal(signal: EndSignal): void;
  fault(error: unknown): void;
  /** How many listeners there are. */
  readonly listening: number;
}

/** A host; with `terminal`, standard input is one. */
export function fakeHost({ terminal = false }: { readonly terminal?: boolean } = {}): FakeHost {
  const signals = new Set<(signal: EndSignal) => void>();
  const faults = new Set<(error: unknown) => void>();
  const rawModes: boolean[] = [];
  const add = <T>(set: Set<T>, listener: T): (() => void) => {
    set.add(listener);
    return () => set.delete(listener);
  };
  const stdin = new PassThrough();
  if (terminal) Object.assign(stdin, { isTTY: true, setRawMode: (on: boolean) => rawModes.push(on) });
  return {
    stdin,
    stdout: new Kept(),
    stderr: new Kept(),
    rawModes,
    now: () => performance.now(),
    date: () => Date.UTC(2030, 5, 7),
    onSignal: (listener) => add(signals, listener),
    onFault: (listener) => add(faults, listener),
    signal: (signal) => {
      for (const listener of signals) listener(signal);
    },
    fault: (error) => {
      for (const listener of faults) listener(error);
    },
    get listening() {
      return signals.size + faults.size;
    },
  };
}
