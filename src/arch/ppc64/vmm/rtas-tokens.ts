/** The RTAS calls that a guest is offered, with their tokens, which are ours to choose; these are those of QEMU. */
export const rtasTokens = {
  'display-character': 0x2000,
  'get-time-of-day': 0x2001,
  'set-time-of-day': 0x2002,
  'power-off': 0x2003,
  'system-reboot': 0x2004,
  'query-cpu-stopped-state': 0x2005,
  'start-cpu': 0x2006,
  'stop-self': 0x2007,
  'ibm,set-xive': 0x200a,
  'ibm,get-xive': 0x200b,
  'ibm,int-off': 0x200c,
  'ibm,int-on': 0x200d,
  'ibm,os-term': 0x201f,
} as const;

/** They by the names without whose they are: `set-xive` for `ibm,set-xive`. */
export const rtasNumbers: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(rtasTokens).map(([name, token]) => [name.replace('ibm,', ''), token]),
);

/** Number of the private hypercall that the stub makes. */
const RTAS_CALL = 0xf000;

/** What lies at RTAS's entry: r4 := r3, r3 := the hypercall's number, `sc 1`, `blr`. */
export const rtasStub: readonly number[] = [
  0x7c64_1b78,
  0x3c60_0000 | (RTAS_CALL >>> 16),
  0x6063_0000 | (RTAS_CALL & 0xffff),
  0x4400_0022,
  0x4e80_0020,
];
