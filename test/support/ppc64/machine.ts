/** A whole ppc64 machine for tests, run by instruction counts: what is typed comes in at the same instruction in every run. */

import type { Ppc64Guest } from '../../../src/arch/ppc64/guest.ts';
import { ppc64Wing } from '../../../src/arch/ppc64/wing.ts';
import type { ByteOrder } from '../../../src/bits/byte-order.ts';
import { ok } from '../../../src/bits/result.ts';
import { type Assembly, assemble, byteOrderOf } from '../../../src/cli/assemble.ts';
import { heldFile } from '../../../src/cli/boot-file.ts';
import { type EngineMode, engineOptions } from '../../../src/engine/modes.ts';
import { testEngineMode } from '../engine.ts';
import { seed } from '../seed.ts';

/** What is booted, and how. */
export interface Ppc64Boot {
  readonly image: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly commandLine?: string;
  readonly vcpus?: number;
  readonly memory?: number;
  readonly mode?: EngineMode;
  readonly cpu?: string;
  /** How storage has its numbers; as the image has them when not given, and when `GUESTSCOPE_STORAGE` does not say it. */
  readonly order?: ByteOrder;
}

/** What `GUESTSCOPE_STORAGE` says of storage: every test can be run in each order. */
function testOrder(): ByteOrder | undefined {
  const order = process.env.GUESTSCOPE_STORAGE;
  if (order === undefined || order === 'big' || order === 'little') return order;
  throw new Error('GUESTSCOPE_STORAGE must be big or little');
}

const ESC = String.fromCharCode(27);
/** A prompt; busybox asks the terminal where its cursor is. */
const PROMPT = new RegExp(`\\n# (${ESC}\\[6n)?$`);

/** A booted machine that stands still between calls. */
export class Ppc64Machine {
  readonly assembly: Assembly<Ppc64Guest>;
  #output = '';

  constructor({ image, initrd, commandLine, vcpus = 1, memory = 256 << 20, mode, cpu, order }: Ppc64Boot) {
    this.assembly = assemble(ppc64Wing, {
      ...{ memory, vcpus, clock: 'virtual', now: () => performance.now() },
      ...(cpu === undefined ? {} : { cpu }),
      byteOrder: order ?? testOrder() ?? byteOrderOf(ppc64Wing, heldFile(image)),
      console: (bytes) => {
        this.#output += Buffer.from(bytes).toString('latin1');
      },
      engine: engineOptions(mode ?? testEngineMode(), seed),
    });
    const booted = this.assembly.built.boot(
      () => ok({ image, initrd, commandLine }),
      () => undefined,
    );
    if (!booted.ok) throw new Error(booted.error.message);
  }

  get guest(): Ppc64Guest {
    return this.assembly.guest;
  }
  /** What the console has shown. */
  get output(): string {
    return this.#output;
  }

  /** Runs in steps of so many instructions until the console's output, from `from` on, matches; throws past `most` steps. */
  until(pattern: RegExp, from = 0, { step = 500_000n, most = 800 } = {}): void {
    const { machine } = this.assembly;
    for (let i = 0; !pattern.test(this.#output.slice(from)); i++) {
      const ended = this.guest.end();
      if (ended !== undefined || i === most) {
        const why = ended?.message ?? 'too many instructions';
        throw new Error(`${why}; ${[...this.assembly.built.dump()].join('\n')}\n${this.#output.slice(-2000)}`);
      }
      machine.runTo(machine.time + step);
    }
  }
  /** Types a line, and what the console shows up to the next prompt. */
  ask(line: string): string {
    const from = this.#output.length;
    this.assembly.machine.enter({ kind: 'console-input', data: Buffer.from(`${line}\n`) });
    this.until(PROMPT, from);
    return this.#output.slice(from).replaceAll('\r', '');
  }
  /** Runs to the guest's end; its message. */
  end(line: string): string {
    const { machine } = this.assembly;
    machine.enter({ kind: 'console-input', data: Buffer.from(`${line}\n`) });
    for (let i = 0; i < 1000 && this.guest.end() === undefined; i++) machine.runTo(machine.time + 500_000n);
    return this.guest.end()?.message ?? 'runs on';
  }
  /** Instructions that the vCPUs have executed. */
  get counts(): bigint[] {
    return this.guest.vm.vcpus.map((v) => v.vcpu.executed);
  }
}
