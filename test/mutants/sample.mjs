/**
 * A checker of StrykerJS that lets a seeded sample of the mutants through. Stryker has no sampling of its own, and what
 * a checker refuses is not run. Whether a mutant is in the sample follows from itself and the seed, so that a change of
 * one file leaves the sample of the others as it is.
 */
import { createHash } from 'node:crypto';
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';

function newSample({ sample: { share, seed } }) {
  const position = ({ fileName, mutatorName, replacement, location: { start } }) => {
    const identity = [seed, fileName.split('/').pop(), mutatorName, replacement, start.line, start.column].join(' ');
    return createHash('sha256').update(identity).digest().readUInt32BE() / 2 ** 32;
  };
  const check = (mutant) => (position(mutant) < share
    ? { status: 'passed' } : { status: 'compileError', reason: 'not in the sample' });
  return {
    init: async () => undefined,
    check: async (mutants) => Object.fromEntries(mutants.map((mutant) => [mutant.id, check(mutant)])),
    group: async (mutants) => [mutants.map(({ id }) => id)],
  };
}
newSample.inject = tokens(commonTokens.options);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.Checker, 'sample', newSample)];
