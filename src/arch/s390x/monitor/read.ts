import { bytesToHex, hex } from '../../../bits/hex.ts';
import { pieces } from '../../../bits/pieces.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import {
  type Answer,
  address,
  type CommandRow,
  command,
  either,
  item,
  mistake,
  number,
  oneOf,
  optional,
  words,
} from '../../../monitor/command.ts';
import { gpa } from '../dat/address.ts';
import { debugWalk } from '../gdb/memory.ts';
import type { S390xGuest } from '../guest.ts';
import { asceOf, type Space, space } from './space.ts';
import { cpuOf } from './vcpu-of.ts';

/** More than any structure, and little enough for one answer. */
const MOST_BYTES = 0x10_0000;
const BYTES_A_LINE = 16;

/** `read`: storage of any address space, whatever the vCPU is at. */
export const read: CommandRow<S390xGuest> = command(
  'read',
  {
    words: words(address, number('LENGTH', MOST_BYTES), optional(either(oneOf('absolute'), space))),
    usage: 'ADDR LENGTH [primary|secondary|home|real|absolute|ASCE]',
    summary: 'show bytes of storage in an address space of choice',
    details: [
      'gdb sees the space that the vCPU is in: no kernel from user space, no user space from the kernel.',
      'Without a space: that one. Nothing changes, and protection does not count.',
    ],
  },
  function* ({ guest, vcpu }, [from, length, of]): Answer {
    const bytes = new Uint8Array(length);
    for (const { from: done, length: n } of pieces(from, length, PAGE_BYTES)) {
      const at = BigInt.asUintN(64, from + BigInt(done));
      const host = hostOf(guest, vcpu, at, of);
      if (host < 0) return mistake(`${hex(at)} cannot be reached`);
      guest.vm.complex.storage.readInto(host, bytes.subarray(done, done + n));
    }
    yield item('address', from);
    const lines = Array.from({ length: Math.ceil(length / BYTES_A_LINE) }, (_, i) => dump(from, bytes, i));
    yield item('bytes', bytesToHex(bytes), lines);
    return undefined;
  },
);

function hostOf(guest: S390xGuest, vcpu: number, at: bigint, of: Space | 'absolute' | undefined): number {
  if (of === 'absolute') return at < 2n ** 44n ? guest.vm.gmap.peek(gpa(Number(at))) : -1;
  const cpu = cpuOf(guest, vcpu);
  const given = of === undefined ? at & cpu.amask : at;
  return debugWalk(guest.vm, cpu, given, asceOf(cpu, of)).host;
}

function dump(from: bigint, bytes: Uint8Array, line: number): string {
  const piece = bytes.subarray(line * BYTES_A_LINE, (line + 1) * BYTES_A_LINE);
  const groups = bytesToHex(piece).match(/.{1,8}/g) ?? [];
  return `${hex(from + BigInt(line * BYTES_A_LINE))}: ${groups.join(' ')}`;
}
