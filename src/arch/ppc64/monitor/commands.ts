import type { CommandRow } from '../../../monitor/command.ts';
import type { Ppc64Guest } from '../guest.ts';
import { catchEvents } from './catch.ts';
import { dump } from './dump.ts';
import { dirty, hcalls, partition } from './hypervisor.ts';
import { clock, msr, taken } from './msr.ts';
import { hpt, slb, vrma, walk } from './page-table.ts';

/** The monitor commands of the ppc64 wing. */
export const ppc64Commands: readonly CommandRow<Ppc64Guest>[] = [
  catchEvents,
  clock,
  dirty,
  dump,
  hcalls,
  hpt,
  taken,
  msr,
  partition,
  slb,
  vrma,
  walk,
];
