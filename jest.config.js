export default {
  testEnvironment: 'node',
  // Most tests wait for processes that they started: more of them at once than there are cores.
  maxWorkers: 3,
  // No test depends on speed: a machine that does something else meanwhile is no failure.
  testTimeout: 30_000,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.tools/', '<rootDir>/dist/'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
}
