import type { CommandRow } from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { breakAsce } from './break-asce.ts';
import { clock } from './clock.ts';
import { dirty } from './dirty.ts';
import { dump } from './dump.ts';
import { gmap } from './gmap.ts';
import { intercepts } from './intercepts.ts';
import { lowcore } from './lowcore.ts';
import { map } from './map.ts';
import { psw } from './psw.ts';
import { read } from './read.ts';
import { skeys } from './skeys.ts';
import { stepMode } from './step-mode.ts';
import { translator } from './translator.ts';
import { vcpu } from './vcpu.ts';
import { walk } from './walk.ts';

/** The monitor commands of the s390x wing. */
export const s390xCommands: readonly CommandRow<S390xGuest>[] = [
  breakAsce,
  clock,
  dirty,
  dump,
  gmap,
  intercepts,
  lowcore,
  map,
  psw,
  read,
  skeys,
  stepMode,
  translator,
  vcpu,
  walk,
];
