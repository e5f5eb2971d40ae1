import type { Action } from '../../actions/core/src/github/action-run.ts';
import type { InputSpecs } from '../../actions/core/src/github/inputs.ts';

/** A verb of the command line: the action of that work, loaded only when it is used. */
export interface Verb {
  /** What it does, for the help. */
  does: string;
  load(): Promise<Action<InputSpecs, string>>;
}

/** The actions that make sense from a shell, by their verb. A flag has the name of the action's input. */
export const VERBS: Readonly<Record<string, Verb>> = {
  ship: {
    does: 'deploys, follows, smoke-tests and, where it must, rolls back, all in the order of needs',
    load: async () => untyped((await import('./ship.ts')).ship),
  },
  deploy: {
    does: 'registers and deploys task definitions (--dry-run prints the plan)',
    load: async () => untyped((await import('../../actions/deploy-service/src/run.ts')).deployService),
  },
  wait: {
    does: 'follows service deployments to a verdict',
    load: async () => untyped((await import('../../actions/wait-for-stable/src/run.ts')).waitForStable),
  },
  rollback: {
    does: 'goes back to an earlier revision (--to, --dry-run prints the plan)',
    load: async () => untyped((await import('../../actions/rollback/src/run.ts')).rollback),
  },
  smoke: {
    does: 'asks services the questions of their smoke files',
    load: async () => untyped((await import('../../actions/smoke-test/src/run.ts')).smokeTest),
  },
};

/** `readInputs` gives each action exactly the inputs that it declares. */
function untyped<S extends InputSpecs, N extends string>(action: Action<S, N>): Action<InputSpecs, string> {
  return action as unknown as Action<InputSpecs, string>;
}
