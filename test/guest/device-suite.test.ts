import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../src/cli/cli.ts';
import { consoleUnderQemu } from '../support/qemu.ts';
import { describeWithTools } from '../support/tools.ts';
import { fakeHost } from '../unit/cli/fake-host.ts';

const execute = promisify(execFile);
const [name, uuid] = ['suite for s390x', '0123abcd-4567-89ab-cdef-0123456789ab'];
const source = join(import.meta.dirname, 'device-suite');
const flags =
  '-O1 -march=z10 -msoft-float -ffreestanding -fno-builtin -fno-pic -no-pie -nostdlib -static -Wl,--build-id=none';

describeWithTools(['s390x-linux-gnu-gcc', 'qemu-system-s390x'], 'an image of a suite for bare machines', () => {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-suite-'));
  const [image, disk] = [join(directory, 'suite.elf'), join(directory, 'disk.img')];
  beforeAll(async () => {
    const sources = ['start.S', 'suite.c'].map((file) => join(source, file));
    const script = `-Wl,-T,${join(source, 'suite.lds')}`;
    await execute('s390x-linux-gnu-gcc', [...flags.split(' '), script, '-o', image, ...sources]);
    writeFileSync(disk, '');
    truncateSync(disk, 1 << 20);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** What stands on the ASCII console under QEMU; what the line-mode console shows is the same, and is dropped. */
  function underQemu(commandLine: string): Promise<string> {
    const lineMode = '-chardev null,id=l -device sclplmconsole,chardev=l';
    const device = `-drive file=${disk},if=none,id=d,format=raw -device virtio-blk-ccw,drive=d,devno=fe.0.0001`;
    const args = [...`${lineMode} ${device}`.split(' '), '-name', name, '-uuid', uuid, '-append', commandLine];
    return consoleUnderQemu({ image, memory: 64, args });
  }
  async function underGuestscope(commandLine: string): Promise<{ status: number; out: string }> {
    const host = fakeHost();
    const options = [
      '--memory',
      '64M',
      '--gdb',
      'none',
      '--disk',
      disk,
      '--name',
      name,
      '--uuid',
      uuid,
      '--append',
      commandLine,
    ];
    const { status } = await main(['run', image, ...options], host);
    return { status, out: host.stdout.text };
  }

  test('passes, prints what it prints under QEMU, and ends with 0', async () => {
    const { status, out } = await underGuestscope('verbose');
    expect(out).toBe(await underQemu('verbose'));
    expect(out).toContain(`this is ${name} 162 164 137 163 133 64 134 150 1 35 171 205`);
    expect(out.match(/^PASS: /gm)?.length).toBeGreaterThan(50);
    expect(out).not.toContain('FAIL');
    expect(status).toBe(0);
  });

  test('fails when it is told to, and ends with 1', async () => {
    const { status, out } = await underGuestscope('fail');
    expect(out).toContain('FAIL: this one fails: -1 instead of 1\n\nEXIT: STATUS=3\n');
    expect(status).toBe(1);
  });
});
