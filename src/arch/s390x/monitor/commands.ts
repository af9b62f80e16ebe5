import type { CommandRow } from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';

/** The monitor commands of the s390x wing. */
export const s390xCommands: readonly CommandRow<S390xGuest>[] = [];
