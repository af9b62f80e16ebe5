/**
 * How a debugger goes up from code that no compiler made a frame for (DWARF 4, "Call Frame Information"). For what compilers
 * made, gdb reads the code itself; of the rest it would say "PC not saved", which ends scripts and steps.
 */

/** Instructions and how to go up from them. */
export interface CodeRange {
  readonly from: bigint;
  readonly to: bigint;
  /**
   * `end`: nothing is known of a caller. `leaf`: no frame, the caller is where register 14 says. `interrupted`: what was
   * interrupted is in the `pt_regs` above the stack frame. `chained`: the caller's stack frame is where the back chain
   * says, and holds the registers from `first` on as the function found them.
   */
  readonly way: 'end' | 'leaf' | 'interrupted' | 'chained';
  readonly first?: number;
}

const CFA = {
  undefined: 0x07,
  sameValue: 0x08,
  defCfa: 0x0c,
  defCfaExpression: 0x0f,
  offsetSf: 0x11,
  valOffset: 0x14,
} as const;
const OP = { deref: 0x06, plusConstant: 0x23, breg0: 0x70 } as const;
/** DWARF's numbers of registers: general ones are their own. */
const REGISTER = { link: 14, stack: 15, pswMask: 64, pswAddress: 65 } as const;
const DATA_ALIGN = -8;
const STACK_FRAME_BYTES = 160;
/** In a stack frame of GCC's -mpacked-stack: the way back, and where its callee keeps register 15; others lie below that. */
const STACK_FRAME = { backChain: 152, register15: 144 } as const;
/** Offsets in `struct pt_regs`, unchanged since Linux 5.0. */
const PT_REGS = { pswMask: 8, pswAddress: 16, registers: 24 } as const;

function uleb(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const byte = left & 0x7f;
    left >>>= 7;
    bytes.push(left === 0 ? byte : byte | 0x80);
  } while (left !== 0);
  return bytes;
}

function sleb(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (;;) {
    const byte = left & 0x7f;
    left >>= 7;
    if ((left === 0 && (byte & 0x40) === 0) || (left === -1 && (byte & 0x40) !== 0)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

const saved = (register: number, at: number): number[] => [CFA.offsetSf, ...uleb(register), ...sleb(at / DATA_ALIGN)];
const stackFrame = [CFA.defCfa, ...uleb(REGISTER.stack), ...uleb(STACK_FRAME_BYTES)];

const chain = [
  ...[OP.breg0 + REGISTER.stack, ...sleb(STACK_FRAME.backChain), OP.deref],
  ...[OP.plusConstant, ...uleb(STACK_FRAME_BYTES)],
];
const rules = {
  end: [...stackFrame, CFA.undefined, REGISTER.link],
  leaf: [...stackFrame, CFA.sameValue, REGISTER.link],
  interrupted: [
    ...stackFrame,
    ...saved(REGISTER.pswMask, PT_REGS.pswMask),
    ...saved(REGISTER.pswAddress, PT_REGS.pswAddress),
    ...Array.from({ length: 16 }, (_, i) => saved(i, PT_REGS.registers + 8 * i)).flat(),
  ],
  // The frame's address lies as far above the caller's stack pointer as in all other frames, or it would be inside its callee's.
  chained: [
    ...[CFA.defCfaExpression, chain.length, ...chain],
    ...[CFA.valOffset, ...uleb(REGISTER.stack), ...uleb(-STACK_FRAME_BYTES / DATA_ALIGN)],
  ],
} as const;

/** The section `.debug_frame` for ranges. */
export function debugFrame(ranges: readonly CodeRange[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const cies = new Map<CodeRange['way'], number>();
  let length = 0;
  const add = (part: Uint8Array): void => {
    parts.push(part);
    length += part.length;
  };
  for (const way of ['end', 'leaf', 'interrupted', 'chained'] as const) {
    cies.set(way, length);
    add(commonEntry(way));
  }
  for (const range of ranges) add(rangeEntry(cies.get(range.way) ?? 0, range));
  return Buffer.concat(parts);
}

// The column of the return address is the PSW's where registers 14 and PSW are two things; an interruption is no call.
function commonEntry(way: CodeRange['way']): Uint8Array {
  const interrupted = way === 'interrupted';
  const augmentation = Buffer.from(interrupted ? 'S\0' : '\0', 'latin1');
  const column = interrupted ? REGISTER.pswAddress : REGISTER.link;
  return entry([0xff, 0xff, 0xff, 0xff, 3, ...augmentation, 1, ...sleb(DATA_ALIGN), ...uleb(column), ...rules[way]]);
}

function rangeEntry(common: number, { from, to, first = 15 }: CodeRange): Uint8Array {
  const head = Buffer.alloc(20);
  head.writeUInt32BE(common, 0);
  head.writeBigUInt64BE(from, 4);
  head.writeBigUInt64BE(to - from, 12);
  const registers = Array.from({ length: 15 - first }, (_, i) => first + i);
  return entry([
    ...head,
    ...registers.flatMap((r) => saved(r, STACK_FRAME.register15 - 8 * (15 - r) - STACK_FRAME_BYTES)),
  ]);
}

function entry(body: readonly number[]): Uint8Array {
  const length = (body.length + 4 + 7) & ~7;
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32BE(length - 4, 0);
  bytes.set(body, 4);
  return bytes;
}
