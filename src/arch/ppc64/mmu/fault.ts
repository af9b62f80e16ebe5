/** How an access ends that finds no storage. */
export interface StorageFault {
  /** The vector of the interruption. */
  vector: number;
  /** Bits of DSISR, or of SRR1 for instructions. */
  bits: number;
  /** It goes to the hypervisor: HDSI or HISI. */
  hypervisor: boolean;
}

/** What an access is for. */
export type AccessKind = 'fetch' | 'store' | 'ifetch';
