import { UserError } from '../user-error.ts';
import { type SocketAddress, showAddress } from '../values.ts';
import type { Wire } from './wire.ts';

/** Refuses a port that is to be listened on twice, before anything is said of the guest. Port 0 is any free one. */
export function checkListeners(
  gdb: SocketAddress | undefined,
  wires: readonly Wire[],
  incoming?: SocketAddress | undefined,
): void {
  const taken: { readonly option: string; readonly at: SocketAddress }[] = [];
  const places = [
    ...(gdb === undefined ? [] : [{ option: '--gdb', at: gdb }]),
    ...wires.flatMap((w) => w.listener ?? []),
    ...(incoming === undefined ? [] : [{ option: '--incoming', at: incoming }]),
  ];
  for (const place of places) {
    const other = taken.find((t) => t.at.port === place.at.port && overlap(t.at.host, place.at.host));
    if (other !== undefined && place.at.port !== 0) {
      const [first, second] = [`${other.option} ${showAddress(other.at)}`, `${place.option} ${showAddress(place.at)}`];
      throw new UserError('port-twice', `port ${place.at.port} is given twice, by ${first} and ${second}`);
    }
    taken.push(place);
  }
}

/** Names of every address of this machine, and of the one that only it reaches. */
const everyAddress = ['0.0.0.0', '::'];
const sameAddress = (host: string): string => (host === 'localhost' ? '127.0.0.1' : host);

function overlap(a: string, b: string): boolean {
  return sameAddress(a) === sameAddress(b) || everyAddress.includes(a) || everyAddress.includes(b);
}
