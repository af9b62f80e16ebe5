/** Control registers in words (PoP, "Control Registers"). */

import { CR0, CR9, CR14, iscMask } from '../cpu/control-register-bits.ts';
import { flagNames } from './show.ts';
import { describeAsce } from './space.ts';

/** What a control register's value means, as far as that can be said in a few words; empty otherwise. */
export function describeControlRegister(number: number, value: bigint): string {
  const low = Number(value & 0xffff_ffffn);
  switch (number) {
    case 0:
      return flagNames(low, CR0).join(' ');
    case 1:
      return value === 0n ? '' : `primary: ${describeAsce(value)}`;
    case 7:
      return value === 0n ? '' : `secondary: ${describeAsce(value)}`;
    case 13:
      return value === 0n ? '' : `home: ${describeAsce(value)}`;
    case 6:
      return subclasses(low);
    case 9:
      return flagNames(low, CR9).join(' ');
    case 14:
      return flagNames(low, CR14).join(' ');
    default:
      return '';
  }
}

function subclasses(low: number): string {
  const enabled = [0, 1, 2, 3, 4, 5, 6, 7].filter((isc) => (low & iscMask(isc)) !== 0);
  return enabled.length === 0 ? '' : `I/O subclass${enabled.length === 1 ? '' : 'es'} ${enabled.join(' ')}`;
}
