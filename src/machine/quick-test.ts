/** A test at an instruction's address by which most of what comes there goes on: nobody else is asked when it does not hold. */
export interface QuickTest {
  /** The address, by words. */
  readonly high: number;
  readonly low: number;
  /** `vcpu` is the address of the state of the vCPU that is in front of the instruction. Throws when that cannot be said. */
  holds(vcpu: number): boolean;
}

/** Quick tests by the `filterSlot` of their addresses, whose byte of the filter is `filterByte.quick`. */
export type QuickTests = Map<number, QuickTest>;
