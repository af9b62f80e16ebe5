/** Why an image cannot be booted; stable, for scripts and exit messages. */
export type BootErrorCode =
  | 'image-empty'
  | 'image-not-bootable'
  | 'elf-class'
  | 'elf-endianness'
  | 'elf-machine'
  | 'elf-type'
  | 'elf-malformed'
  | 'elf-truncated'
  | 'elf-no-segments'
  | 'elf-entry'
  | 'linux-program'
  | 'storage-too-small'
  | 'no-parameter-area'
  | 'command-line-too-long'
  | 'command-line-nul'
  | 'initrd-empty';

/** The user's mistake: what is wrong and what to do about it. */
export interface BootError {
  readonly code: BootErrorCode;
  readonly message: string;
}

/** A failed step of loading an image. */
export function bootError(code: BootErrorCode, message: string): { readonly ok: false; readonly error: BootError } {
  return { ok: false, error: { code, message } };
}

/** Storage that `bytes` need, as the command line takes it. */
export function wholeMebibytes(bytes: bigint): string {
  return `${(bytes + 0xf_ffffn) >> 20n}M`;
}
