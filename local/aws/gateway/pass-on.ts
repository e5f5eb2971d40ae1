import type { AwsRequest, AwsResponse } from '../wire/service.ts';
import { postToBackend } from './post-to-backend.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Passes a call of the JSON protocol on to the back end, with this body in place of the caller's. */
export type PassOn = (request: AwsRequest, body: Json) => Promise<AwsResponse>;

/** Passes calls to a service, by its signing name, on to the server at `endpoint`. */
export function passOnTo(endpoint: string, fetch: typeof globalThis.fetch, service: string): PassOn {
  return async ({ target = '', context: { accountId, region } }, input) => {
    const answer = await postToBackend(endpoint, fetch, { accountId, region, service, target, input });
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    return { status: answer.status, headers, body: await answer.text() };
  };
}

/** What a caller sent. */
export const bodyOf = ({ body }: AwsRequest): Json => jsonOf(JSON.parse(body || '{}'));

/** Gives a structure, an empty one where there is none. */
export const jsonOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

export const isDone = ({ status }: AwsResponse): boolean => status === 200;
