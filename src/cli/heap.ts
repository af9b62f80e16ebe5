import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the program's own heap near what it needs: most of what it allocates is dead at once, and what lives, a few ten megabytes,
 * does not grow with the guest. Left to itself V8 grows the young generation to 32 MB and lets the old one double between
 * collections. To be called before there is much of either.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=25');
}
