import type { TimedSource } from '../engine/engine.ts';
import type { HookAnswer, HookCaller, HookInvocation, HookReporter } from '../hook-caller.ts';
import { createAgenda } from './agenda.ts';

/** What a hook answers to a call, and how long after it. `undefined` is no answer at all. */
export type HookScript = (invocation: HookInvocation) => (HookAnswer & { afterMs?: number }) | undefined;

export interface ScriptedHooks extends HookCaller, TimedSource {
  /** Every call so far, oldest first. */
  readonly invocations: HookInvocation[];
}

/** Lifecycle hooks without functions: they answer what `script` says, in virtual time, at once by default. */
export function createScriptedHooks(script: HookScript, startsAt = 0): ScriptedHooks {
  const agenda = createAgenda(startsAt);
  const invocations: HookInvocation[] = [];
  let report: HookReporter = () => {};
  return {
    invocations,
    call(invocation) {
      invocations.push(invocation);
      const answer = script(invocation);
      if (answer === undefined) return;
      const { afterMs = 0, ...said } = answer;
      agenda.after(afterMs, () => report(invocation, said, agenda.now()));
    },
    setReporter(next) {
      report = next;
    },
    nextDueAt: agenda.nextDueAt,
    advance: agenda.advance,
  };
}
