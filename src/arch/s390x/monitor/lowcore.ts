import { bigEndian, hex } from '../../../bits/hex.ts';
import {
  type Answer,
  type CommandRow,
  command,
  type Item,
  item,
  mistake,
  optional,
  value64,
  words,
} from '../../../monitor/command.ts';
import { programInterruptionName } from '../cpu/interruption-codes.ts';
import { type LowcoreField, lowcore as layout } from '../cpu/lowcore.ts';
import { gpa } from '../dat/address.ts';
import { PREFIX_AREA_BYTES } from '../dat/prefix.ts';
import type { S390xGuest } from '../guest.ts';
import { inBrackets, pswItem } from './show.ts';
import { peekAbsolute } from './storage.ts';
import { vcpuOf } from './vcpu-of.ts';

/** Widths of the registers in a save area, where that is not all of it. */
const registerBytes: Partial<Record<LowcoreField, number>> = {
  fprSaveArea: 8,
  grSaveArea: 8,
  arSaveArea: 4,
  crSaveArea: 8,
};

/** `lowcore`: the assigned storage locations. */
export const lowcore: CommandRow<S390xGuest> = command(
  'lowcore',
  {
    words: words(optional({ ...value64, form: 'PREFIX' })),
    usage: '[PREFIX]',
    summary: 'show the assigned storage locations, old and new PSWs decoded',
    details: ['Without PREFIX, the prefix area of the selected vCPU. PREFIX is an absolute address.'],
  },
  function* ({ guest, vcpu }, [given]): Answer {
    const prefix = given ?? BigInt(vcpuOf(guest, vcpu).vcpu.prefix);
    if (prefix % BigInt(PREFIX_AREA_BYTES) !== 0n)
      return mistake(`${hex(prefix)} is no prefix: those are multiples of 0x2000`);
    const bytes = prefix < 2n ** 44n ? peekAbsolute(guest.vm, gpa(Number(prefix)), PREFIX_AREA_BYTES) : undefined;
    if (bytes === undefined) return mistake(`${hex(prefix)} is not in the configuration`);
    yield item('prefix', prefix);
    for (const [name, [offset, length]] of Object.entries(layout)) {
      yield field(name, bytes.subarray(offset, offset + length));
    }
    return undefined;
  },
);

function field(name: string, bytes: Uint8Array): Item {
  if (/Psw$|pswSaveArea/.test(name)) {
    return pswItem(name, { mask: bigEndian(bytes.subarray(0, 8)), address: bigEndian(bytes.subarray(8, 16)) });
  }
  const width = Object.entries(registerBytes).find(([area]) => area === name)?.[1];
  if (width !== undefined) {
    const values = Array.from({ length: bytes.length / width }, (_, n) =>
      bigEndian(bytes.subarray(n * width, (n + 1) * width)),
    );
    return item(name, values, values.map((value) => hex(value, width * 2)).join(' '));
  }
  const value = bigEndian(bytes);
  const meaning = name === 'programCode' && value !== 0n ? programInterruptionName(Number(value)) : '';
  return item(name, value, `${hex(value, bytes.length * 2)}${inBrackets(meaning)}`);
}
