import { retry } from './dispatch.ts';
import type { InstructionHandler } from './privileged.ts';

/** ISKE, RRBE and SSKE are intercepted until the first of them turns key keeping on; then the machine does them. */
const enableAndRetry: InstructionHandler = (v) => {
  v.vm.enableKeys();
  return retry(v);
};

/** Handlers of this file by opcode. */
export const keyHandlers: readonly (readonly [number, InstructionHandler])[] = [
  [0xb229, enableAndRetry],
  [0xb22a, enableAndRetry],
  [0xb22b, enableAndRetry],
];
