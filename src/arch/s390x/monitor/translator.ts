import { PAGE_BYTES } from '../../../machine/layout.ts';
import {
  type Answer,
  address,
  type CommandRow,
  command,
  item,
  mistake,
  optional,
  words,
} from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';

/** Regions and refusals that are shown. */
const SHOWN = 10;

/** `translator`: the code that runs as WebAssembly. */
export const translator: CommandRow<S390xGuest> = command(
  'translator',
  {
    words: words(optional(address)),
    usage: '[HOSTADDR]',
    summary: 'hot code that runs as WebAssembly: how much there is, the regions most often entered, what was refused',
    details: [
      'With the host address of an entry: what the region does, as pseudo-code.',
      'None of it is seen by the guest; --engine interpreter does without.',
    ],
  },
  function* ({ guest }, [at]): Answer {
    const { translated } = guest.vm;
    if (translated === undefined) return mistake('all code is interpreted (--engine interpreter)');
    if (at !== undefined) {
      const lines = translated.listing(Number(at));
      if (lines === undefined) return mistake('no region is entered there; addresses are those that translator shows');
      for (const line of lines) yield item('code', line);
      return undefined;
    }
    for (const [name, count] of Object.entries(translated.counts)) yield item(name, count);
    for (const r of translated.regions().slice(0, SHOWN)) {
      const text = `${hex(r.address)}: ${r.instructions} instructions, ${r.entries} entries, ${r.bytes} bytes, entered ${r.entered} times`;
      yield item('region', BigInt(r.address), text);
    }
    for (const [where, why] of [...translated.refusals()].slice(0, SHOWN))
      yield item('refusal', BigInt(where), `${hex(where)}: ${why}`);
    return undefined;
  },
);

function hex(offset: number): string {
  return `0x${Math.floor(offset / PAGE_BYTES).toString(16)}${(offset % PAGE_BYTES).toString(16).padStart(3, '0')}`;
}
