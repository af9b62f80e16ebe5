import fc from 'fast-check';
import { seed, timesAsked } from './seed.ts';
import { watchTests } from './watchdog.ts';

// Every property of the run starts from the one seed that the run printed.
fc.configureGlobal({ seed, numRuns: timesAsked(100) });
watchTests();
