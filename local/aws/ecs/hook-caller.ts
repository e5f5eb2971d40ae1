/** One call of a lifecycle hook, as a Lambda function gets it. */
export interface HookInvocation {
  hookId: string;
  /** ARN of the Lambda function. */
  targetArn: string;
  payload: {
    executionDetails: {
      serviceArn: string;
      targetServiceRevisionArn: string;
      /** Percent by target group ARN. */
      testTrafficWeights: Record<string, number>;
      productionTrafficWeights: Record<string, number>;
    };
    executionId: string;
    lifecycleStage: string;
    /** ARN of the service deployment. */
    resourceArn: string;
    hookDetails?: unknown;
  };
}

/** What a hook answers. IN_PROGRESS has it called again after `callBackDelay` seconds, 30 if absent. */
export interface HookAnswer {
  hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  callBackDelay?: number;
}

/** `at` is epoch milliseconds on the engine's clock. */
export type HookReporter = (invocation: HookInvocation, answer: HookAnswer, at: number) => void;

/** Calls lifecycle hooks for the engine, which never waits: each call is answered later by the reporter. */
export interface HookCaller {
  /** Returns at once and never throws: a call that cannot be made is answered FAILED. */
  call(invocation: HookInvocation): void;
  setReporter(report: HookReporter): void;
}
