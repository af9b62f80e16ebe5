import { bytesToHex, hexToBytes } from '../../bits/hex.ts';
import { args, hexBytes, hexCount, latin1, rest } from '../args.ts';
import { type PacketRow, packet } from '../packet.ts';
import type { NumberedRegister, RegisterFile } from '../registers.ts';
import { hexReply, OK, type Reply, refused, text } from '../reply.ts';

/** Registers without a value read as `x` digits. */
function valuesReply(registers: readonly NumberedRegister[], values: readonly (Uint8Array | undefined)[]): Reply {
  const known = values.filter((value) => value !== undefined);
  if (known.length === registers.length) return hexReply(Buffer.concat(known));
  const parts = registers.map(({ bytes }, i) => {
    const value = values[i];
    return value === undefined ? 'xx'.repeat(bytes) : bytesToHex(value);
  });
  return text(parts.join(''));
}

/** The registers of a `G`: undefined for one written as `x` digits; no list when the text does not fit the registers. */
function parseAll(registers: RegisterFile, digits: string): readonly (Uint8Array | undefined)[] | undefined {
  if (digits.length !== registers.totalBytes * 2) return undefined;
  const values: (Uint8Array | undefined)[] = [];
  let at = 0;
  for (const { bytes } of registers.all) {
    const part = digits.slice(at, at + bytes * 2);
    const value = hexToBytes(part);
    if (value === undefined && !/^x+$/.test(part)) return undefined;
    values.push(value);
    at += bytes * 2;
  }
  return values;
}

const PAST_FRAME = 'a trace frame is looked at, which cannot be changed';

/** Registers, all and one by one. */
export const registerPackets: readonly PacketRow[] = [
  packet('g', { args: args(), doc: 'g: all registers' }, ({ target, registers, vcpu }) =>
    valuesReply(registers.all, registers.readAll(target.traces?.view ?? target, vcpu)),
  ),
  packet(
    'G',
    { args: args(rest), doc: 'G XX...: set all registers, or none when one refuses' },
    ({ target, registers, vcpu }, [digits]) => {
      if (target.traces?.view !== undefined) return refused(PAST_FRAME);
      const values = parseAll(registers, latin1(digits));
      if (values === undefined) return refused('the value does not fit the registers');
      return registers.writeAll(target, vcpu, values) ? OK : refused('a register cannot be written');
    },
  ),
  packet('p', { args: args(hexCount), doc: 'p n: one register' }, ({ target, registers, vcpu }, [n]) => {
    const register = registers.all[n];
    if (register === undefined) return refused('no such register');
    return valuesReply([register], [(target.traces?.view ?? target).readRegister(vcpu, n)]);
  }),
  packet(
    'P',
    { args: args(hexCount, '=', hexBytes), doc: 'P n=XX...: set one register' },
    ({ target, registers, vcpu }, [n, value]) => {
      const register = registers.all[n];
      if (register === undefined || register.bytes !== value.length) return refused('no such register of that width');
      if (target.traces?.view !== undefined) return refused(PAST_FRAME);
      return target.writeRegister(vcpu, n, value) ? OK : refused('the register cannot be written');
    },
  ),
];
