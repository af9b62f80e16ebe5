/** Bare-metal programs that test their machine, of test/guest/cpu-suites. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from './tools.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../guest/cpu-suites');
const flags =
  '-m64 -march=zEC12 -O1 -Wall -Werror -msoft-float -ffreestanding -fno-tree-loop-distribute-patterns -nostdlib -static -fno-pic -no-pie -Wl,-Ttext=0x20000 -Wl,--build-id=none';

/** Builds a suite into a directory; the path of its image. */
export async function buildSuite(name: string, directory: string): Promise<string> {
  const image = join(directory, `${name}.elf`);
  const sources = ['start.S', 'suite.c', `${name}.c`].map((file) => join(folder, file));
  await run(tool('s390x-linux-gnu-gcc'), [...flags.split(' '), '-o', image, ...sources]);
  return image;
}
