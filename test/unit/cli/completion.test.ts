import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { main } from '../../../src/cli/cli.ts';
import { commandRows } from '../../../src/cli/commands.ts';
import { completionScript } from '../../../src/cli/completion.ts';
import { fakeHost } from './fake-host.ts';

/** What bash offers behind these words, of which the last one is not finished. */
function offered(...words: readonly string[]): string[] {
  const list = ['guestscope', ...words].map((w) => `'${w}'`).join(' ');
  const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _guestscope; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const script = `complete() { :; }\n${completionScript(commandRows, 'bash')}\n${ask}`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}

describe('bash completes', () => {
  test.each([
    ['commands', ['']],
    ['a command', ['co'], 'core', 'completion'],
    ['options of the command', ['run', 'x', '--wa'], '--wait', '--watchdog'],
    ['none of another', ['demo', '--me']],
    ['choices', ['run', '--clock', ''], 'real', 'virtual'],
    ["choices behind '=', which are words of their own to bash", ['run', '--clock', '=', 're'], 'real'],
    ["choices behind '=' alone", ['run', '--watchdog', '='], 'restart', 'reset', 'stop'],
    ['shells', ['completion', ''], 'bash', 'zsh'],
    ['files', ['run', 'package.js'], 'package.json'],
    ['files for an option', ['run', '--initrd', 'package.js'], 'package.json'],
    ['files behind an option that is on', ['run', '--wait', 'package.js'], 'package.json'],
  ] as const)('%s', (_, words, ...wanted) => {
    const all = words.length === 1 && words[0] === '' ? commandRows.map((r) => r.name) : wanted;
    expect(offered(...words).sort()).toEqual([...all].sort());
  });
});

test('the script goes to standard output, for zsh with its own way to read it', async () => {
  const said = async (shell: string): Promise<string> => {
    const host = fakeHost();
    expect((await main(['completion', shell], host)).status).toBe(0);
    return host.stdout.text;
  };
  expect(await said('bash')).toBe(`${completionScript(commandRows, 'bash')}\n`);
  expect((await said('zsh')).split('\n')[0]).toBe('autoload -U +X bashcompinit && bashcompinit');
});
