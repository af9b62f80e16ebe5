import { expect, test } from 'vitest';
import { commandRows } from '../../../src/cli/commands.ts';
import { manualPage } from '../../../src/cli/man.ts';

const page = manualPage({
  version: '1.2.3',
  description: 'It runs.',
  rows: commandRows,
  epilogue: '.no request\nback\\slash',
});

test('the manual page has every command and every option', () => {
  for (const row of commandRows) {
    expect(page).toContain(`\n.B ${row.name}`);
    for (const option of Object.keys(row.options))
      expect(page).toContain(`\\fB\\-\\-${option.replaceAll('-', '\\-')}\\fR`);
  }
});

test('no text of ours is taken for a request, or for an escape', () => {
  const requests = ['TH', 'SH', 'B', 'br', 'TP'];
  for (const line of page.split('\n').filter((l) => /^[.']/.test(l))) {
    expect(requests).toContain(/^\.(\w+)/.exec(line)?.[1]);
  }
  expect(page).toContain('\\&.no request');
  expect(page).toContain('back\\eslash');
});
