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

/** Paths of the suites that run the services on servers of their own, without a Docker engine; a regular expression. */
export const platformTests =
  '/(test/services/(platform/|contracts/|conformance|email-pipeline|exchange|telemetry)|services/test/|local/stack/test/)';
