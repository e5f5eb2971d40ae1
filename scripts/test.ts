/**
 * Everything that must hold before a change lands: `npm test`. Sets up what the integration tests need (a Docker
 * engine, the Python tools) and leaves nothing behind.
 */
import { printTally, runSteps } from './steps.ts';

const steps = [
  'types',
  'lint',
  'lock file',
  'documents',
  'unit tests',
  'long properties',
  'bundles',
  'tools',
  'platform tests',
  'integration tests',
  'rules',
] as const;
process.exitCode = printTally(await runSteps(steps));
