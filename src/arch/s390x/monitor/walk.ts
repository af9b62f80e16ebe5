import { hex } from '../../../bits/hex.ts';
import { type Answer, address, type CommandRow, command, item, optional, words } from '../../../monitor/command.ts';
import { PGM, programInterruptionName } from '../cpu/interruption-codes.ts';
import { type ProtectionType, protectionType } from '../cpu/protection.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { WalkStep } from '../dat/translate.ts';
import { SEGMENT_BYTES } from '../dat/translate.ts';
import { type DebugWalk, debugExplain, debugWalk } from '../gdb/memory.ts';
import type { S390xGuest } from '../guest.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { describeEntry, isLarge } from './entry.ts';
import { describeKey, keyAt } from './key.ts';
import { asceOf, describeAsce, space } from './space.ts';
import { cpuOf } from './vcpu-of.ts';

/** `walk`: how an address becomes storage, table by table. */
export const walk: CommandRow<S390xGuest> = command(
  'walk',
  {
    words: words(address, optional(space)),
    usage: 'ADDR [primary|secondary|home|real|ASCE]',
    summary: 'translate an address: table entries, absolute address, storage key, protection',
    details: [
      'Without a space, the address is one that the vCPU would use for operands now.',
      'Nothing changes: no reference bit is set and no segment of the gmap is populated.',
    ],
  },
  function* ({ guest, vcpu }, [given, of]): Answer {
    const { vm } = guest;
    const cpu = cpuOf(guest, vcpu);
    const at = of === undefined ? given & cpu.amask : given;
    const asce = asceOf(cpu, of);
    const found = debugWalk(vm, cpu, at, asce);
    yield item('address', at);
    if (asce === undefined) yield item('asce', null, 'none: a real address');
    else yield item('asce', { value: asce, meaning: describeAsce(asce) }, `${hex(asce, 16)} (${describeAsce(asce)})`);
    yield stepsItem(found.steps);
    yield* outcome(vm, cpu, at, asce, found);
    return undefined;
  },
);

function stepsItem(steps: readonly WalkStep[]): ReturnType<typeof item> {
  const entry = (s: WalkStep): bigint => (BigInt(s.high >>> 0) << 32n) | BigInt(s.low >>> 0);
  return item(
    'steps',
    steps.map((s) => ({ level: s.level, at: BigInt(s.address), entry: entry(s), meaning: describeEntry(s) })),
    steps.map((s) => `${s.level} entry at ${hex(s.address)}: ${hex(entry(s), 16)} (${describeEntry(s)})`),
  );
}

function* outcome(
  vm: KvmVm,
  cpu: Vcpu,
  at: bigint,
  asce: bigint | undefined,
  found: DebugWalk,
): Iterable<ReturnType<typeof item>> {
  const { code, absolute, host, steps } = found;
  if (code !== 0) {
    const name = programInterruptionName(code);
    yield item('exception', { code: BigInt(code), name }, `${name} (${hex(code, 4)})`);
    // Past the tables, the absolute address is known; it has no storage.
    if (code === PGM.addressing && absolute !== 0)
      yield item('absolute', BigInt(absolute), `${hex(absolute)}, not in the configuration`);
    return;
  }
  const last = steps.at(-1);
  const large = last !== undefined && isLarge(last);
  yield item('frame', large ? (last.level === 'segment' ? '1 MiB' : '2 GiB') : '4 KiB');
  yield item('absolute', BigInt(absolute));
  const segment = vm.gmap.segments().find((s) => s.guest === absolute - (absolute % SEGMENT_BYTES));
  const populated = segment?.populated === true;
  yield item(
    'host',
    { address: BigInt(host), populated },
    `${hex(host)} (segment ${populated ? 'populated' : 'not populated yet'})`,
  );
  const { translation } = found;
  const byEntry = translation.key >= 0;
  const key = byEntry ? translation.key : keyAt(vm, host);
  yield item(
    'key',
    { value: BigInt(key), inUse: vm.usesKeys },
    `${describeKey(key)}${byEntry ? ', by the table entry' : vm.usesKeys ? '' : '; keys are not in use yet'}`,
  );
  yield item('protected', translation.protected, translation.protected ? 'yes, by DAT' : 'no');
  for (const [name, kind] of accesses) {
    const { code, type } = debugExplain(vm, cpu, at, asce, { kind, key: cpu.accessKey });
    yield item(name, code === 0 ? 'allowed' : refusal(type, cpu.accessKey));
  }
}

const accesses = [
  ['execute', 'ifetch'],
  ['fetch', 'fetch'],
  ['store', 'store'],
] as const;

function refusal(type: ProtectionType, key: number): string {
  switch (type) {
    case protectionType.lowAddress:
      return 'low-address protection';
    case protectionType.dat:
      return 'DAT protection';
    case protectionType.instructionExecution:
      return 'instruction-execution protection';
    default:
      return `key-controlled protection (PSW key ${key})`;
  }
}
