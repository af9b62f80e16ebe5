import { err, ok, type Result } from '../bits/result.ts';
import { type AgentOp, agentOp } from './opcodes.ts';

/** An operation at its place. */
export interface AgentInstruction {
  readonly at: number;
  readonly op: AgentOp;
  readonly operand: bigint;
  /** Values on the stack in front of it. */
  readonly depth: number;
  /** What `printf` prints, and how many arguments it takes. */
  readonly print?: { readonly format: Uint8Array; readonly args: number } | undefined;
}

/** Operations that are carried out one after the other, from a place that is gone to. */
export interface AgentBlock {
  readonly at: number;
  readonly instructions: readonly AgentInstruction[];
  /** Where it goes on behind the last, when that neither ends nor goes elsewhere. */
  readonly next: number | undefined;
}

/** An expression that can be carried out. */
export interface AgentCode {
  /** The first one begins the expression. */
  readonly blocks: readonly AgentBlock[];
  /** Values on the stack at most. */
  readonly depth: number;
}

const MOST_DEPTH = 100;

interface Parsed extends Omit<AgentInstruction, 'depth'> {
  readonly takes: number;
  readonly leaves: number;
  readonly next: number;
}

/**
 * The blocks of an expression. The error says why it cannot be carried out: an operation that is not known, a stack that would
 * be too high, empty, or of different heights at one place.
 */
export function decodeAgent(text: Uint8Array): Result<AgentCode, string> {
  const depths = new Map<number, number>();
  const parsed = new Map<number, Parsed>();
  const leaders = new Set([0]);
  const open: { at: number; depth: number }[] = [{ at: 0, depth: 0 }];
  let most = 0;
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { at, depth } = place;
    const known = depths.get(at);
    if (known === depth) continue;
    if (known !== undefined) return err(`the stack is of different heights at ${at}`);
    const found = parse(text, at);
    if (!found.ok) return found;
    const one = found.value;
    if (depth < Math.max(one.takes, one.op === 'pick' ? Number(one.operand) + 1 : 0))
      return err(`the stack is empty at ${at}`);
    const after = depth - one.takes + one.leaves;
    most = Math.max(most, after, depth);
    if (most > MOST_DEPTH) return err('the stack is too high');
    depths.set(at, depth);
    parsed.set(at, one);
    if (one.op === 'end') continue;
    if (one.op === 'goto' || one.op === 'if_goto') {
      leaders.add(Number(one.operand));
      open.push({ at: Number(one.operand), depth: after });
    }
    if (one.op === 'if_goto') leaders.add(one.next);
    if (one.op !== 'goto') open.push({ at: one.next, depth: after });
  }
  const blocks = [...leaders].sort((a, b) => a - b).map((at) => blockAt(at, parsed, depths, leaders));
  return ok({ blocks, depth: most });
}

function blockAt(
  at: number,
  parsed: ReadonlyMap<number, Parsed>,
  depths: ReadonlyMap<number, number>,
  leaders: ReadonlySet<number>,
): AgentBlock {
  const instructions: AgentInstruction[] = [];
  for (let place = at; ; ) {
    const one = parsed.get(place);
    if (one === undefined) return { at, instructions, next: undefined };
    instructions.push({
      at: one.at,
      op: one.op,
      operand: one.operand,
      print: one.print,
      depth: depths.get(place) ?? 0,
    });
    place = one.next;
    if (one.op === 'end' || one.op === 'goto') return { at, instructions, next: undefined };
    if (leaders.has(place)) return { at, instructions, next: place };
  }
}

function parse(text: Uint8Array, at: number): Result<Parsed, string> {
  const code = text[at];
  if (code === undefined) return err(`the expression has no end at ${at}`);
  const row = agentOp(code);
  if (row === undefined) return err(`the operation 0x${code.toString(16)} at ${at} is not known`);
  const [op, bytes, takes, leaves] = row;
  if (op === 'printf') return parsePrint(text, at);
  if (at + 1 + bytes > text.length) return err(`the expression ends inside the operation at ${at}`);
  let operand = 0n;
  for (let i = 0; i < bytes; i++) operand = (operand << 8n) | BigInt(text[at + 1 + i] ?? 0);
  return ok({ at, op: op as AgentOp, operand, takes, leaves, next: at + 1 + bytes });
}

// Count of arguments, length of the text with its NUL, the text.
function parsePrint(text: Uint8Array, at: number): Result<Parsed, string> {
  const [args = 0, high = 0, low = 0] = text.subarray(at + 1, at + 4);
  const length = (high << 8) | low;
  const next = at + 4 + length;
  if (length === 0 || next > text.length) return err(`the expression ends inside the text at ${at}`);
  const format = text.slice(at + 4, next - 1);
  return ok({ at, op: 'printf', operand: 0n, print: { format, args }, takes: 2 + args, leaves: 0, next });
}
