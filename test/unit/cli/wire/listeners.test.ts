import { expect, test } from 'vitest';
import { socketAddress } from '../../../../src/cli/values.ts';
import { checkListeners } from '../../../../src/cli/wire/listeners.ts';
import { wires } from '../../../../src/cli/wire/options.ts';

const check = (gdb: string, net: readonly string[], hvc?: string) => () =>
  checkListeners(socketAddress(gdb), wires(net, hvc));

test('a port that is given twice is named with both its options', () => {
  expect(check('1234', [], '1234')).toThrow(
    'port 1234 is given twice, by --gdb 127.0.0.1:1234 and --hvc 127.0.0.1:1234',
  );
  expect(check('1', ['listen=5', 'listen=5'])).toThrow('--net');
});

test('it is the same port by another name, or at every address', () => {
  expect(check('localhost:7', ['listen=127.0.0.1:7'])).toThrow('given twice');
  expect(check('0.0.0.0:7', ['listen=7'])).toThrow('given twice');
  expect(check('7', ['listen=[::]:7'])).toThrow('given twice');
});

test('ports that are free ones, of other addresses, or connected to may be the same', () => {
  expect(check('0', ['listen=0', 'listen=0'], '0')).not.toThrow();
  expect(check('127.0.0.2:7', ['listen=7'])).not.toThrow();
  expect(check('7', ['connect=7'])).not.toThrow();
});
