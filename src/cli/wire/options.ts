import { UserError } from '../user-error.ts';
import { socketAddress } from '../values.ts';
import { Wire } from './wire.ts';

/** Options for devices whose other end is a TCP connection. */
export const wireOptions = {
  net: {
    type: 'string',
    array: true,
    requiresArg: true,
    description:
      'a network card of an s390x guest on a TCP tunnel to another guest: listen=[HOST:]PORT or connect=[HOST:]PORT, and ,mac=MAC; may be given more than once',
  },
  hvc: {
    type: 'string',
    requiresArg: true,
    description: 'a virtio console of an s390x guest (hvc0 in Linux) on a TCP port: [HOST:]PORT',
  },
} as const;

/** Cards without an address of their own get one of this kind: two ends of a tunnel differ. */
const MAC_PREFIX = [0x02, 0x67, 0x73, 0, 0] as const;
const NET = /^(listen|connect)=(.+?)(?:,mac=([0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}))?$/;

/** The wires of `--net` and `--hvc`, cards first. */
export function wires(net: readonly string[] | undefined, hvc: string | undefined): Wire[] {
  const cards = (net ?? []).map((text, i) => card(text, i));
  if (hvc === undefined) return cards;
  const at = socketAddress(hvc);
  if (at === undefined) throw new UserError('wire-address', `--hvc ${hvc}: give PORT, HOST:PORT or [IPV6]:PORT`);
  return [...cards, new Wire({ role: 'listen', at }, { kind: 'console' })];
}

function card(text: string, index: number): Wire {
  const [, word = '', address = '', mac] = NET.exec(text) ?? [];
  const at = socketAddress(address);
  if (at === undefined) {
    throw new UserError(
      'wire-address',
      `--net ${text}: give listen=[HOST:]PORT at one end and connect=[HOST:]PORT at the other, each with ,mac=MAC if you like`,
    );
  }
  const role = word === 'listen' ? 'listen' : 'connect';
  const own = mac?.split(':').map((byte) => Number.parseInt(byte, 16));
  if (own !== undefined && ((own[0] ?? 0) & 1) !== 0) {
    throw new UserError(
      'wire-address',
      `--net ${text}: ${mac} is the address of a group, a card's has an even first byte`,
    );
  }
  const usual = [...MAC_PREFIX, (2 * index + (role === 'listen' ? 1 : 2)) & 0xff];
  return new Wire({ role, at }, { kind: 'net', mac: Uint8Array.from(own ?? usual) });
}
