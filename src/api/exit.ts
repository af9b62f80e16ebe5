/** What a vCPU's run of the library ends with. */

/** An I/O instruction that the program around the VM carries out; condition code and storage are the vCPU's to set. */
export interface IoExit {
  readonly kind: 'io';
  readonly opcode: number;
  /** Contents of general registers 1 and 2. */
  readonly gr1: bigint;
  readonly gr2: bigint;
  /** Logical address of the operand. */
  readonly address: bigint;
}

/** Why a vCPU came back, and what for. The PSW is behind an instruction that the program around the VM is to carry out. */
export type VmExit =
  /** It has executed as many instructions as it was to. */
  | { readonly kind: 'instructions' }
  /** It waits for an interruption, which a disabled wait never gets. */
  | { readonly kind: 'wait'; readonly disabled: boolean }
  /** It is in the stopped state. */
  | { readonly kind: 'stopped' }
  /** It gives the rest of its turn away, to a vCPU if it names one. */
  | { readonly kind: 'yield'; readonly to?: number }
  /** It has signalled another vCPU, which had better run now. */
  | { readonly kind: 'signal'; readonly to: number }
  /** SERVICE CALL: command word and SCCB address. The condition code is to be set. */
  | { readonly kind: 'service-call'; readonly command: number; readonly sccb: number }
  /** A DIAGNOSE code that the hypervisor has no answer to. Numbers of its registers. */
  | { readonly kind: 'diagnose'; readonly code: number; readonly r1: number; readonly r3: number }
  | IoExit
  /** The time of the guest's watchdog has run out. */
  | { readonly kind: 'watchdog' }
  /** Guest debugging: where, and why. */
  | { readonly kind: 'debug'; readonly reason: 'breakpoint' | 'watchpoint' | 'step'; readonly address: bigint }
  /** The guest can do no more; why, in words. */
  | { readonly kind: 'crashed'; readonly message: string }
  /** An instruction that this program lacks; the PSW is at it. */
  | { readonly kind: 'unimplemented'; readonly mnemonic: string };

/** What an access on the guest's behalf came to: bytes, or the code of the program exception that it met. */
export type AccessResult = { readonly data: Uint8Array } | { readonly program: number };
