import type { Host } from './host.ts';

/** What the escape key does; said by Ctrl-A h. */
export const escapeHelp = 'Ctrl-A x quits, Ctrl-A Ctrl-A sends Ctrl-A to the guest, Ctrl-A h shows this';

const ESCAPE = 0x01;

/** Takes the escape sequences out of what is typed. */
export class EscapeFilter {
  #escaped = false;
  readonly #quit: () => void;
  readonly #help: () => void;

  constructor(quit: () => void, help: () => void) {
    this.#quit = quit;
    this.#help = help;
  }

  /** What of `bytes` is for the guest. */
  filter(bytes: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of bytes) {
      if (!this.#escaped) {
        if (byte === ESCAPE) this.#escaped = true;
        else out.push(byte);
        continue;
      }
      this.#escaped = false;
      if (byte === ESCAPE) out.push(byte);
      else if (byte === 0x78 || byte === 0x58) this.#quit();
      else if (byte === 0x68 || byte === 0x3f) this.#help();
    }
    return Uint8Array.from(out);
  }
}

/** What becomes of what is typed. */
export interface ConsoleInputSink {
  typed(bytes: Uint8Array): void;
  quit(): void;
  help(): void;
}

/**
 * Sends standard input to the guest: a terminal key by key, with Ctrl-A as the escape key, anything else as it is. The end
 * of input is nothing to the guest. Returns what gives standard input back as it was.
 */
export function readConsole({ stdin }: Host, sink: ConsoleInputSink): () => void {
  const terminal = stdin.isTTY === true && stdin.setRawMode !== undefined;
  const escapes = new EscapeFilter(
    () => sink.quit(),
    () => sink.help(),
  );
  const onData = (chunk: Buffer | string): void => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const forGuest = terminal ? escapes.filter(bytes) : bytes;
    if (forGuest.length > 0) sink.typed(Uint8Array.from(forGuest));
  };
  // A closed or unreadable standard input is one that nobody types on.
  const onError = (): void => undefined;
  stdin.on('data', onData);
  stdin.on('error', onError);
  if (terminal) stdin.setRawMode?.(true);
  return () => {
    stdin.off('data', onData);
    if (terminal) stdin.setRawMode?.(false);
    stdin.pause();
  };
}
