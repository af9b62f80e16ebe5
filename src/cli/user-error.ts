/** What can be wrong with a command line, for scripts; the loader's codes come on top. */
export type UsageErrorCode =
  | 'usage'
  | 'history-size'
  | 'memory-size'
  | 'smp-count'
  | 'cpu-model'
  | 'guest-name'
  | 'guest-uuid'
  | 'guest-date'
  | 'no-such-device'
  | 'gdb-address'
  | 'gdb-address-in-use'
  | 'gdb-listen'
  | 'wait-without-gdb'
  | 'core-without-gdb'
  | 'dump-unreadable'
  | 'image-unreadable'
  | 'snapshot-unreadable'
  | 'snapshot-unwritable'
  | 'recording-unreadable'
  | 'recording-unwritable'
  | 'recording-architecture'
  | 'initrd-unreadable'
  | 'file-changed'
  | 'console-unwritable'
  | 'disk-unusable'
  | 'wire-address'
  | 'wire-listen'
  | 'incoming-address'
  | 'incoming-listen'
  | 'incoming-architecture'
  | 'script-unreadable'
  | 'symbols-unreadable'
  | 'symbols-mismatch'
  | 'port-twice'
  | 'linux-unavailable';

/** The user's mistake: a stable code, and a message that says what to do. */
export class UserError extends Error {
  readonly code: string;

  constructor(code: UsageErrorCode, message: string);
  /** A mistake that another room found. */
  constructor(found: { readonly code: string; readonly message: string });
  constructor(code: UsageErrorCode | { readonly code: string; readonly message: string }, message?: string) {
    super(typeof code === 'string' ? message : code.message);
    this.name = 'UserError';
    this.code = typeof code === 'string' ? code : code.code;
  }
}
