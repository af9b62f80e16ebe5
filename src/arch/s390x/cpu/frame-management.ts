/** What PERFORM FRAME MANAGEMENT FUNCTION does to a frame, whoever carries it out. */

import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { S390xCore } from './core.ts';
import { KEY, setKeyUnless } from './storage-keys.ts';

/** Bits of its first operand. */
export const PFMF = {
  reserved: 0xfffc_0101,
  setKey: 0x2_0000,
  clear: 0x1_0000,
  sizeCode: 0x7000,
  nonquiescing: 0x800,
  referenceMask: 0x400,
  changeMask: 0x200,
} as const;

/** Clears a frame and sets its key, as far as `control` says. */
export function manageFrame(core: S390xCore, frame: number, control: number): void {
  const { complex } = core;
  if ((control & PFMF.clear) !== 0) {
    complex.frames.storing(frame * PAGE_BYTES);
    complex.storage.fill(frame * PAGE_BYTES, PAGE_BYTES, 0);
    complex.stored(frame * PAGE_BYTES, PAGE_BYTES);
  }
  if ((control & PFMF.setKey) === 0) return;
  const conditional = core.has('conditional-sske');
  const ignored = conditional
    ? ((control & PFMF.referenceMask) !== 0 ? KEY.reference : 0) | ((control & PFMF.changeMask) !== 0 ? KEY.change : 0)
    : 0;
  setKeyUnless(complex, frame, control & KEY.all, ignored);
}
