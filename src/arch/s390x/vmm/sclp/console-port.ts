import type { ConsoleKind } from './console-input.ts';

/** Where the guest's consoles write: the machine connects it to a terminal, a file, or nothing. */
export interface ConsolePort {
  /**
   * Bytes to show: UTF-8 text with a newline after each line from the line-mode console, and what the guest wrote,
   * unchanged, from the ASCII console. Not kept by the caller. `from` is the console.
   */
  output(bytes: Uint8Array, from: ConsoleKind): void;
}
