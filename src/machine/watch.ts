import type { StopExit } from './exit.ts';

/** Bytes of a range of addresses that lie together in storage. */
export interface StoragePiece {
  /** Address of the first byte. */
  readonly address: bigint;
  /** Its offset into the storage. */
  readonly at: number;
  readonly length: number;
}

/** The storage behind a range of addresses, as a vCPU sees it at one moment. */
export interface StorageRange {
  /** What is there, in the order of addresses. */
  readonly pieces: readonly StoragePiece[];
  /**
   * The address spaces whose tables decide what lies behind the range later: none when nothing else can come to lie there,
   * `any` while the range is in none of the vCPU's spaces.
   */
  readonly spaces: readonly bigint[] | 'any';
}

/** Who hears of accesses to storage. Offsets are those of the guest's storage, and an access lies within a frame. */
export interface StorageWatch {
  /** True when accesses to the frame are to be told: none of them may take a way on which nobody looks. */
  watchesFrame(frame: number): boolean;
  /**
   * True when accesses of these bytes of a frame are to be told; those of its others need not be. Who stores may fetch what was there:
   * then what is watched for fetches alone counts, too.
   */
  watches(at: number, length: number, access: 'fetch' | 'store'): boolean;
  /** Bytes have been stored, or are about to be; true when some are watched, and `met` must be asked soon. */
  stored(at: number, length: number): boolean;
  /** As `stored`, for operands that are fetched. */
  fetched(at: number, length: number): boolean;
  /**
   * Before an access to a page (its address by words) of a space: the frame that lies behind it now, by the offset of one of
   * its bytes. True when that frame is watched from now on and was not before.
   */
  reached(space: bigint, high: number, low: number, at: number): boolean;
  /** What the run ends with between two instructions because of what was told since this was last asked. */
  met(): StopExit | undefined;
}
