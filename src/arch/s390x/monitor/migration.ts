import {
  type Answer,
  type CommandRow,
  command,
  item,
  mistake,
  oneOf,
  optional,
  words,
} from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { attributeGroups } from '../kvm/attributes/row.ts';
import { setAttribute } from '../kvm/attributes/table.ts';

/** Numbers of the attributes. */
const orders = { stop: 0, start: 1 } as const;

/** `migration`: the VM's migration mode. */
export const migration: CommandRow<S390xGuest> = command(
  'migration',
  {
    words: words(optional(oneOf('start', 'stop', 'status'))),
    usage: '[start|stop|status]',
    summary: 'enter or leave migration mode, in which stores and changes of usage states are logged by slot',
    details: ['The guest does not notice. start turns the logs of all slots on, stop turns them off.'],
  },
  function* ({ guest }, [what = 'status']): Answer {
    const { vm } = guest;
    if (what !== 'status') {
      if (what === 'start') for (const { slot } of vm.slots()) vm.logs.set(slot, true);
      const error = setAttribute(vm, attributeGroups.migration, orders[what]);
      if (error !== undefined) return mistake(`the VM refuses: ${error}`);
      if (what === 'stop') for (const { slot } of vm.slots()) vm.logs.set(slot, false);
    }
    yield item('migration', vm.cmma.migrating, vm.cmma.migrating ? 'on' : 'off');
    yield item('dirtyStates', vm.cmma.dirtyBlocks);
    yield item('dirtyPages', vm.dirtyLog.reader('slots')?.count() ?? 0);
    return undefined;
  },
);
