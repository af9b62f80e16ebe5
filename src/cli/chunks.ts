import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { passingBytes, wholeFile } from './file-bytes.ts';

/** Set while the build runs the program so that its code is kept. Nothing else may have changed V8's flags then. */
export const KEEP_CODE = 'GUESTSCOPE_KEEP_CODE';

/** Modules of the host's that most runs do not need, and that take long to load. */
const isForLater = (name: string): boolean => /^node:(?:crypto|net|child_process|zlib)$/.test(name);

/** Enough for the largest file here. */
const ROOM_BYTES = 4 << 20;

/** What a chunk's functions get, as modules of CommonJS do. */
const head = '(function (exports, require, module, __filename) {';

/**
 * The chunks of the built program, each of which is loaded when it is first asked for. V8's code for them is kept beside them, so that a
 * start parses and compiles nothing again that a run has compiled: a quarter of the time of a short run. V8 refuses code of another
 * version of itself or made under other flags; what one build has kept is for that build and that binary of Node alone. What of the host's
 * most runs do not need is loaded when something of it is first used.
 */
export class Chunks {
  readonly #folder: string;
  readonly #code: string;
  readonly #host: (name: string) => unknown;
  readonly #modules = new Map<string, { exports: unknown }>();
  readonly #scripts = new Map<string, Script>();
  #room: WeakRef<Uint8Array<ArrayBuffer>> | undefined;
  /** Chunks whose kept code was taken. */
  readonly kept: string[] = [];

  /** Those of a build in a folder; `host` is Node's own `require`. */
  constructor(folder: string, build: string, host: (name: string) => unknown) {
    this.#folder = folder;
    // V8 compares no more of the source than its length, and trusts that what it finds is of the same binary.
    const node = `${process.version}-${process.arch}-${statSync(process.execPath).size}`;
    this.#code = join(folder, `code-${build.slice(0, 8)}-${node}`);
    this.#host = host;
  }

  /** What a chunk, `./NAME`, or a module of the host's gives. */
  readonly require = (name: string): unknown => {
    if (!name.startsWith('./')) return isForLater(name) ? later(() => this.#host(name)) : this.#host(name);
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#modules.set(name, module);
    const path = join(this.#folder, name);
    const run: unknown = this.#script(name, path).runInThisContext();
    if (typeof run !== 'function') throw new Error(`${path} is no chunk`);
    run(module.exports, this.require, module, path);
    return module.exports;
  };

  /** Keeps the code of all chunks that are loaded, with what was compiled since, as far as there is none yet. */
  keep(): void {
    mkdirSync(this.#code, { recursive: true });
    for (const [name, script] of this.#scripts) {
      if (!this.kept.includes(name)) writeFileSync(join(this.#code, name), script.createCachedData());
    }
  }

  #script(name: string, filename: string): Script {
    const source = this.#read(filename)?.toString('utf8');
    if (source === undefined) throw new Error(`${filename} is not there: build the program`);
    const cachedData = this.#read(join(this.#code, name));
    const script = new Script(`${head}${source}\n})`, {
      filename,
      columnOffset: -head.length,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    if (cachedData !== undefined && script.cachedDataRejected === false) this.kept.push(name);
    this.#scripts.set(name, script);
    return script;
  }

  // What is read is used up before the next file is, so that all of them come to lie in one place, as long as V8 leaves it there.
  #read(path: string): Buffer | undefined {
    let room = this.#room?.deref();
    if (room === undefined) {
      room = passingBytes(ROOM_BYTES);
      this.#room = new WeakRef(room);
    }
    const bytes = wholeFile(path, room);
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** A module, which is an object, that is loaded when something of it is first asked for. */
function later(load: () => unknown): unknown {
  let found: object | undefined;
  const whole = (): object => {
    if (found !== undefined) return found;
    const loaded = load();
    if ((typeof loaded !== 'object' && typeof loaded !== 'function') || loaded === null) throw new Error('no module');
    found = loaded;
    return loaded;
  };
  return new Proxy(
    {},
    {
      get: (_, name) => Reflect.get(whole(), name),
      has: (_, name) => Reflect.has(whole(), name),
      ownKeys: () => Reflect.ownKeys(whole()),
      getOwnPropertyDescriptor: (_, name) => {
        const found = Reflect.getOwnPropertyDescriptor(whole(), name);
        return found === undefined ? undefined : { ...found, configurable: true };
      },
    },
  );
}
