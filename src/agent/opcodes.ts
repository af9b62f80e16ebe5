/** Operations of gdb's agent expressions (gdb doc, "Bytecode Descriptions"). Operands in the text are big endian. */

/** A row: name, bytes of the operand, values taken from the stack, values left there. */
type Row = readonly [name: string, operand: 0 | 1 | 2 | 4 | 8, takes: number, leaves: number];

export const agentOps = {
  0x02: ['add', 0, 2, 1],
  0x03: ['sub', 0, 2, 1],
  0x04: ['mul', 0, 2, 1],
  0x05: ['div_signed', 0, 2, 1],
  0x06: ['div_unsigned', 0, 2, 1],
  0x07: ['rem_signed', 0, 2, 1],
  0x08: ['rem_unsigned', 0, 2, 1],
  0x09: ['lsh', 0, 2, 1],
  0x0a: ['rsh_signed', 0, 2, 1],
  0x0b: ['rsh_unsigned', 0, 2, 1],
  0x0c: ['trace', 0, 2, 0],
  0x0d: ['trace_quick', 1, 1, 1],
  0x0e: ['log_not', 0, 1, 1],
  0x0f: ['bit_and', 0, 2, 1],
  0x10: ['bit_or', 0, 2, 1],
  0x11: ['bit_xor', 0, 2, 1],
  0x12: ['bit_not', 0, 1, 1],
  0x13: ['equal', 0, 2, 1],
  0x14: ['less_signed', 0, 2, 1],
  0x15: ['less_unsigned', 0, 2, 1],
  0x16: ['ext', 1, 1, 1],
  0x17: ['ref8', 0, 1, 1],
  0x18: ['ref16', 0, 1, 1],
  0x19: ['ref32', 0, 1, 1],
  0x1a: ['ref64', 0, 1, 1],
  0x20: ['if_goto', 2, 1, 0],
  0x21: ['goto', 2, 0, 0],
  0x22: ['const8', 1, 0, 1],
  0x23: ['const16', 2, 0, 1],
  0x24: ['const32', 4, 0, 1],
  0x25: ['const64', 8, 0, 1],
  0x26: ['reg', 2, 0, 1],
  0x27: ['end', 0, 0, 0],
  0x28: ['dup', 0, 1, 2],
  0x29: ['pop', 0, 1, 0],
  0x2a: ['zero_ext', 1, 1, 1],
  0x2b: ['swap', 0, 2, 2],
  0x2c: ['getv', 2, 0, 1],
  0x2d: ['setv', 2, 1, 1],
  0x2e: ['tracev', 2, 0, 0],
  0x2f: ['tracenz', 0, 2, 0],
  0x30: ['trace16', 2, 1, 1],
  0x32: ['pick', 1, 0, 1],
  0x33: ['rot', 0, 3, 3],
  // Function and channel, and as many arguments as it says.
  0x34: ['printf', 0, 2, 0],
} as const satisfies Readonly<Record<number, Row>>;

export type AgentOp = (typeof agentOps)[keyof typeof agentOps][0];

/** The row of an operation, undefined for what is none, or none that can be carried out here. */
export function agentOp(code: number): Row | undefined {
  return Object.hasOwn(agentOps, code) ? agentOps[code as keyof typeof agentOps] : undefined;
}
