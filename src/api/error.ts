import type { Errno } from '../arch/s390x/kvm/errno.ts';

export type { Errno };

/** A call that the hypervisor refuses, with the interface's name for the reason. */
export class VmError extends Error {
  readonly code: Errno;

  constructor(code: Errno, what: string) {
    super(`${what}: ${code}`);
    this.name = 'VmError';
    this.code = code;
  }
}
