import type { Action } from '../../core/src/github/action-run.ts';
import { testServices } from '../../core/src/smoke/smoke-test.ts';
import { inputs, outputs, type SmokeOutput } from './inputs.ts';

export const smokeTest: Action<typeof inputs, SmokeOutput> = { inputs, outputs, run: testServices };
