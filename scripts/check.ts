/**
 * The inner loop: types, lint and format, unit tables and properties. `npm run check`.
 */
import { printTally, runSteps } from './steps.ts';

const steps = ['types', 'lint', 'lock file', 'unit tests'] as const;
process.exitCode = printTally(await runSteps(steps));
