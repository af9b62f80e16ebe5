/** Debian's KVM in a guest: guests of the guest, by START INTERPRETIVE EXECUTION. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bootLinux, findLinux, type LinuxAssembly, linuxImages } from '../support/linux.ts';
import { describeUnless, describeWithTools, tool } from '../support/tools.ts';

const sources = join(import.meta.dirname, 'nested');
const flags =
  '-march=z196 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -no-pie -fno-stack-protector';

function build(name: string): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-nested-'));
  try {
    const program = join(directory, name);
    execFileSync(tool('s390x-linux-gnu-gcc'), [...flags.split(' '), '-o', program, join(sources, `${name}.c`)]);
    return readFileSync(program);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const linux = await findLinux();

describeUnless(linux.lacks, 'Debian’s KVM in a guest', () => {
  describeWithTools(['s390x-linux-gnu-gcc'], 'with a small user of it', () => {
    test.each([1, 2])('runs programs in a virtual machine, %i CPUs', async (vcpus) => {
      if (linux.kernel === undefined) throw new Error(linux.lacks.join());
      const script = readFileSync(join(sources, 'kvm.sh'), 'utf8');
      const more = { files: { '/root/user': build('kvm') }, loose: ['kvm'] };
      const images = linuxImages(linux.kernel, script, [], more);
      const lines: string[] = [];
      let guest: LinuxAssembly | undefined;
      const end = await bootLinux({
        images,
        vcpus,
        onLine: (line) => lines.push(line),
        prepare: (assembly) => {
          guest = assembly;
        },
      });
      expect(end.status).toBe(0);
      const said = lines.filter((line) => line.startsWith('| ')).map((line) => line.slice(2));
      expect(said).toEqual([
        'insmod 0',
        'sie',
        'API version c',
        // Exit reasons: 0xd says that user space is to look at the interception, 4 is the debugger's.
        'diagnose: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 10008 gr2 2a pgm 0',
        'disabled wait: exit d icptcode 1c ipa 0 ipb 0 psw 2000180000000 dead gr2 0 pgm 0',
        'store beyond memory: exit d icptcode 1c ipa 0 ipb 0 psw 2000180000000 dead gr2 0 pgm 5',
        'operation exception: exit d icptcode 1c ipa 0 ipb 0 psw 2000180000000 dead gr2 0 pgm 1',
        'time: exit d icptcode 4 ipa 8312 ipb 9990000 psw 200180000000 10024 gr2 1 pgm 0',
        'fill: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 10018 gr2 0 pgm 0',
        // 768 pages by the program, and three by whoever put it there.
        'dirty pages: 303, then 0',
        'read: 0 value 123000',
        'write: 0 value 1234567890',
        'read: 0 value 1234567890',
        'read beyond: 5 value 1234567890',
        // A guest that has used no keys has none.
        'get keys: 1',
        'insert key: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 10008 gr2 6 pgm 0',
        'set key: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 1000c gr2 30 pgm 0',
        'insert it: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 10008 gr2 30 pgm 0',
        'get keys: 0 6 30 6 6',
        'set keys: 0',
        'insert that: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 10008 gr2 52 pgm 0',
        'guest debug: 0',
        'step: exit 4 at 10004 psw 180000000 10004 gr2 1 pgm 0',
        'step: exit 4 at 10008 psw 200180000000 10008 gr2 2 pgm 0',
        'on: exit d icptcode 4 ipa 8312 ipb 9990000 psw 200180000000 10010 gr2 3 pgm 0',
        'external call: exit d icptcode 4 ipa 8312 ipb 9990000 psw 300180000000 1000c gr2 0 pgm 0',
        'external call to a second CPU: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 1000c gr2 0 pgm 0',
        'another one: exit d icptcode 4 ipa 8312 ipb 9990000 psw 100180000000 1000c gr2 80 pgm 0',
        'it takes: exit d icptcode 4 ipa 8312 ipb 9990000 psw 180000000 1001c gr2 1202 pgm 0',
        'done',
      ]);
      // Whose guests use keys uses some: they were turned on once.
      expect([...(guest?.monitor.execute('skeys status', 0) ?? [])]).toEqual(['inUse = yes', 'enabled = 1 time']);
    });
  });

  const qemu = fetchedQemu();
  describeUnless(
    qemu.lacks,
    'with Debian’s own QEMU',
    () => {
      test('boots another Linux to its shell', async () => {
        if (linux.kernel === undefined) throw new Error(linux.lacks.join());
        const inner = linuxImages(linux.kernel, readFileSync(join(sources, 'inner.sh'), 'utf8'), []);
        const files = { ...qemu.files, '/root/vmlinuz': inner.kernel, '/root/initrd': inner.initramfs };
        const script = readFileSync(join(sources, 'qemu.sh'), 'utf8');
        const images = linuxImages(linux.kernel, script, [], { files, loose: ['kvm'] });
        const lines: string[] = [];
        const end = await bootLinux({ images, memory: 1024, onLine: (line) => lines.push(line) });
        expect(end.status).toBe(0);
        expect(lines.filter((line) => line.startsWith('| '))).toEqual([
          '| inside: s390x of IBM/S390',
          '| counted 500',
          `| ${createHash('md5')
            .update(new Uint8Array(64 << 16))
            .digest('hex')}  -`,
          '| QEMU ended with 0',
        ]);
      });
    },
    { required: false },
  );
});

/** QEMU for s390x with its libraries, where `nested/fetch-qemu.sh` has put them; a boot of two kernels takes a minute. */
function fetchedQemu(): { readonly files: Record<string, Uint8Array>; readonly lacks: readonly string[] } {
  const folder = process.env.GUESTSCOPE_QEMU_S390X ?? join(homedir(), '.cache', 'guestscope', 'qemu-s390x', 'small');
  const files: Record<string, Uint8Array> = {};
  const lacks: string[] = [];
  if (process.env.GUESTSCOPE_LONG !== '1') lacks.push('only with GUESTSCOPE_LONG=1');
  if (!existsSync(join(folder, 'bin/qemu-system-s390x')))
    lacks.push('needs what test/guest/nested/fetch-qemu.sh fetches');
  if (lacks.length > 0) return { files, lacks };
  for (const part of ['bin', 'lib'])
    for (const name of readdirSync(join(folder, part)))
      files[`/${part}/${name}`] = new Uint8Array(readFileSync(join(folder, part, name)));
  files['/root/s390-ccw.img'] = new Uint8Array(readFileSync(join(folder, 'share/s390-ccw.img')));
  return { files, lacks };
}
