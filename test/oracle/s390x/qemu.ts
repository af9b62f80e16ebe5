/** Runs a test image under qemu-system-s390x and reads its results through the monitor. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atDisabledWait, QemuEnded } from '../../support/qemu.ts';
import { MachineEnded, type Oracle } from './comparison.ts';
import type { OracleImage } from './image.ts';
import { knownDifferences, missingThere } from './known-differences.ts';
import { storageFor } from './layout.ts';

/** The CPU model: every facility that QEMU has. */
const MODEL = 'max';

/** QEMU as an oracle. */
export const qemuOracle: Oracle = {
  run: runUnderQemu,
  vectors: true,
  differences: knownDifferences,
  missing: missingThere,
};

async function runUnderQemu(image: OracleImage): Promise<Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-qemu-'));
  try {
    const kernel = join(directory, 'image');
    const dump = join(directory, 'results');
    writeFileSync(kernel, image.bytes);
    const memory = storageFor(image.cases.length) >> 20;
    const args = ['-cpu', MODEL, '-accel', 'tcg'];
    return await atDisabledWait({ image: kernel, memory, args }, async (monitor) => {
      const { mask, address } = await monitor.cpu();
      if (address !== 0n) throw new Error(`the image stopped with ${mask.toString(16)} ${address.toString(16)}`);
      await monitor.ask('pmemsave', { val: image.results, size: image.resultBytes, filename: dump });
      return readFileSync(dump);
    });
  } catch (error) {
    throw error instanceof QemuEnded ? new MachineEnded(error.message) : error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
