/** Runs images under the real qemu-system-s390x and reads what the guest left behind. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** The state of the first CPU after it ended in a disabled wait. */
export interface QemuEnd {
  readonly mask: bigint;
  readonly address: bigint;
  readonly gr: readonly bigint[];
}

/** Boots an image with 16 MiB until its CPU stops for good. */
export async function runUnderQemu(image: string): Promise<QemuEnd> {
  const args = ['-M', 's390-ccw-virtio', '-m', '16', '-display', 'none', '-nodefaults', '-no-shutdown'];
  const qemu = spawn('qemu-system-s390x', [...args, '-action', 'panic=pause', '-qmp', 'stdio', '-kernel', image], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: qemu.stdout })[Symbol.asyncIterator]();
  const ask = async (execute: string, rest: object = {}): Promise<unknown> => {
    qemu.stdin.write(`${JSON.stringify({ execute, ...rest })}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`QEMU ended before it answered ${execute}`);
      const answer: unknown = JSON.parse(value);
      if (isObject(answer) && 'error' in answer) throw new Error(`QEMU refuses ${execute}: ${value}`);
      if (isObject(answer) && 'return' in answer) return answer['return'];
    }
  };
  try {
    await ask('qmp_capabilities');
    for (;;) {
      const status = await ask('query-status');
      if (isObject(status) && status['running'] === false) break;
      await sleep(5);
    }
    const text = await ask('human-monitor-command', { arguments: { 'command-line': 'info registers' } });
    return parseRegisters(String(text));
  } finally {
    qemu.kill('SIGKILL');
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parseRegisters(text: string): QemuEnd {
  const psw = /PSW=mask ([0-9a-f]+) addr ([0-9a-f]+)/.exec(text);
  if (psw === null) throw new Error(`QEMU shows no PSW: ${text}`);
  const gr = Array.from({ length: 16 }, (_, n) => {
    const found = new RegExp(`R${String(n).padStart(2, '0')}=([0-9a-f]+)`).exec(text);
    return BigInt(`0x${found?.[1] ?? ''}`);
  });
  return { mask: BigInt(`0x${psw[1] ?? ''}`), address: BigInt(`0x${psw[2] ?? ''}`), gr };
}
