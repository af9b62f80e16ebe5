/** A guest that is a hypervisor: its state description, its guest's program, the tables between them. */

import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { cpuflags, eca, ecb, SieBlock } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { coded, KvmBench, MASK_64, NOP, withBase } from '../kvm/harness.ts';

/** Where the state description is, the guest's program, and the host's tables. */
export const BLOCK = 0x4_0000;
export const INNER = 0x5_0000;
export const SEGMENTS = 0x6_0000;
export const PAGES = 0x6_4000;
/** Where new PSWs of the guest lead. */
export const INNER_HANDLER = 0x5_8000;
/** Where the host's storage is that the guest has at its absolute address 0. */
export const BASE = 0x10_0000;
export const PAGE = 4096;
export const DIAG = coded('DIAG', 1, 2, 0x44);

/** What is said of a host in front of SIE. */
export interface Host {
  readonly mask?: bigint;
  readonly asce?: bigint;
  readonly gr?: Readonly<Record<number, bigint>>;
}

/** A host with one guest, on a bench of its own. */
export class NestedBench {
  readonly bench: KvmBench;
  /** The vCPU whose program the host is. */
  v: KvmVcpu;
  /** What it had executed when it was put in front of SIE. */
  before = 0n;

  constructor(options: ConstructorParameters<typeof KvmBench>[0] = {}) {
    this.bench = new KvmBench(options);
    this.v = this.bench.vcpu();
  }

  /** Identity, as far as nothing else was mapped: one segment of pages from the guest's 0 on. */
  tables(change: Readonly<Record<number, bigint>> = {}): bigint {
    const { bench } = this;
    bench.put(SEGMENTS, new Uint8Array(2048 * 8).fill(0x20));
    bench.put(SEGMENTS, toBigEndian(BigInt(PAGES), 8));
    for (let i = 0; i < 256; i++) {
      bench.put(PAGES + i * 8, toBigEndian(change[i] ?? BigInt(BASE + i * PAGE), 8));
    }
    return BigInt(SEGMENTS) | 0x103n;
  }

  /** A state description with a guest that begins at `INNER`, its storage the host's segment at `BASE`. */
  describeGuest(change: (b: SieBlock) => void = () => undefined, at = BLOCK): void {
    const b = new SieBlock();
    b.cpuflags = cpuflags.zarch | cpuflags.sm;
    b.set('eca', eca.cei | eca.mvpgi | eca.protectionInterpretation);
    b.set('ecb', ecb.hostProtection | ecb.speci);
    b.set('ihcpu', 0xffff);
    b.setGcr(0, 0xe0n);
    b.setBig('gpsw', MASK_64);
    b.setBig('gpswAddress', BigInt(INNER));
    change(b);
    this.bench.put(
      at,
      Uint8Array.from({ length: 512 }, (_, i) => b.bytes.getUint8(i)),
    );
  }
  /** The state description as it is now. */
  told(at = BLOCK): SieBlock {
    const b = new SieBlock();
    for (const [i, byte] of this.bench.bytes(at, 512).entries()) b.bytes.setUint8(i, byte);
    return b;
  }
  /** Code and status, text, and where the guest's PSW is. */
  ended(): readonly [code: number, status: number, text: string, at: number] {
    const b = this.told();
    const text = `${b.ipa.toString(16).padStart(4, '0')}${b.ipb.toString(16).padStart(8, '0')}`;
    return [b.icptcode, b.icptstatus, text, Number(b.big('gpswAddress'))];
  }

  /** Puts instructions into the guest's storage. */
  inner(texts: readonly Uint8Array[], at = INNER): void {
    let to = BASE + at;
    for (const text of texts) {
      this.bench.put(to, text);
      to += text.length;
    }
  }

  /** The host in front of SIE, with its handlers for interruptions; behind it, it does nothing for a while. */
  host({ mask = MASK_64, asce = this.tables(), gr = {} }: Host = {}): KvmVcpu {
    const v = this.bench.program([withBase('SIE', 12), ...Array.from({ length: 16 }, () => NOP)], { mask });
    this.v = v;
    v.vcpu.setGr(12, BigInt(BLOCK));
    for (const [n, value] of Object.entries(gr)) v.vcpu.setGr(Number(n), value);
    v.vcpu.setCr(1, asce);
    v.vcpu.setCr(13, asce);
    v.vcpu.selectSpaces();
    v.sync();
    this.before = v.vcpu.icount;
    return v;
  }

  /** Runs the guest from the beginning to the first exit; SIE counts as one of the instructions. */
  interpret(instructions: number, options: Host = {}): void {
    this.host(options);
    this.bench.run(this.v, instructions);
  }
}
