import { describe, expect, test } from 'vitest';
import { namedStorageRows } from '../../../../src/arch/s390x/isa/storage/named.ts';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();

describe('known by name only', () => {
  test.each(namedStorageRows.map((r) => r.mnemonic))('%s stops the machine by its name, the PSW at it', (mnemonic) => {
    const out = bench.run({ code: [encode(mnemonic)] });
    expect(out.cause).toEqual({ kind: 'unimplemented', mnemonic });
    expect(out.address).toBe(CODE);
  });
});
