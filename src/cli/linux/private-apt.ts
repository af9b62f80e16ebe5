import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DebianPort } from '../../wing/wing.ts';
import { UserError } from '../user-error.ts';

/** What to do where no kernel can be fetched. */
export function instead({ architecture, kernelFile, commandLine, cpu }: DebianPort): string {
  const model = cpu === undefined ? '' : ` --cpu ${cpu}`;
  const run = `guestscope run ${kernelFile} --initrd initrd.img --append "${commandLine}"${model}`;
  return `or take any ${architecture} kernel: ${run}`;
}

/** Told what is done, and how far it has come, in percent. */
export interface Teller {
  say(line: string): void;
  done(percent: number): void;
}

/** Where apt writes how far it has come: lines of `dlstatus:number:percent:words`. */
const STATUS_FILE = 3;
const STATUS = ['-o', `APT::Status-Fd=${STATUS_FILE}`] as const;
const PERCENT = /^dlstatus:[^:]*:([\d.]+):/gm;

/** Packages that a kernel's own may only name: the kernel, and its modules. */
const KERNEL_PART = /^linux-(binary|modules)-/;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `absent` when there is no such program. */
function run(
  program: string,
  args: readonly string[],
  cwd: string,
  done: (percent: number) => void,
): Promise<Ended | 'absent'> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.stdio[STATUS_FILE]?.on('data', (chunk: Buffer) => {
      for (const [, percent] of chunk.toString('latin1').matchAll(PERCENT)) done(Number(percent));
    });
    child.on('error', (error) => ('code' in error && error.code === 'ENOENT' ? resolve('absent') : reject(error)));
    child.on('close', (code) => resolve({ status: code, stdout, stderr }));
  });
}

/** An apt for packages of an architecture that keeps all its state in one directory. It reads the system's sources and settings. */
export class PrivateApt {
  readonly #home: string;
  readonly #port: DebianPort;
  readonly #options: readonly string[];
  readonly #teller: Teller;
  /** What went wrong while the lists were read: where a package is missing, that is why. */
  #complaint = '';

  /** The directory is made. */
  constructor(home: string, port: DebianPort, teller: Teller) {
    this.#home = home;
    this.#port = port;
    this.#teller = teller;
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
    this.#teller.say('reading the lists of packages');
    // Where one mirror is at work on itself, apt-get ends with an error, and has the lists of all others.
    const ended = await this.#ended('apt-get', [...this.#options, ...STATUS, '-q', 'update']);
    this.#complaint = firstComplaint(ended.stderr);
  }

  /** The release of the kernel that Debian installs now, such as `6.1.0-50-s390x`. */
  async kernelRelease(): Promise<string> {
    const { stdout } = await this.#command('apt-cache', [...this.#options, 'depends', this.#port.kernelPackage]);
    const found = /Depends: linux-image-(\S+)/.exec(stdout)?.[1];
    if (found === undefined) throw this.#failure(`apt-cache names no kernel for ${this.#port.kernelPackage}`, '');
    return found;
  }

  /** The packages that hold parts of a kernel, that package's name included, as far as they depend on each other. */
  async kernelParts(name: string): Promise<readonly string[]> {
    const found = new Set([name]);
    for (const one of found) {
      const { stdout } = await this.#command('apt-cache', [...this.#options, 'depends', one]);
      for (const [, part = ''] of stdout.matchAll(/Depends: (\S+)/g)) if (KERNEL_PART.test(part)) found.add(part);
    }
    return [...found];
  }

  /** Fetches a package and unpacks it into a directory. Nothing is installed. */
  async unpack(name: string, into: string): Promise<void> {
    const where = await this.#command('apt-get', [...this.#options, '-q', 'download', '--print-uris', name]);
    const [, file, size] = /^'[^']*' (\S+) (\d+)/m.exec(where.stdout) ?? [];
    if (file === undefined) throw this.#failure(`apt-get knows no place to fetch ${name} from`, '');
    this.#teller.say(`fetching ${name} (${Math.ceil(Number(size) / 1e6)} MB)`);
    await this.#command('apt-get', [...this.#options, ...STATUS, '-q', 'download', name]);
    this.#teller.say(`unpacking ${name}`);
    mkdirSync(into, { recursive: true });
    await this.#command('dpkg-deb', ['-x', file, into]);
    rmSync(join(this.#home, file));
  }

  async #ended(program: string, args: readonly string[]): Promise<Ended> {
    const ended = await run(program, args, this.#home, (percent) => this.#teller.done(percent));
    if (ended !== 'absent') return ended;
    const why = `no ${program} here, and a kernel is fetched by Debian's`;
    throw new UserError('linux-unavailable', `${why}: ${instead(this.#port)}`);
  }
  async #command(program: string, args: readonly string[]): Promise<Ended> {
    const ended = await this.#ended(program, args);
    if (ended.status !== 0) throw this.#failure(`${program} failed`, firstComplaint(ended.stderr));
    return ended;
  }

  #failure(what: string, why: string): UserError {
    const reasons = [...new Set([why, this.#complaint])].filter((r) => r !== '').join('; ');
    const because = reasons === '' ? '' : ` (${reasons})`;
    return new UserError(
      'linux-unavailable',
      `${what}${because}: look at the network and /etc/apt, ${instead(this.#port)}`,
    );
  }
}

/** The line that says most: apt begins errors with E: and warnings with W:, and ends with what follows from them. */
function firstComplaint(text: string): string {
  const lines = text.split('\n').map((l) => l.trim());
  const found =
    lines.find((l) => l.startsWith('E:')) ?? lines.find((l) => l.startsWith('W:')) ?? lines.findLast(Boolean);
  return found ?? '';
}
