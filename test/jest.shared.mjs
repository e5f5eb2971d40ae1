/** What the unit and the integration configuration share. Node 24, ESM, TypeScript stripped by swc. */
export const shared = {
  rootDir: '..',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2024',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.berth/', '/dist/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/.berth/'],
};

/** Paths of the services' suites that need no Docker engine, most of them servers of their own; a regular expression. */
export const platformTests =
  '/(test/services/(platform/|contracts/|compose|conformance|email-pipeline|exchange|telemetry)|services/(standalone/)?test/|local/stack/test/)';
