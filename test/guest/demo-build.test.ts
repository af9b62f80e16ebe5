import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { emptyKernel, kernels } from '../bench/kernels.ts';
import { type Console, Qemu } from '../support/qemu.ts';
import { describeWithTools, tool } from '../support/tools.ts';

const guests = fileURLToPath(new URL('../../guests/', import.meta.url));

const images = [
  { directory: 'demo', names: ['demo.elf', 'user31.elf'] },
  { directory: 'bench', names: [emptyKernel, ...kernels.map(({ name }) => name)].map((name) => `${name}.elf`) },
] as const;

describeWithTools(['powerpc64-linux-gnu-gcc'], 'the committed guest image of ppc64', () => {
  test('guests/demo-ppc64: the sources give the committed bytes', () => {
    const out = mkdtempSync(join(tmpdir(), 'guestscope-guests-'));
    onTestFinished(() => rmSync(out, { recursive: true }));
    execFileSync('make', ['-s', '-B', `OUT=${out}`], { cwd: join(guests, 'demo-ppc64'), stdio: 'pipe' });
    const committed = readFileSync(join(guests, 'demo-ppc64/demo.elf'));
    const stale = 'demo.elf differs: run make in guests/demo-ppc64 and commit it';
    expect(loadedBytes(readFileSync(join(out, 'demo.elf'))), stale).toEqual(loadedBytes(committed));
  });
});

describeWithTools(['s390x-linux-gnu-gcc'], 'committed guest images', () => {
  let out: string;
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'guestscope-guests-'));
  });
  afterAll(() => {
    rmSync(out, { recursive: true });
  });

  for (const { directory, names } of images) {
    test(`guests/${directory}: the sources give the committed bytes`, async ({ annotate }) => {
      execFileSync('make', ['-s', `OUT=${out}`], { cwd: join(guests, directory), stdio: 'pipe' });
      for (const name of names) {
        const committed = readFileSync(join(guests, directory, name));
        const rebuilt = readFileSync(join(out, name));
        if (sameCompiler()) {
          const stale = `${name} differs: run make in guests/${directory} and commit it`;
          expect(rebuilt.equals(committed), stale).toBe(true);
        } else {
          await annotate(`${name}: this compiler is not the one that built it, only what is loaded was compared`);
          expect(loadedBytes(rebuilt), name).toEqual(loadedBytes(committed));
        }
      }
    });
  }

  /** Whether the compiler here is the version that demo.elf's debug information names. */
  function sameCompiler(): boolean {
    const version = execFileSync(tool('s390x-linux-gnu-gcc'), ['-dumpfullversion'], { encoding: 'latin1' }).trim();
    return readFileSync(join(guests, 'demo/demo.elf')).includes(`GNU C11 ${version}\0`, 0, 'latin1');
  }
});

describeWithTools(['qemu-system-s390x'], 'the demo guest under QEMU', () => {
  for (const { device, name } of [
    { device: 'sclplmconsole', name: 'line mode' },
    { device: 'sclpconsole', name: 'ascii' },
  ] as const) {
    test(`boots on the ${name} console and goes on beating`, async () => {
      const lines = await linesUntil(device, /^demo: heartbeat 2 [^\n]*\n/m);
      expect(lines[0]).toMatch(/^demo: guestscope demo guest, 16 MiB, facilities [0-9a-f]{16} [0-9a-f]{16}$/);
      expect(lines[1]).toContain(`console ${name}`);
      expect(lines).toContain('demo: the cpu timer has run out, as it was set to');
      expect(lines.join('\n')).not.toContain('panic');
      const beat = /^demo: heartbeat 2 {2}ticks=(\d+) faults=(\d+) 64-bit prime=(\d+) 31-bit fib=(\d+) window=0x/;
      const numbers = beat.exec(lines.at(-1) ?? '')?.slice(1);
      expect(numbers).toHaveLength(4);
      expect(numbers).not.toContain('0');
    });
  }

  /** Console lines up to the end of the first match; the guest itself would go on for ever. */
  async function linesUntil(console: Console, last: RegExp): Promise<string[]> {
    const qemu = new Qemu({ image: join(guests, 'demo/demo.elf'), memory: 16, console });
    onTestFinished(() => qemu.kill());
    const found = await qemu.output.find(last);
    const text = qemu.output.text.slice(0, found.index + found[0].length);
    return text.split(/\r?\n/).filter((line) => line !== '');
  }
});

/** The program headers' file contents, in order: what a loader puts into storage. */
function loadedBytes(elf: Buffer): Buffer[] {
  const is64 = elf.readUInt8(4) === 2;
  const first = is64 ? Number(elf.readBigUInt64BE(0x20)) : elf.readUInt32BE(0x1c);
  const size = elf.readUInt16BE(is64 ? 0x36 : 0x2a);
  const count = elf.readUInt16BE(is64 ? 0x38 : 0x2c);
  return Array.from({ length: count }, (_, i) => {
    const header = first + i * size;
    const offset = is64 ? Number(elf.readBigUInt64BE(header + 8)) : elf.readUInt32BE(header + 4);
    const length = is64 ? Number(elf.readBigUInt64BE(header + 0x20)) : elf.readUInt32BE(header + 0x10);
    return elf.subarray(offset, offset + length);
  });
}
