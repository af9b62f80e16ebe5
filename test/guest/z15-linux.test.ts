import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installed, lack } from '../support/installed.ts';
import { type BootEnd, bootLinux, findLinux, linuxImages } from '../support/linux.ts';
import { describeUnless, tool } from '../support/tools.ts';

const run = promisify(execFile);
/** Where `guests/s390x-linux/build-kernel.sh` has been told to leave its kernel. */
const built = join(
  process.env.GUESTSCOPE_CACHE_S390X ?? join(homedir(), '.cache', 'guestscope', 's390x-linux'),
  'vmlinuz',
);
const workload = join(import.meta.dirname, 'z15', 'workload.c');
/** The first one has neither vectors nor decimal floating point: the compiler's library computes. */
const machines = ['z900', 'z10', 'z13', 'z14', 'z15', 'z16'] as const;
const flags = '-O3 -Wall -Wextra -Werror -D_GNU_SOURCE -ffp-contract=off -static'.split(' ');

const linux = await findLinux();
const lacks = [
  ...linux.lacks,
  existsSync(built) ? undefined : 'needs a kernel of guests/s390x-linux/build-kernel.sh',
  existsSync('/usr/s390x-linux-gnu/lib/libc.a') ? undefined : 'needs libc6-dev-s390x-cross',
  lack('s390x-linux-gnu-gcc'),
].filter((words) => words !== undefined);

/** Builds the workload for each machine in a directory. */
async function build(directory: string): Promise<void> {
  const gcc = tool('s390x-linux-gnu-gcc');
  for (const machine of machines)
    await run(gcc, [`-march=${machine}`, ...flags, '-o', join(directory, machine), workload, '-lm']);
}

const script = `uname -a
cat /proc/cpuinfo
cat /proc/crypto
for m in ${machines.join(' ')}; do echo "| == $m"; /root/$m; done
`;

// A build takes a quarter of an hour: where nobody has made one there is none.
describeUnless(
  lacks,
  'Linux for the z15',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'guestscope-workload-'));
    let boot: BootEnd;
    /** All that the console said, its lines as others have them. */
    let output: string;
    let said: ReadonlyMap<string, readonly string[]>;

    beforeAll(async () => {
      if (linux.kernel === undefined) throw new Error(linux.lacks.join());
      await build(directory);
      const files = Object.fromEntries(machines.map((name) => [`/root/${name}`, readFileSync(join(directory, name))]));
      const images = linuxImages(linux.kernel, script, [], { files });
      boot = await bootLinux({
        images: { ...images, kernel: new Uint8Array(readFileSync(built)) },
        vcpus: 2,
        cpu: 'z16',
      });
      output = boot.output.replaceAll('\r', '');
      said = new Map(
        output
          .split(/^\| == /m)
          .slice(1)
          .map((part) => {
            const [name = '', ...lines] = part.split('\n');
            return [name, lines.filter((line) => line.startsWith('| '))] as const;
          }),
      );
    });

    afterAll(() => rmSync(directory, { recursive: true }));

    test('boots to its script, and switches itself off', () => {
      expect(output.slice(-500)).toMatch(/script ended with status 0\s/);
      expect(boot, output.slice(-3000)).toMatchObject({ status: 0 });
      expect(output).toMatch(/Linux guest 6\.1\S*-z15 /);
      expect(output).toMatch(/^features\s*:.* vx vxd vxe gs vxe2 vxp vxp2 /m);
    });
    test('its own tests of ciphers and checksums by vectors and by message-security assists have passed', () => {
      const drivers = [...output.matchAll(/^driver\s+: (\S+)\n(?:.+\n)*?selftest\s+: (\S+)/gm)];
      expect(drivers.filter(([, , result]) => result !== 'passed').map(([, name]) => name)).toEqual([]);
      const names = drivers.map(([, name]) => name);
      for (const name of [
        'sha256-s390',
        'crc32-vx',
        'gcm-aes-s390',
        'xts-aes-s390',
        'sha3-256-s390',
        'ghash-s390',
        'chacha20-s390',
      ])
        expect(names).toContain(name);
      expect(output).not.toMatch(/alg: .*fail/);
    });
    test('no warning and no stall on the way', () => {
      expect(output).not.toMatch(/WARNING:|BUG:|Oops|rcu.*stall|soft lockup|Call Trace|User process fault/);
    });
    test.each(machines.slice(1))('a program for the %s says what one for the first machine says', (machine) => {
      expect(said.get(machine)).toEqual(said.get('z900'));
      expect(said.get(machine)).toHaveLength(8);
    });

    const qemu = installed('qemu-s390x');
    const needs = qemu === undefined ? ['needs qemu-s390x of the package qemu-user'] : [];
    describeUnless(
      needs,
      'beside QEMU',
      () => {
        test.each(
          machines,
        )('a program for the %s says the same there, as far as QEMU has its instructions', async (machine) => {
          const { stdout } = await run(qemu ?? '', ['-cpu', 'max', join(directory, machine), 'binary']);
          expect(said.get(machine)?.slice(0, 6)).toEqual(stdout.trim().split('\n'));
        });
      },
      { required: false },
    );
  },
  { required: false },
);
