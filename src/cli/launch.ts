#!/usr/bin/env node
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Chunks, KEEP_CODE } from './chunks.ts';
import { keepHeapSmall } from './heap.ts';

/** A hash of all sources, put in by the build. */
declare const GUESTSCOPE_BUILD: string;

// In front of everything: code that was kept is that of V8 with these flags.
keepHeapSmall();
const folder = fileURLToPath(new URL('.', import.meta.url));
const chunks = new Chunks(folder, GUESTSCOPE_BUILD, createRequire(import.meta.url));
const { DEBUG = '' } = process.env;
if (/(?:^|[ ,])guestscope:(?:\*|start)/.test(DEBUG)) {
  process.on('exit', () => {
    process.stderr.write(`  guestscope:start code that V8 had made before: ${chunks.kept.join(' ') || 'none'}\n`);
  });
}
if (process.env[KEEP_CODE] !== undefined) process.on('exit', () => chunks.keep());
chunks.require('./program.cjs');
