/** Values of options: total parsers that say what to write instead. */

import type { Wing } from '../wing/wing.ts';
import type { Host } from './host.ts';
import { UserError } from './user-error.ts';

const MIB = 1 << 20;
const LEAST_MEMORY = 1 << 20;
/** All of a machine lies in one WebAssembly memory of 4 GiB, next to its decode cache and tables. */
const MOST_MEMORY = 3840 * MIB;
const [LEAST_HISTORY, MOST_HISTORY] = [8 * MIB, 16384 * MIB];
const DEFAULT_PORT = 1234;
const LOOPBACK = '127.0.0.1';

/** Bytes of guest storage: `512M`, `2G`, `65536K`; mebibytes without a unit. */
export function memorySize(text: string): number {
  const found = /^(\d+)([kKmMgG]?)(i?[bB])?$/.exec(text);
  const unit = { k: 1024, m: MIB, g: 1024 * MIB, '': MIB }[(found?.[2] ?? '').toLowerCase()] ?? MIB;
  if (found === null) throw new UserError('memory-size', `--memory ${text} is no size: write one such as 512M or 2G`);
  const bytes = Number(found[1]) * unit;
  if (bytes % MIB !== 0) {
    throw new UserError(
      'memory-size',
      `--memory ${text} is not a multiple of 1M: guest storage is mapped by the mebibyte`,
    );
  }
  if (bytes < LEAST_MEMORY || bytes > MOST_MEMORY) {
    throw new UserError('memory-size', `--memory ${text} is out of range: give 1M to ${MOST_MEMORY / MIB}M`);
  }
  return bytes;
}

/** Bytes that a history may take; undefined for `off`. */
export function historyBudget(text: string): number | undefined {
  if (text === 'off') return undefined;
  const found = /^(\d+)([MG])?$/i.exec(text);
  const bytes = Number(found?.[1] ?? Number.NaN) * (found?.[2]?.toUpperCase() === 'G' ? 1024 * MIB : MIB);
  if (bytes >= LEAST_HISTORY && bytes <= MOST_HISTORY) return bytes;
  throw new UserError('history-size', `--history ${text}: give a size from 8M to 16G, such as 256M, or off`);
}

/** Number of vCPUs, of which a guest can have `most`. */
export function vcpuCount(text: string, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most) throw new UserError('smp-count', `--smp ${text}: give a number from 1 to ${most}`);
  return count;
}

/** The CPU model that `--cpu` asks for; nothing when it was not given. */
export function cpuModel(text: string | undefined, wing: Pick<Wing, 'cpuRefusal'>): { readonly cpu?: string } {
  if (text === undefined) return {};
  const refusal = wing.cpuRefusal(text);
  if (refusal !== undefined) throw new UserError('cpu-model', `--cpu ${text}: ${refusal}`);
  return { cpu: text };
}

/** Most bytes of the name that STSI 3.2.2 takes. */
const LONGEST_NAME = 255;

/** A guest's name, of which the first eight characters are its short name. */
export function guestName(text: string): string {
  if (text === '' || Buffer.byteLength(text) > LONGEST_NAME) {
    throw new UserError('guest-name', `--name: give a name of 1 to ${LONGEST_NAME} bytes`);
  }
  return text;
}

/** The 16 bytes of a UUID. */
export function guestUuid(text: string): Uint8Array {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) {
    const example = '0123abcd-4567-89ab-cdef-0123456789ab';
    throw new UserError('guest-uuid', `--uuid ${text} is no UUID: write one such as ${example}`);
  }
  return Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex'));
}

/** What `--name` and `--uuid` say, each undefined when not given. */
export function guestIdentity({
  name,
  uuid,
}: {
  readonly name: string | undefined;
  readonly uuid: string | undefined;
}): {
  readonly name: string | undefined;
  readonly uuid: Uint8Array | undefined;
} {
  return {
    name: name === undefined ? undefined : guestName(name),
    uuid: uuid === undefined ? undefined : guestUuid(uuid),
  };
}

/** The TOD clock of a guest begins again in September 2042. */
const LAST_DATE = Date.UTC(2042, 8, 1);

/** What `--date` says, in milliseconds since 1970; nothing when it was not given. A date without a time zone is UTC. */
export function guestDate(text: string | undefined, host: Pick<Host, 'date'>): { readonly date?: number } {
  if (text === undefined) return {};
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  const zoned = iso?.[1] !== undefined && iso[4] === undefined ? `${text}Z` : text;
  const date = text === 'now' ? host.date() : iso === null ? Number.NaN : Date.parse(zoned);
  if (date >= 0 && date < LAST_DATE) return { date };
  throw new UserError('guest-date', `--date ${text}: give now, or a date from 1970 to 2042 such as 2026-01-31T12:00Z`);
}

/** A place of the host's network. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** `PORT`, `HOST:PORT` or `[IPV6]:PORT`, this machine without a host; undefined when it is none of these. */
export function socketAddress(text: string): SocketAddress | undefined {
  const found = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d+)$/.exec(text);
  const port = Number(found?.[3] ?? Number.NaN);
  return found === null || !(port <= 65535) ? undefined : { host: found[1] ?? (found[2] || LOOPBACK), port };
}

/** An address as `socketAddress` takes it. */
export function showAddress({ host, port }: SocketAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where a guest is waited for that moves here; undefined when none is. */
export function incomingAddress(text: string | undefined): SocketAddress | undefined {
  if (text === undefined) return undefined;
  const found = socketAddress(text);
  if (found !== undefined) return found;
  throw new UserError('incoming-address', `--incoming ${text}: give PORT, HOST:PORT or [IPV6]:PORT`);
}

/** Where the gdb server listens; undefined for `none`; port 0 takes a free one. */
export function gdbAddress(text: string): SocketAddress | undefined {
  if (text === 'none') return undefined;
  const found = socketAddress(text);
  if (found !== undefined) return found;
  throw new UserError(
    'gdb-address',
    `--gdb ${text}: give PORT, HOST:PORT or [IPV6]:PORT with a port up to 65535, or none`,
  );
}

/** The address that gdb looks for by habit. */
export const defaultGdbAddress = String(DEFAULT_PORT);

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

/** What gdb is told to attach to a server. */
export function attachTarget({ host, port }: SocketAddress): string {
  const anywhere = host === LOOPBACK || host === '0.0.0.0' || host === '::' || host === 'localhost';
  return anywhere ? `:${port}` : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A word as a shell takes it for one. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
