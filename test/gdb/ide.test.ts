import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { GuestProcess, Output } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools, tool } from '../support/tools.ts';
import { tinyGuest } from './tiny-guest.ts';

const counts = `
	.type	_start,@function
_start:	larl	%r8, counter
	lghi	%r2, 0
loop:	aghi	%r2, 1
store:	stg	%r2, 0(%r8)
	cghi	%r2, 5
	jl	loop
done:	nopr
end:	j	end
	.data
	.balign 8
counter: .quad 0
`;

interface Configuration {
  readonly MIMode: string;
  readonly miDebuggerPath: string;
  readonly setupCommands: readonly { readonly text: string }[];
}

/** The launch configuration of docs/ide.md. */
function configuration(): Configuration {
  const text = /```json\n([\s\S]*?)```/.exec(readFileSync(`${root}docs/ide.md`, 'utf8'))?.[1] ?? '';
  const parsed: { readonly configurations: readonly Configuration[] } = JSON.parse(text);
  const [only] = parsed.configurations;
  if (only === undefined) throw new Error('docs/ide.md has no configuration');
  return only;
}

/** A gdb that speaks its machine interface, as an IDE has it. */
function machineInterface(image: string): (command: string, until: RegExp) => Promise<string> {
  const child = spawn(tool('gdb-multiarch'), ['-nx', '-q', '--interpreter=mi', image], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = new Output();
  child.stdout.on('data', (chunk: Buffer) => output.add(chunk));
  let read = 0;
  return async (command, until) => {
    child.stdin.write(`${command}\n`);
    const found = await output.find(until, read);
    const end = found.index + found[0].length;
    const said = output.text.slice(read, end);
    read = end;
    return said;
  };
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'the launch configuration for an IDE', () => {
  test('attaches over the machine interface, and buttons go backwards once that is said', async () => {
    const { MIMode, miDebuggerPath, setupCommands } = configuration();
    expect([MIMode, miDebuggerPath]).toEqual(['gdb', 'gdb-multiarch']);
    const image = tinyGuest(counts);
    const guest = await GuestProcess.start(image);
    const mi = machineInterface(image);
    for (const { text } of setupCommands) {
      const line = text.replace(/\$\{workspaceFolder\}\//, root);
      expect(await mi(`-interpreter-exec console "${line}"`, /\^(done|error)[\s\S]*?\(gdb\)/)).toMatch(/\^done/);
    }
    expect(await mi(`-target-select remote 127.0.0.1:${guest.port}`, /\*stopped[\s\S]*\(gdb\)|\^error/)).toMatch(
      /\^connected/,
    );
    await mi('-break-insert -h done', /\^done[\s\S]*?\(gdb\)/);
    expect(await mi('-exec-continue', /\*stopped[\s\S]*?\(gdb\)/)).toMatch(/reason="breakpoint-hit"/);
    await mi('-break-delete', /\^done[\s\S]*?\(gdb\)/);
    await mi('-break-watch *(long*)&counter', /\^done[\s\S]*?\(gdb\)/);
    expect(await mi('-interpreter-exec console "gs-reverse"', /\^done[\s\S]*?\(gdb\)/)).toMatch(
      /the guest goes backwards/,
    );
    const back = await mi('-exec-continue', /\*stopped[\s\S]*?\(gdb\)/);
    expect(back).toMatch(/reason="watchpoint-trigger".*old="5",new="4"/);
    const step = await mi('-exec-next', /\*stopped[\s\S]*?\(gdb\)/);
    expect(step).toMatch(/reason="end-stepping-range"/);
    expect(await mi('-data-evaluate-expression $r2', /\^done[\s\S]*?\(gdb\)/)).toMatch(/value="4"/);
    expect(await mi('-interpreter-exec console "gs-reverse off"', /\^done[\s\S]*?\(gdb\)/)).toMatch(/goes forwards/);
    expect(await mi('-exec-continue', /\*stopped[\s\S]*?\(gdb\)/)).toMatch(/old="4",new="5"/);
    // A client that knows of going back says so itself.
    expect(await mi('-exec-continue --reverse', /\*stopped[\s\S]*?\(gdb\)/)).toMatch(/old="5",new="4"/);
  });
});
