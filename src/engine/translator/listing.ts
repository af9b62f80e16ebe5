import type { Node, Stmt } from '../../ir/node.ts';
import { isLeave } from '../../ir/specialize.ts';
import { registerNumber } from './register-uses.ts';

const infix: Readonly<Record<string, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  shr_u: '>>>',
  shr_s: '>>',
  eq: '==',
  ne: '!=',
  lt_s: '<',
  gt_s: '>',
  le_s: '<=',
  ge_s: '>=',
  lt_u: '<u',
  gt_u: '>u',
  le_u: '<=u',
  ge_u: '>=u',
};

function value(n: Node): string {
  switch (n.k) {
    case 'const':
      return n.value > 9n || n.value < -9n
        ? `${n.value < 0n ? '-' : ''}0x${(n.value < 0n ? -n.value : n.value).toString(16)}`
        : `${n.value}`;
    case 'float':
      return `${n.value}`;
    case 'ia':
      return 'page';
    case 'un':
      return n.op === 'eqz' ? `!${value(n.a)}` : `${n.op}(${value(n.a)})`;
    case 'bin': {
      const sign = infix[n.op];
      return sign === undefined ? `${n.op}(${value(n.a)}, ${value(n.b)})` : `(${value(n.a)} ${sign} ${value(n.b)})`;
    }
    case 'select':
      return `(${value(n.cond)} ? ${value(n.a)} : ${value(n.b)})`;
    case 'reg':
      return `${n.part.name}${registerNumber(n.index) ?? '?'}`;
    case 'state':
      return n.slot.name;
    case 'get':
      return `v${n.variable.id}`;
    case 'fetch':
    case 'probe':
    case 'hostLoad':
      return `t${n.id}`;
    default:
      return n.k;
  }
}

/** Specialized statements as lines of pseudo-code. */
export function listStatements(statements: readonly Stmt[], indent = '  '): string[] {
  return statements.flatMap((s): string[] => {
    switch (s.s) {
      case 'let':
        return defined(s.node).map((line) => indent + line);
      case 'setReg':
        return [`${indent}${s.part.name}${registerNumber(s.index) ?? '?'} = ${value(s.value)}`];
      case 'setState':
        return [`${indent}${s.slot.name} = ${value(s.value)}`];
      case 'store':
        return [`${indent}store${s.width}[${value(s.address.at)}] = ${value(s.value)}`];
      case 'hostStore':
        return [`${indent}${value(s.pointer)}[${s.offset}].${s.width} = ${value(s.value)}`];
      case 'hostCopy':
        return [`${indent}copy ${value(s.length)} bytes: ${value(s.to)} = ${value(s.from)}`];
      case 'hostFill':
        return [`${indent}fill ${value(s.length)} bytes: ${value(s.to)} = ${value(s.byte)}`];
      case 'set':
        return [`${indent}v${s.variable.id} = ${value(s.value)}`];
      case 'branch':
        return [`${indent}goto ${value(s.target)}`];
      case 'if':
        if (s.whenTrue.every(isLeave) && s.whenFalse.length === 0) return [`${indent}if ${value(s.cond)} leave`];
        return [
          `${indent}if ${value(s.cond)} {`,
          ...listStatements(s.whenTrue, `${indent}  `),
          ...(s.whenFalse.length === 0 ? [] : [`${indent}} else {`, ...listStatements(s.whenFalse, `${indent}  `)]),
          `${indent}}`,
        ];
      case 'loop':
        return [`${indent}do {`, ...listStatements(s.body, `${indent}  `), `${indent}} while ${value(s.again)}`];
      default:
        return isLeave(s) ? [`${indent}leave`] : [`${indent}${s.s}`];
    }
  });
}

function defined(n: Node): string[] {
  if (n.k === 'fetch') return [`t${n.id} = fetch${n.width}[${value(n.address.at)}]`];
  if (n.k === 'probe') return [`t${n.id} = ${n.access} pointer [${value(n.address.at)}], ${value(n.length)} bytes`];
  if (n.k === 'hostLoad') return [`t${n.id} = ${value(n.pointer)}[${n.offset}].${n.width}`];
  return [];
}
