import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobStore } from '../blob-store.ts';
import type { RepositoryRecord } from '../records.ts';
import type { Replication } from '../replication.ts';
import type { Repositories } from '../repositories.ts';
import type { Uploads } from '../uploads.ts';

/** What the registry stands on. */
export type RegistryParts = {
  repositories: Repositories;
  replication: Replication;
  blobs: BlobStore;
  uploads: Uploads;
  /** Epoch milliseconds. */
  now: () => number;
};

/** One request to one repository, which exists and which the caller may use. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  query: URLSearchParams;
  repository: RepositoryRecord;
};

/** Answers without a body. */
export function answerEmpty(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-length': '0', ...headers }).end();
}

/** Answers with a text; a HEAD request gets its headers only. */
export function answerText(
  { response, method }: Pick<Exchange, 'response' | 'method'>,
  text: string,
  headers: Record<string, string>,
): void {
  response.writeHead(200, { 'content-length': Buffer.byteLength(text), ...headers });
  response.end(method === 'HEAD' ? undefined : text);
}
