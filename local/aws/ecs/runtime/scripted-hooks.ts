import type { TimedSource } from '../engine/engine.ts';
import type { HookAnswer, HookCaller, HookInvocation, HookReporter } from '../hook-caller.ts';
import { createAgenda } from './agenda.ts';

/** What a hook answers to a call, and how long after it. `undefined` is no answer at all. */
export type HookScript = (invocation: HookInvocation) => (HookAnswer & { afterMs?: number }) | undefined;

/** An answer that is under way. `dueAt` is epoch milliseconds. */
export interface PendingAnswer {
  invocation: HookInvocation;
  answer: HookAnswer;
  dueAt: number;
}

export interface ScriptedHooks extends HookCaller, TimedSource {
  /** Every call so far, oldest first. */
  readonly invocations: HookInvocation[];
  /** The answers under way, as plain data. */
  save(): PendingAnswer[];
  /** Goes on with saved answers: a hook that waits for one of them is not asked again. */
  load(saved: readonly PendingAnswer[]): void;
}

/** Lifecycle hooks without functions: they answer what `script` says, in virtual time, at once by default. */
export function createScriptedHooks(script: HookScript, startsAt = 0): ScriptedHooks {
  const agenda = createAgenda(startsAt);
  const invocations: HookInvocation[] = [];
  const pending = new Map<string, PendingAnswer>();
  let report: HookReporter = () => {};

  function plan(one: PendingAnswer): void {
    const { invocation, answer, dueAt } = one;
    pending.set(invocation.hookId, one);
    agenda.after(dueAt - agenda.now(), () => {
      pending.delete(invocation.hookId);
      report(invocation, answer, agenda.now());
    });
  }

  return {
    invocations,
    call(invocation) {
      if (pending.has(invocation.hookId)) return;
      invocations.push(invocation);
      const said = script(invocation);
      if (said === undefined) return;
      const { afterMs = 0, ...answer } = said;
      plan({ invocation, answer, dueAt: agenda.now() + afterMs });
    },
    setReporter(next) {
      report = next;
    },
    save: () => [...pending.values()],
    load(saved) {
      for (const one of saved) plan(one);
    },
    nextDueAt: agenda.nextDueAt,
    advance: agenda.advance,
  };
}
