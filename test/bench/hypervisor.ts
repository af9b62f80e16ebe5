/** What keeping storage keys and logging stores cost a guest: ratios of processor time inside one run. */

import { Vm } from '../../src/api/index.ts';
import { median } from './measure.ts';

const MEBIBYTES = 16;
const INSTRUCTIONS = 160_000_000;
const MASK_64 = 0x1_8000_0000n;
/** A loop that stores into 1024 pages and fetches from them, one behind the other, for ever. */
const LOOP = 'a7390400b9040024e31020000024e35020000004a72b1000a737fff8a7f4fff2';
/** Inserts the key of a page: the first instruction on keys. */
const KEYED = 'b2290054';

/** A guest of this kind, and what is done between two of its runs. */
interface Kind {
  readonly name: string;
  readonly keyed: boolean;
  readonly prepare?: (vm: Vm) => (() => void) | undefined;
}

const kinds: readonly Kind[] = [
  { name: 'nothing kept', keyed: false },
  { name: 'storage keys in use', keyed: true },
  {
    name: 'a log of stores, never read',
    keyed: false,
    prepare: (vm) => {
      vm.openDirtyReader('bench');
      return undefined;
    },
  },
  {
    name: 'a log, read eight times a run',
    keyed: false,
    prepare: (vm) => {
      const reader = vm.openDirtyReader('bench');
      return () => {
        if (reader.take().length === 0) throw new Error('bench: nothing was stored');
      };
    },
  },
];

function make({ keyed, prepare }: Kind): () => number {
  const vm = new Vm({ storage: MEBIBYTES << 20 });
  vm.addSlot({ slot: 0, guest: 0, bytes: MEBIBYTES << 20, host: 0 });
  vm.write(0xffc, Buffer.from(KEYED + LOOP, 'hex'));
  const vcpu = vm.createVcpu();
  vcpu.psw = { mask: MASK_64, address: keyed ? 0xffcn : 0x1000n };
  vcpu.setGr(4, 0x80_0000n);
  vcpu.start();
  const between = prepare?.(vm);
  return () => {
    const before = process.cpuUsage();
    for (let i = 0; i < 8; i++) {
      vcpu.run({ instructions: INSTRUCTIONS / 8 });
      between?.();
    }
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
}

/** Prints each kind's time and its ratio to the first's; the kinds take turns. */
export function hypervisor(repetitions: number): void {
  const runs = kinds.map((kind) => ({ kind, run: make(kind), taken: [] as number[] }));
  for (const { run } of runs) run();
  for (let i = 0; i < repetitions; i++) for (const { run, taken } of runs) taken.push(run());
  const times = runs.map(({ kind, taken }) => ({ kind, time: median(taken) ?? 0 }));
  const first = times[0]?.time ?? 0;
  console.log('what the hypervisor keeps, by a loop over 1024 pages: processor time, and times that of nothing kept');
  for (const { kind, time } of times) {
    console.log(
      `${kind.name.padEnd(32)} ${(time / 1e6).toFixed(3).padStart(9)} ${(time / first).toFixed(2).padStart(9)}`,
    );
  }
}
