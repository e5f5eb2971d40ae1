import type { Place } from '../errors.ts';

/** What one value of an answer must be; every operator given must hold. */
export interface Matcher {
  readonly equals?: unknown;
  readonly not?: unknown;
  readonly contains?: unknown;
  readonly 'starts-with'?: string;
  readonly exists?: boolean;
  readonly 'at-least'?: number;
  readonly 'at-most'?: number;
  readonly length?: number;
}

/** A right answer. `statuses` empty: any from 200 to 299. Keys of `json` are JSONPaths, of `headers` lower-case names. */
export interface Expectation {
  readonly statuses: readonly number[];
  readonly json: Readonly<Record<string, Matcher>>;
  readonly headers: Readonly<Record<string, Matcher>>;
  readonly body?: Matcher;
}

/**
 * One request with what must come back, variables filled in. `place` is where the smoke file has it; `written` is the
 * request as it stands there (`GET ${{ base }}/healthz`), which can be shown, as the URL itself may hold a secret.
 */
export interface Check {
  readonly name: string;
  readonly written: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly consecutive: number;
  readonly expect: Expectation;
  readonly place: Place;
}

/** A smoke file, checked whole. `deadlineMs` counts from its first request. */
export interface Suite {
  readonly file: string;
  readonly deadlineMs: number;
  readonly checks: readonly Check[];
}

/** What came back: an answer; no answer within the time-out from one who took the connection; or nobody there. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly kind: 'silent'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };
