/** Opcodes that are looked for in instruction texts, outside the table of rows. */

/** True for the first halfword of EXECUTE and of EXECUTE RELATIVE LONG. */
export function isExecute(first: number): boolean {
  return first >>> 8 === 0x44 || isExecuteRelative(first);
}

/** True for that of EXECUTE RELATIVE LONG alone. */
export function isExecuteRelative(first: number): boolean {
  return (first & 0xff0f) === 0xc600;
}

/** True for the first halfword of LOAD PSW and of LOAD PSW EXTENDED. */
export function isLoadPsw(first: number): boolean {
  return first >>> 8 === 0x82 || first === 0xb2b2;
}
