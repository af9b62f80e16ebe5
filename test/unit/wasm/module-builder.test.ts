import { expect, test } from 'vitest';
import { ModuleBuilder } from '../../../src/wasm/module-builder.ts';

test('a module without anything is valid', () => {
  expect(WebAssembly.validate(new ModuleBuilder().finish())).toBe(true);
});
