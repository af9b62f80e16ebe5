#!/usr/bin/env node
// The command. npm makes a link to it when it installs, so it must be there before anything is built: a clone builds itself at the
// first call, and when its sources have changed; an installed package is built.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const scripts = new URL('../scripts/', import.meta.url);
if (existsSync(scripts)) {
  const { isUnchanged } = await import(new URL('sources.mjs', scripts).href);
  if (!isUnchanged()) {
    const { spawnSync } = await import('node:child_process');
    const build = fileURLToPath(new URL('build.mjs', scripts));
    const { status } = spawnSync(process.execPath, [build, '--if-needed', '--announce'], { stdio: ['ignore', 2, 2] });
    if (status !== 0) process.exit(3);
  }
}
await import('../dist/cli/main.js');
