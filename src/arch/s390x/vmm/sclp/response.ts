/** Response codes of an SCCB: the reason in the upper byte, the class in the lower. Names as in s390-tools and Linux. */
export const response = {
  normalReadCompletion: 0x0010,
  normalCompletion: 0x0020,
  sccbBoundaryViolation: 0x0100,
  noActionRequired: 0x0120,
  invalidCommand: 0x01f0,
  insufficientSccbLength: 0x0300,
  emptyStorageElement: 0x0310,
  improperState: 0x05f0,
  notRecognized: 0x09f0,
  invalidFunction: 0x40f0,
  noEventBuffersStored: 0x60f0,
  eventsSuppressed: 0x62f0,
  invalidSelectionMask: 0x70f0,
  inconsistentLengths: 0x72f0,
  eventBufferSyntaxError: 0x73f0,
  invalidMaskLength: 0x74f0,
  exceedsSccb: 0x75f0,
} as const;

export type Response = (typeof response)[keyof typeof response];
