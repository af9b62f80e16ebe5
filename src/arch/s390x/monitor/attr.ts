import { bytesToHex } from '../../../bits/hex.ts';
import {
  type Answer,
  type CommandRow,
  command,
  type Item,
  item,
  mistake,
  optional,
  word,
  words,
} from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { type AttributeRow, attributeGroups } from '../kvm/attributes/row.ts';
import { attributeRows, getAttribute } from '../kvm/attributes/table.ts';
import type { KvmVm } from '../kvm/vm.ts';

const SHOWN_BYTES = 48;

/** `attr`: the VM's device attributes. */
export const attr: CommandRow<S390xGuest> = command(
  'attr',
  {
    words: words(optional(word('GROUP')), optional(word('NAME'))),
    usage: '[GROUP [NAME]]',
    summary: "show the VM's device attributes: numbers, calls, what they are now",
    details: ['With NAME, all bytes of the attribute, as the interface gives them.'],
  },
  function* ({ guest }, [group, name]): Answer {
    const rows = attributeRows.filter((row) => (group ?? row.group) === row.group && (name ?? row.name) === row.name);
    if (rows.length === 0) {
      return mistake(`there is no such attribute; groups are ${Object.keys(attributeGroups).join(', ')}`);
    }
    for (const row of rows) yield attributeItem(guest.vm, row, name !== undefined);
    return undefined;
  },
);

function attributeItem(vm: KvmVm, row: AttributeRow, whole: boolean): Item {
  const group = attributeGroups[row.group];
  const found = row.get === undefined ? undefined : getAttribute(vm, group, row.attribute ?? 0);
  const now = found === undefined ? null : found.ok ? bytesToHex(found.value) : found.error;
  const calls = [row.set === undefined ? '' : 'set', row.get === undefined ? '' : 'get'].filter((call) => call !== '');
  const has = row.has(vm) ?? 'yes';
  const short = now === null ? '' : now.length > SHOWN_BYTES && !whole ? `${now.slice(0, SHOWN_BYTES)}...` : now;
  const numbers = `${group}/${row.attribute ?? 'N'}`;
  return item(
    `${row.group}.${row.name}`,
    { group, attribute: row.attribute ?? null, has, calls, value: now },
    `${numbers} ${row.title}; ${calls.join(' and ')}${has === 'yes' ? '' : `; has: ${has}`}${short === '' ? '' : `; is ${short}`}`,
  );
}
