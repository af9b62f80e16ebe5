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

/** What a translation found; the object is the same each time. */
export interface Found extends StorageFault {
  /** Stores are allowed. */
  writable: boolean;
}
