import type { ByteOrder } from '../../../bits/byte-order.ts';
import type { Row } from '../isa/row.ts';

/** A row as the engine has it: what it does in one byte order, or in both. */
export interface PlacedRow {
  readonly row: Row;
  readonly little: boolean;
  readonly name: string;
}

/**
 * What kernels and compiled programs execute most, by samples of both Linux kernels' boots. Those that take a helper often, and those that
 * are long, are better off by themselves.
 */
const common: ReadonlySet<string> = new Set(
  [
    'lbz lbzu lbzx lhz lhzx lwz lwzu lwzx lwa ld ldu ldx stb stbu stbx sth stw stwu stwx std stdu stdx',
    'b bl bt bf btl bfl bdnz blr btlr bflr bctr bctrl',
    'addi addis add addic addic. subf subfic subfc subfe adde addze neg mulli mulld mullw',
    'cmpwi cmpdi cmplwi cmpldi cmpw cmpd cmplw cmpld',
    'ori oris xori xoris andi. or or. and and. andc nor xor xor. extsb extsh extsw extsw. cntlzd',
    'rlwinm rlwinm. rlwimi rldicl rldicl. rldicr rldicr. rldic rldimi sld srd slw srw srawi sradi',
    'mflr mtlr mfctr mtctr mfcr mtcrf mfocrf mtocrf',
  ].flatMap((line) => line.split(' ')),
);

/** Whether what a row does depends on the byte order: what else is done with numbers of storage is done byte by byte. */
export function isOrdered({ title }: Row): boolean {
  return /^(?:Load|Store) /.test(title);
}

/**
 * The places at which the engine has the rows of the table: first what guests execute most, in the byte order of storage. What depends
 * on the byte order is there twice.
 */
export class RowPlaces {
  readonly rows: readonly PlacedRow[];
  /** So many of them, the first ones, are executed most. */
  readonly common: number;
  /** By number in the table. */
  readonly #big: Uint16Array;
  readonly #little: Uint16Array;

  constructor(table: readonly Row[], storage: ByteOrder) {
    const rows: PlacedRow[] = [];
    this.#big = new Uint16Array(table.length);
    this.#little = new Uint16Array(table.length);
    const place = (row: Row, index: number, little: boolean): void => {
      const ordered = isOrdered(row);
      const name = ordered && little ? `${row.mnemonic} le` : row.mnemonic;
      const at = rows.push({ row, little: ordered && little, name }) - 1;
      if (!ordered || !little) this.#big[index] = at;
      if (!ordered || little) this.#little[index] = at;
    };
    const isCommon = (row: Row): boolean => row.implemented && common.has(row.mnemonic);
    for (const [index, row] of table.entries()) if (isCommon(row)) place(row, index, storage === 'little');
    this.common = rows.length;
    for (const [index, row] of table.entries()) {
      if (!isCommon(row)) place(row, index, storage === 'little');
      if (isOrdered(row)) place(row, index, storage !== 'little');
    }
    this.rows = rows;
  }

  /** The place of a row by its number in the table. */
  placeOf(index: number, little: boolean): number {
    return (little ? this.#little : this.#big)[index] ?? 0;
  }
}
