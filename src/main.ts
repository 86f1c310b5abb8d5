#!/usr/bin/env node
// The executable `vedette`. With the path of a configuration file it is a Sentinel, started as redis-sentinel is started; with the
// name of a command it is an operator's tool.
//
// Nothing is loaded that the chosen way does not need: the first PING is to be answered soon after the start.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

import { looksLikeCommand, wordsForTools } from './cli/names.js';

// Node would print its warnings on standard error, where a single byte counts as a failure of the Sentinel.
process.removeAllListeners('warning');

const words = process.argv.slice(2);
const [first, ...options] = words;

const toolWords = wordsForTools(words);

if (toolWords === null || toolWords[0] === 'start') {
  // Until a Sentinel can end in good order there is nothing to put in order: whoever stops it early is to read success.
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
}

if (toolWords !== null) {
  const { runCommandLine } = await import('./cli/command-line.js');
  await runCommandLine(toolWords);
} else if (first !== undefined && looksLikeCommand(first) && !existsSync(first)) {
  const { refuseUnknownWord } = await import('./cli/unknown-word.js');
  refuseUnknownWord(first);
} else {
  // An `import` would send every one of our files through the thread pool several times; `require` reads them one after the other, and
  // a start takes a fifth less. See docs/decisions/0011.
  const require = createRequire(import.meta.url);
  const { runSentinel } = require('./io/main-process.js') as typeof import('./io/main-process.js');
  await runSentinel(first === undefined || first.startsWith('-') ? null : first, options);
}
