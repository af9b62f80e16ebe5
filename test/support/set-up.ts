import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { v8Flags } from '../../src/cli/v8-flags.ts';
import { seed, timesAsked } from './seed.ts';
import { watchTests } from './watchdog.ts';

// Every property of the run starts from the one seed that the run printed.
fc.configureGlobal({ seed, numRuns: timesAsked(100) });
watchTests();
// What the program has of WebAssembly, tests have.
for (const flag of v8Flags(process.versions.v8)) if (flag.includes('wasm')) setFlagsFromString(flag);
