import type { CommandRow } from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { attr } from './attr.ts';
import { breakAsce } from './break-asce.ts';
import { catchEvents } from './catch.ts';
import { clock } from './clock.ts';
import { cmma } from './cmma.ts';
import { dirty } from './dirty.ts';
import { dump } from './dump.ts';
import { gmap } from './gmap.ts';
import { intercepts } from './intercepts.ts';
import { irq } from './irq.ts';
import { level } from './level.ts';
import { lowcore } from './lowcore.ts';
import { map } from './map.ts';
import { migration } from './migration.ts';
import { per } from './per.ts';
import { psw } from './psw.ts';
import { read } from './read.ts';
import { sie } from './sie.ts';
import { skeys } from './skeys.ts';
import { stats } from './stats.ts';
import { stepMode } from './step-mode.ts';
import { trace } from './trace.ts';
import { translate } from './translate.ts';
import { translator } from './translator.ts';
import { vcpu } from './vcpu.ts';
import { walk } from './walk.ts';

/** The monitor commands of the s390x wing. */
export const s390xCommands: readonly CommandRow<S390xGuest>[] = [
  attr,
  breakAsce,
  catchEvents,
  clock,
  cmma,
  dirty,
  dump,
  gmap,
  intercepts,
  irq,
  level,
  lowcore,
  map,
  migration,
  per,
  psw,
  read,
  sie,
  skeys,
  stats,
  stepMode,
  trace,
  translate,
  translator,
  vcpu,
  walk,
];
