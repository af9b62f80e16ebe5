import type { Body } from '../ir/recorder.ts';
import type { EngineRow } from './arch.ts';

/** A row of an engine's table whose body is asked for when it is needed. */
export class LazyRow implements EngineRow {
  readonly mnemonic: string;
  readonly #body: () => Body;

  constructor(mnemonic: string, body: () => Body) {
    this.mnemonic = mnemonic;
    this.#body = body;
  }

  get body(): Body {
    return this.#body();
  }
}
