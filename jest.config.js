import { availableParallelism } from 'node:os'

export default {
  testEnvironment: 'node',
  // Many tests wait for processes that they started: more of them at once than there are cores.
  maxWorkers: availableParallelism() + 2,
  // No test depends on speed: a machine that does something else meanwhile is no failure.
  testTimeout: 60_000,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  roots: ['<rootDir>/__tests__'],
  transform: { '^.+\\.ts$': '<rootDir>/scripts/jest/strip-types.js' },
  globalSetup: '<rootDir>/scripts/jest/temporary-folder.js',
  testSequencer: '<rootDir>/scripts/jest/long-files-first.js',
  reporters: ['<rootDir>/scripts/jest/slowest-files.js', 'default'],
}
