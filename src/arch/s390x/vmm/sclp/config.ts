import type { CodePage } from '../ebcdic.ts';

/** What the service-call logical processor tells a guest of its machine. */
export interface SclpConfig {
  /** Configured vCPUs, with the addresses 0 to n - 1; a function where that can change. At most 256. */
  readonly vcpus: number | (() => number);
  /** Most vCPUs that there can be; as many as there are when not given. */
  readonly maxVcpus?: number;
  /** Whole mebibytes; what is left over is not announced. */
  readonly storageBytes: number;
  /** Bits of an absolute address; 44, which a zEC12 says, when not given. */
  readonly addressPower?: number;
  /** Load parameter, up to 8 characters. */
  readonly loadParameter?: string;
  /** Consoles that are there; both when not given. */
  readonly consoles?: { readonly line: boolean; readonly ascii: boolean };
  /** Code page of the line-mode console. Linux takes 500 when it does not run under z/VM. */
  readonly codePage?: CodePage;
  /** An SCCB of the read commands may be longer than a page (facility 140). */
  readonly extendedLengthSccb?: boolean;
  /** Enhanced suppression on protection: every protection exception stores an identification that says what it was. */
  readonly suppressionOnProtection?: boolean;
  /** What SIE does for a guest that is a hypervisor, by the interface's numbers; nothing when not given. */
  readonly sieFeatures?: ReadonlySet<number>;
  /** Deepest level of STSI 15.1.x, when the machine has facility 11. */
  readonly topologyNesting?: number;
}

/** Configured vCPUs now. */
export function vcpuCount({ vcpus }: SclpConfig): number {
  return typeof vcpus === 'function' ? vcpus() : vcpus;
}
