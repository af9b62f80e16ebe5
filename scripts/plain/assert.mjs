// In the program's bundle, in place of the host's module for yargs, which takes no more of it, and which is slow to load and slower to
// throw: yargs does that to find out that there is no package.json.

export function strictEqual(actual, expected, message) {
  if (!Object.is(actual, expected)) throw new Error(message ?? 'the values are not equal');
}

export function notStrictEqual(actual, expected, message) {
  if (Object.is(actual, expected)) throw new Error(message ?? 'the values are equal');
}
