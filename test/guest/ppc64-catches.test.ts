import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { EngineMode } from '../../src/engine/modes.ts';
import { type Caught, caughtBothWays, debugged } from '../support/caught.ts';
import { Ppc64Machine } from '../support/ppc64/machine.ts';
import { root } from '../support/sources.ts';

function session(name: string, options: Partial<ConstructorParameters<typeof Ppc64Machine>[0]> = {}): Caught {
  const image = readFileSync(`${root}guests/${name}.elf`);
  const { assembly, guest } = new Ppc64Machine({ image, memory: 64 << 20, ...options });
  const registers = Array.from({ length: 32 }, (_, n) => n);
  return {
    monitor: assembly.monitor,
    go: debugged(assembly),
    here: () => ({
      time: assembly.machine.time,
      vcpus: guest.vm.vcpus.map(({ vcpu }) => [vcpu.pc, vcpu.msr, vcpu.executed, registers.map((n) => vcpu.gpr(n))]),
    }),
  };
}
const said = (seen: readonly object[]): string[] => seen.map((one) => ('said' in one ? String(one.said) : ''));

const suite = (options: Partial<ConstructorParameters<typeof Ppc64Machine>[0]> = {}): Caught =>
  session('ppc64-suite/suite-be', { vcpus: 2, ...options });

const kinds = [
  [
    'int data-storage',
    /^CPU 0: 0x300 data storage, SRR0 0x[\da-f]+, SRR1 0x[\da-f]+, DAR 0x[\da-f]+, DSISR 0x[\da-f]+$/,
  ],
  ['int 0x900', /^CPU \d: 0x900 decrementer, SRR0 /],
  ['sc', /^CPU 0: system call \d+, SRR0 /],
  ['pgm illegal,privileged', /^CPU 0: program interruption \((illegal|privileged)\), SRR0 /],
  ['hcall H_READ,bulk-remove', /^CPU 0: H_(READ|BULK_REMOVE) 0x[\da-f]+ 0x[\da-f]+ 0x[\da-f]+ 0x[\da-f]+ = -?\d+$/],
  ['hcall cede,prod,confer', /^CPU \d: H_(CEDE|PROD|CONFER) /],
  ['exit hypervisor-emulation', /^CPU 0: exit 0xe40 hypervisor emulation assistance$/],
  ['slb 0x20000123', /^CPU 0: segment 0x20000000 (set|dropped), entry \d+$/],
  ['rtas start-cpu,stop-self,set-xive', /^CPU \d: RTAS (start-cpu|stop-self|ibm,set-xive) /],
] as const;

async function matches(mode: EngineMode, kind: string, text: RegExp): Promise<void> {
  const seen = await caughtBothWays(suite({ mode }), kind);
  expect(seen.length).toBeGreaterThan(0);
  for (const each of said(seen)) for (const line of each.split('\n')) expect(line).toMatch(text);
}

test.each(kinds)('events of the kind %s stop at the same places forwards and backwards', (kind, text) =>
  matches('translator', kind, text));
test.each(['interpreter', 'merging'] as const)('events stop there in the mode %s, too', async (mode) => {
  for (const [kind, text] of kinds.slice(0, 2)) await matches(mode, kind, text);
});

test('what stops changes nothing: the guest is at its end where it is without', async () => {
  const [watched, alone] = [suite(), suite()];
  for (const kind of ['hcall', 'int', 'rtas', 'slb']) [...watched.monitor.execute(`catch ${kind}`, 0)];
  let stops = 0;
  for (;;) {
    const { reason } = await watched.go('forward');
    if (reason.kind !== 'event') break;
    stops++;
  }
  await alone.go('forward');
  expect(stops).toBeGreaterThan(500);
  expect(watched.here()).toEqual(alone.here());
});

test('an exit and what the guest has of it are one stop', async () => {
  const { monitor, go } = session('demo-ppc64/demo');
  for (const kind of ['exit hypervisor-data-storage', 'int data-storage']) [...monitor.execute(`catch ${kind}`, 0)];
  const { reason } = await go('forward');
  expect(reason.kind === 'event' && reason.said).toMatch(
    /^CPU 0: exit 0xe00 hypervisor data storage\nCPU 0: 0x300 data storage, /,
  );
});

test('events are listed and deleted, and what cannot be caught is a mistake', () => {
  const { monitor } = suite();
  const ask = (line: string): string[] => [...monitor.execute(line, 0)];
  expect(ask('catch')).toEqual(['catches = none']);
  ask('catch hcall enter,h-remove,H_READ');
  expect(ask('catch int 0x300-0x400')).toEqual([
    'catches[0] = number 1: hcall enter,h-remove,H_READ',
    'catches[1] = number 2: int 0x300-0x400',
  ]);
  expect(JSON.parse(ask('catch delete 1 --json').join('\n'))).toMatchObject({
    catches: [{ number: 2, kind: 'int', filter: '0x300-0x400' }],
  });
  expect(ask('catch hcall nonsense')[0]).toBe('catch: nonsense is no hcall number, name or range');
  expect(ask('catch svc')[0]).toMatch(/^catch: svc is none of delete, int, pgm, /);
});
