import { beforeEach, describe, expect, test } from 'vitest';
import { handleInterception } from '../../../../../src/arch/s390x/kvm/intercept/dispatch.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { icpt } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { KvmBench } from './harness.ts';

const bench = new KvmBench();

/** What is stored for a program interruption besides its code and length. */
type Extra = 'teid' | 'exception access' | 'operand access' | 'data exception' | 'monitor';

const translation: readonly Extra[] = ['teid', 'exception access', 'operand access'];
/** Every program interruption with what is stored for it (PoP, "Program-Interruption Conditions"). */
const codes: readonly (readonly [code: number, name: string, extra: readonly Extra[]])[] = [
  [0x01, 'operation', []],
  [0x02, 'privileged operation', []],
  [0x03, 'execute', []],
  [0x04, 'protection', ['teid', 'exception access']],
  [0x05, 'addressing', []],
  [0x06, 'specification', []],
  [0x07, 'data', ['data exception']],
  [0x08, 'fixed-point overflow', []],
  [0x09, 'fixed-point divide', []],
  [0x0a, 'decimal overflow', []],
  [0x0b, 'decimal divide', []],
  [0x0c, 'HFP exponent overflow', []],
  [0x0d, 'HFP exponent underflow', []],
  [0x0e, 'HFP significance', []],
  [0x0f, 'HFP divide', []],
  [0x10, 'segment translation', translation],
  [0x11, 'page translation', translation],
  [0x12, 'translation specification', []],
  [0x13, 'special operation', []],
  [0x15, 'operand', []],
  [0x16, 'trace table', []],
  [0x1b, 'vector processing', ['data exception']],
  [0x1c, 'space-switch event', ['teid']],
  [0x1d, 'HFP square root', []],
  [0x1f, 'PC-translation specification', []],
  [0x20, 'AFX translation', ['teid']],
  [0x21, 'ASX translation', ['teid']],
  [0x22, 'LX translation', ['teid']],
  [0x23, 'EX translation', ['teid']],
  [0x24, 'primary authority', ['teid']],
  [0x25, 'secondary authority', ['teid']],
  [0x26, 'LFX translation', ['teid']],
  [0x27, 'LSX translation', ['teid']],
  [0x28, 'ALET specification', []],
  [0x29, 'ALEN translation', ['exception access']],
  [0x2a, 'ALE sequence', ['exception access']],
  [0x2b, 'ASTE validity', ['exception access']],
  [0x2c, 'ASTE sequence', ['exception access']],
  [0x2d, 'extended authority', ['exception access']],
  [0x2e, 'LSTE sequence', ['teid']],
  [0x2f, 'ASTE instance', ['exception access']],
  [0x38, 'ASCE type', translation],
  [0x39, 'region-first translation', translation],
  [0x3a, 'region-second translation', translation],
  [0x3b, 'region-third translation', translation],
  [0x40, 'monitor event', ['monitor']],
];

/** A vCPU that SIE has come back from with a program interruption, and all parameter fields with something in them. */
function intercepted(code: number): KvmVcpu {
  const v = bench.program([]);
  v.block.icptcode = icpt.program;
  v.block.set('iprcc', code);
  v.block.set('pgmilc', 4);
  v.block.setBig('tecmc', 0x1111_2222_3333_4444n);
  v.block.set('eai', 0x55);
  v.block.set('oai', 0x66);
  v.block.set('dxc', 0x77);
  v.block.set('mcn', 0x88);
  v.block.set('perc', 0x40);
  v.block.set('peratmid', 0xe0);
  v.block.setBig('peraddr', 0x9999n);
  return v;
}

beforeEach(() => {
  bench.fresh();
});

/** What the guest finds in its prefix area. */
const stored = () => ({
  code: bench.low('programCode'),
  ilc: bench.low('programIlc'),
  teid: bench.low('translationExceptionId'),
  exceptionAccess: bench.low('exceptionAccessId'),
  operandAccess: bench.low('operandAccessId'),
  dataException: bench.low('dataExceptionCode'),
  monitorClass: bench.low('monitorClass'),
  monitorCode: bench.low('monitorCode'),
  perCode: bench.low('perCode'),
  perAtmid: bench.low('perAtmid'),
  perAddress: bench.low('perAddress'),
});

describe.each([
  ['alone', 0],
  ['with a program event', 0x80],
])('a program interruption that was intercepted, %s,', (_, event) => {
  test.each(codes)('%d: %s is stored with what belongs to it and nothing else', (code, _name, extra) => {
    const has = (one: Extra, value: bigint): bigint => (extra.includes(one) ? value : 0n);
    const v = intercepted(code | event);
    const outcome = handleInterception(v);
    if (outcome.kind !== 'pgm') throw new Error(`it came to ${outcome.kind}`);
    expect(v.injectProgram(outcome.code, outcome.details)).toBeUndefined();
    const events = event !== 0;
    expect(stored()).toEqual({
      code: BigInt(code | event),
      ilc: 4n,
      teid: has('teid', 0x1111_2222_3333_4444n),
      exceptionAccess: has('exception access', 0x55n),
      operandAccess: has('operand access', 0x66n),
      dataException: has('data exception', 0x77n),
      monitorClass: has('monitor', 0x88n),
      monitorCode: has('monitor', 0x1111_2222_3333_4444n),
      perCode: events ? 0x40n : 0n,
      perAtmid: events ? 0xe0n : 0n,
      perAddress: events ? 0x9999n : 0n,
    });
    expect([bench.taken(v), bench.hex(0x150, 16)]).toEqual(['program', '00000001800000000000000000010000']);
  });
});
