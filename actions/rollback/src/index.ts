import { runAction } from '../../core/src/github/action-run.ts';
import { rollback } from './run.ts';

await runAction(rollback);
