/** A peer on a network card's wire that answers ARP and ICMP echo, so that a guest has somebody to ping. */

const ETHERTYPE = { ip: 0x0800, arp: 0x0806 } as const;
const PEER_MAC = Buffer.from('020000000002', 'hex');

/** The peer's answer to a frame, if it has one. `address`: its IPv4 address. */
export function answer(frame: Uint8Array, address: readonly number[]): Uint8Array | undefined {
  const out = Buffer.from(frame);
  const type = out.readUInt16BE(12);
  frame.slice(6, 12).forEach((b, i) => {
    out[i] = b;
  });
  PEER_MAC.copy(out, 6);
  if (type === ETHERTYPE.arp) return answerArp(out, address);
  return type === ETHERTYPE.ip ? answerEcho(out) : undefined;
}

// Sender at 22 (MAC) and 28 (IP), target at 32 and 38.
function answerArp(out: Buffer, address: readonly number[]): Uint8Array | undefined {
  if (out.readUInt16BE(20) !== 1 || address.some((b, i) => out[38 + i] !== b)) return undefined;
  out.writeUInt16BE(2, 20);
  out.copy(out, 32, 22, 32);
  PEER_MAC.copy(out, 22);
  Buffer.from(address).copy(out, 28);
  return out;
}

// The sum over an echo changes by its type alone, from 8 to 0; the addresses trade places, so theirs stays.
function answerEcho(out: Buffer): Uint8Array | undefined {
  const header = 14 + ((out[14] ?? 0) & 15) * 4;
  if (out[23] !== 1 || out[header] !== 8) return undefined;
  const source = Buffer.from(out.subarray(26, 30));
  out.copy(out, 26, 30, 34);
  source.copy(out, 30);
  out[header] = 0;
  const sum = out.readUInt16BE(header + 2) + 0x0800;
  out.writeUInt16BE((sum & 0xffff) + (sum >>> 16), header + 2);
  return out;
}
