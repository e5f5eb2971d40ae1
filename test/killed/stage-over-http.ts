import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { DeployStage } from '../virtual/deploy-stage.ts';

/** A stage behind a port of 127.0.0.1. */
export interface StageOverHttp {
  endpoint: string;
  /** How many calls were carried out. */
  calls(): number;
  close(): void;
}

/**
 * Serves a stage to other processes. Its time goes on `factor` times as fast as the wall's. `carriedOut` hears of each
 * call, with its number from 1 on, when it is done and not answered yet; what it answers `false` for gets no answer.
 */
export async function serveStage(
  stage: DeployStage,
  factor: number,
  carriedOut: (call: number) => boolean,
): Promise<StageOverHttp> {
  const { requestHandler } = stage.deps.access({});
  const handler = requestHandler as DeployStage['requestHandler'];
  let calls = 0;
  let lookedAt = performance.now();
  const passTime = (): void => {
    const now = performance.now();
    stage.deps.clock.advance((now - lookedAt) * factor);
    lookedAt = now;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request);
    passTime();
    const { headers, url: path } = request;
    const handled = { method: 'POST', path, headers, body };
    const { response: given } = await handler.handle(handled as never);
    calls += 1;
    if (!carriedOut(calls)) return;
    response.writeHead(given.statusCode, given.headers).end(await textOf(given.body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString();
}
