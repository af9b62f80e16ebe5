import type { Vcpu } from '../../cpu/vcpu.ts';
import type { ChannelSubsystem } from '../css/channel-subsystem.ts';
import { parseSubchannelId } from '../css/subchannel-id.ts';

/** The DIAGNOSE code of virtio. */
export const VIRTIO_HYPERCALL = 0x500;

const NOTIFY = 3n;
const EINVAL = -22n;

/**
 * DIAGNOSE 500: a driver has made buffers available (GR1 = 3, GR2 the subchannel, GR3 the queue). GR2 becomes a cookie,
 * always 0 here, or a negative error number.
 */
export function virtioHypercall(css: ChannelSubsystem, vcpu: Vcpu): void {
  vcpu.setGr(2, vcpu.gr(1) === NOTIFY && notify(css, vcpu.grLow(2), vcpu.gr(3)) ? 0n : BigInt.asUintN(64, EINVAL));
}

function notify(css: ChannelSubsystem, subchannel: number, queue: bigint): boolean {
  const id = parseSubchannelId(subchannel);
  const device = id === undefined ? undefined : css.find(id)?.device;
  return device?.notify?.(queue > 0xffffn ? 0xffff : Number(queue)) ?? false;
}
