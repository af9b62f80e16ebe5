/** The rows in another order, and how many of the first ones are those that guests execute most. */
export interface CommonFirst<T> {
  readonly table: readonly T[];
  readonly common: number;
}

/** Takes the rows with these mnemonics to the front, as far as somebody wrote them. */
export function commonFirst<T extends { readonly mnemonic: string; readonly implemented: boolean }>(
  rows: readonly T[],
  names: ReadonlySet<string>,
): CommonFirst<T> {
  const isCommon = (row: T): boolean => names.has(row.mnemonic) && row.implemented;
  const common = rows.filter(isCommon);
  return { table: [...common, ...rows.filter((row) => !isCommon(row))], common: common.length };
}
