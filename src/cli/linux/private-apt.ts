import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DebianPort } from '../../wing/wing.ts';
import { UserError } from '../user-error.ts';

const run = promisify(execFile);

/** What to do where no kernel can be fetched. */
export const instead = 'or take any s390x kernel: guestscope run vmlinuz --initrd initrd.img --append "console=ttyS1"';

/** An apt for packages of an architecture that keeps all its state in one directory. It reads the system's sources and settings. */
export class PrivateApt {
  readonly #home: string;
  readonly #port: DebianPort;
  readonly #options: readonly string[];
  readonly #say: (line: string) => void;
  /** What went wrong while the lists were read: where a package is missing, that is why. */
  #complaint = '';

  /** The directory is made. */
  constructor(home: string, port: DebianPort, say: (line: string) => void) {
    this.#home = home;
    this.#port = port;
    this.#say = say;
    for (const d of ['state/lists/partial', 'cache/archives/partial']) mkdirSync(join(home, d), { recursive: true });
    writeFileSync(join(home, 'status'), '');
    this.#options = [
      `APT::Architecture=${port.architecture}`,
      `APT::Architectures=${port.architecture}`,
      'APT::Sandbox::User=root',
      'Acquire::Languages=none',
      `Dir::State=${join(home, 'state')}`,
      `Dir::State::status=${join(home, 'status')}`,
      `Dir::Cache=${join(home, 'cache')}`,
    ].flatMap((o) => ['-o', o]);
  }

  /** Reads the lists of packages. A source that cannot be read is no error yet: another one may have what is wanted. */
  async update(): Promise<void> {
    this.#say('reading the lists of packages');
    const { stderr } = await this.#command('apt-get', [...this.#options, '-q', 'update']);
    this.#complaint = firstComplaint(stderr);
  }

  /** The release of the kernel that Debian installs now, such as `6.1.0-50-s390x`. */
  async kernelRelease(): Promise<string> {
    const { stdout } = await this.#command('apt-cache', [...this.#options, 'depends', this.#port.kernelPackage]);
    const found = /Depends: linux-image-(\S+)/.exec(stdout)?.[1];
    if (found === undefined) throw this.#failure(`apt-cache names no kernel for ${this.#port.kernelPackage}`, '');
    return found;
  }

  /** Fetches a package and unpacks it into a directory. Nothing is installed. */
  async unpack(name: string, into: string): Promise<void> {
    const where = await this.#command('apt-get', [...this.#options, '-q', 'download', '--print-uris', name]);
    const [, file, size] = /^'[^']*' (\S+) (\d+)/m.exec(where.stdout) ?? [];
    if (file === undefined) throw this.#failure(`apt-get knows no place to fetch ${name} from`, '');
    this.#say(`fetching ${name} (${Math.ceil(Number(size) / 1e6)} MB)`);
    await this.#command('apt-get', [...this.#options, '-q', 'download', name]);
    this.#say(`unpacking ${name}`);
    mkdirSync(into, { recursive: true });
    await this.#command('dpkg-deb', ['-x', file, into]);
    rmSync(join(this.#home, file));
  }

  async #command(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    try {
      const env = { ...process.env, LC_ALL: 'C' };
      return await run(program, [...args], { cwd: this.#home, maxBuffer: 1 << 26, env });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        throw new UserError('linux-unavailable', `no ${program} here, and a kernel is fetched by Debian's: ${instead}`);
      }
      const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
      throw this.#failure(`${program} failed`, firstComplaint(text));
    }
  }

  #failure(what: string, why: string): UserError {
    const reasons = [...new Set([why, this.#complaint])].filter((r) => r !== '').join('; ');
    const because = reasons === '' ? '' : ` (${reasons})`;
    return new UserError('linux-unavailable', `${what}${because}: look at the network and /etc/apt, ${instead}`);
  }
}

/** The line that says most: apt begins errors with E: and warnings with W:, and ends with what follows from them. */
function firstComplaint(text: string): string {
  const lines = text.split('\n').map((l) => l.trim());
  const found =
    lines.find((l) => l.startsWith('E:')) ?? lines.find((l) => l.startsWith('W:')) ?? lines.findLast(Boolean);
  return found ?? '';
}
