import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { GuestProcess } from '../support/guest-process.ts';
import { installed } from '../support/installed.ts';
import { describeUnless } from '../support/tools.ts';
import { disabledWait, tinyGuest } from './tiny-guest.ts';

const lldb = installed('lldb');

/** A server on a busy host takes its time, and lldb's own is short. */
const patience = 'settings set plugin.process.gdb-remote.packet-timeout 3600';

/** What lldb says to each command, one after another in one process; `file` is a program whose symbols it has. */
function converse(commands: readonly string[], file?: string): string[] {
  const lines = [patience, ...commands];
  const args = ['-x', '-b', ...lines.flatMap((line) => ['-o', line]), ...(file === undefined ? [] : [file])];
  const text = execFileSync(lldb ?? 'lldb', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const said = text.split(/^\(lldb\) /m).slice(file === undefined ? 2 : 3);
  return said.map((answer, i) => answer.slice((commands[i] ?? '').length + 1));
}

const counter = `
_start:	larl	%r1, counter
	lghi	%r2, 0
again:	aghi	%r2, 1
	stg	%r2, 0(%r1)
	j	again
	.balign 8
counter: .quad	0
	${disabledWait(0)}
`;
const AGAIN = 0x1000a;

describeUnless(
  lldb === undefined ? ['needs lldb, which is not installed'] : [],
  'lldb',
  () => {
    test('learns architecture and byte order without a file, and debugs', async () => {
      const guest = await GuestProcess.start(tinyGuest(counter));
      const said = converse([
        `gdb-remote 127.0.0.1:${guest.port}`,
        'target list',
        'disassemble -p -c 2',
        `breakpoint set -a ${AGAIN}`,
        'continue',
        'thread step-inst',
        'register read r2 pswa',
        'register write r2 0x1122334455667788',
        'breakpoint disable',
        'watchpoint set expression -w write -s 8 -- 0x10018',
        'continue',
        'memory read -s 8 -f x -c 1 0x10018',
        'memory write -s 4 0x10018 0x99aabbcc',
        'memory read -s 8 -f x -c 1 0x10018',
        'process plugin packet monitor psw',
        'detach',
      ]);
      expect(said[1]).toMatch(/arch=s390x-\S*linux\S*,/);
      expect(said[2]).toMatch(/^-> {2}0x10000: larl +%r1, 0x10018\n +0x10006: lghi +%r2, 0\n/);
      expect(said[4]).toMatch(/stop reason = breakpoint 1\.1\n +frame #0: 0x0*1000a\b/);
      expect(said[5]).toMatch(/instruction step into\n +frame #0: 0x0*1000e\b/);
      expect(said[6]).toMatch(/r2 = 0x0{15}1\n +pswa = 0x0*1000e\n/);
      expect(said[10]).toContain('Watchpoint 1 hit');
      expect(said[11]).toMatch(/0x1122334455667788/);
      expect(said[13]).toMatch(/0x99aabbcc55667788/);
      expect(said[14]).toMatch(/^psw = 0x0000200180000000 0x0000000000010014 \(64-bit/m);
      expect(said[15]).toContain('detached');
    });

    test('has no commands for going back, and goes back by those of the monitor and its next step', async () => {
      const guest = await GuestProcess.start(tinyGuest(counter));
      const said = converse([
        `gdb-remote 127.0.0.1:${guest.port}`,
        `breakpoint set -a ${AGAIN}`,
        'continue',
        'continue',
        'continue',
        'register read r2',
        'process plugin packet monitor seek 2',
        'thread step-inst',
        'register read r2 pswa',
        'process plugin packet monitor when',
        'continue',
        'register read r2',
        'detach',
      ]);
      expect(said[5]).toMatch(/r2 = 0x0{15}2\n/);
      expect(said[7]).toMatch(/frame #0: 0x0*1000a\b/);
      expect(said[8]).toMatch(/r2 = 0x0{16}\n +pswa = 0x0*1000a\n/);
      expect(said[9]).toMatch(/^time = 2, \d+ before the present/m);
      expect(said[11]).toMatch(/r2 = 0x0{15}1\n/);
    });

    test('stops by the names of a file that it is given, and says where it is by them', async () => {
      const image = tinyGuest(counter);
      const guest = await GuestProcess.start(image);
      const said = converse(
        [`gdb-remote 127.0.0.1:${guest.port}`, 'breakpoint set -n again', 'continue', 'thread step-inst', 'detach'],
        image,
      );
      // Behind the first line of the function, which lldb takes for its prologue.
      expect(said[2]).toMatch(/stop reason = breakpoint 1\.1\n +frame #0: 0x0*1000e tiny\.elf`again at tiny\.S:7\n/);
      expect(said[3]).toMatch(/frame #0: 0x0*10014 tiny\.elf`again at tiny\.S:8\n/);
    });
  },
  { required: false },
);
