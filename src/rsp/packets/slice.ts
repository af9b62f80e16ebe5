import { args, hexCount, type Parser, textUntil } from '../args.ts';

/** The operands of a qXfer read: `:annex:offset,length`. */
export const slice: Parser<[string, number, number]> = args(':', textUntil(':'), ':', hexCount, ',', hexCount);
