import { hex } from '../../../bits/hex.ts';
import type { DirtyReader } from '../../../machine/dirty-log.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import {
  type Answer,
  type CommandRow,
  command,
  type Item,
  item,
  mistake,
  oneOf,
  words,
} from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import type { MemorySlot } from '../kvm/slots.ts';
import { rangeText, runs } from './show.ts';

/** The user's migration log in the guest's. */
const READER = 'monitor';

/** `dirty`: the migration log. */
export const dirty: CommandRow<S390xGuest> = command(
  'dirty',
  {
    words: words(oneOf('start', 'get', 'peek', 'map', 'stop', 'status', 'readers')),
    usage: 'start|get|peek|map|stop|status|readers',
    summary: 'log the pages stored into, as migration does; get clears what it shows, peek does not',
    details: [
      'start begins with every page clean. Stores of the guest, of devices and of the debugger count.',
      'get shows the pages stored into since start or the last get, and counts them as clean again.',
      'map draws each slot in lines of 64 cells: . for none of a cell, 1 to 9 for tenths, # for all of its pages.',
      'readers are all who look at the log, each with pages of its own: gdb, migration, snapshots.',
    ],
  },
  function* ({ guest }, [what]): Answer {
    const { vm } = guest;
    const reader = vm.dirtyLog.reader(READER);
    if (what === 'start') {
      if (reader !== undefined) return mistake('the log is on already; get reads it, stop ends it');
      vm.dirtyLog.open(READER);
      yield item('log', 'on');
      return undefined;
    }
    if (what === 'readers') {
      yield* readers(vm.dirtyLog.readers());
      return undefined;
    }
    if (reader === undefined) {
      if (what !== 'status') return mistake('the log is off; start begins it');
      yield item('log', 'off');
      return undefined;
    }
    if (what === 'stop') {
      vm.dirtyLog.close(reader);
      yield item('log', 'off');
    } else if (what === 'status') {
      yield item('log', 'on');
      yield item('pages', reader.count());
    } else if (what === 'map') {
      for (const slot of vm.slots()) yield heatMap(slot, reader);
    } else {
      yield* pages(vm.slots(), reader, what === 'get');
    }
    return undefined;
  },
);

function* pages(slots: readonly MemorySlot[], reader: DirtyReader, clear: boolean): Iterable<Item> {
  const found = slots.map((slot) => {
    const first = slot.host / PAGE_BYTES;
    const frames = reader.take(first, first + slot.bytes / PAGE_BYTES, clear);
    return { slot, pages: frames.map((frame) => slot.guest + (frame - first) * PAGE_BYTES) };
  });
  yield item(
    'pages',
    found.reduce((n, one) => n + one.pages.length, 0),
  );
  yield item(
    'slots',
    found.map((one) => ({ slot: one.slot.slot, pages: one.pages.length, of: one.slot.bytes / PAGE_BYTES })),
    found.map((one) => `slot ${one.slot.slot}: ${one.pages.length} of ${one.slot.bytes / PAGE_BYTES} pages`),
  );
  const joined = runs(
    found.flatMap((one) => one.pages).sort((a, b) => a - b),
    (a, b) => b === a + PAGE_BYTES,
  );
  yield item(
    'ranges',
    joined.map(({ first, count }) => ({ first: BigInt(first), pages: count })),
    joined.map(({ first, count }) => `${rangeText(first, count * PAGE_BYTES)}, ${count} page${count === 1 ? '' : 's'}`),
  );
}

function* readers(all: readonly DirtyReader[]): Iterable<Item> {
  const found = all.map((one) => ({ name: one.name, pages: one.count() }));
  yield item(
    'readers',
    found,
    found.map(({ name, pages }) => `${name}: ${pages} pages`),
  );
}

const CELLS_A_LINE = 64;
const LINES = 16;

/** Pages of a slot in cells, and how many of each cell's are marked. */
function heatMap(slot: MemorySlot, reader: DirtyReader): Item {
  const pages = slot.bytes / PAGE_BYTES;
  const perCell = Math.max(1, Math.ceil(pages / (CELLS_A_LINE * LINES)));
  const first = slot.host / PAGE_BYTES;
  const cells = Array.from({ length: Math.ceil(pages / perCell) }, (_, i) => {
    const from = first + i * perCell;
    return reader.take(from, Math.min(from + perCell, first + pages), false).length;
  });
  const text = cells.map((n) => cellText(n, perCell)).join('');
  const rows = Array.from({ length: Math.ceil(text.length / CELLS_A_LINE) }, (_, i) => {
    const at = slot.guest + i * CELLS_A_LINE * perCell * PAGE_BYTES;
    return `${hex(at, 8)} ${text.slice(i * CELLS_A_LINE, (i + 1) * CELLS_A_LINE)}`;
  });
  return item(`slot${slot.slot}`, { guest: BigInt(slot.guest), pagesPerCell: perCell, cells }, rows);
}

function cellText(marked: number, pages: number): string {
  if (marked === 0) return '.';
  return marked === pages ? '#' : String(Math.min(9, Math.max(1, Math.floor((marked * 10) / pages))));
}
