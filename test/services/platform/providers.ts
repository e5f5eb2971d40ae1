import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The four providers as one HTTP server that keeps what it was asked and answers as the real ones do. */
export interface Providers {
  readonly asked: readonly Asked[];
  /** The secret that leads there. */
  readonly keys: Record<string, unknown>;
  /** Answers those whose path holds `part` so, until `asUsual`. `hang` never answers. */
  answer(part: string, how: ProviderAnswer | 'hang'): void;
  asUsual(): void;
  stop(): Promise<void>;
}

export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface ProviderAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** What each answers when it has taken a message; by a part of the path. */
const usual: readonly [string, ProviderAnswer][] = [
  ['/v3/mail/send', { status: 202 }],
  ['/Messages.json', { status: 201, body: '{"sid":"SM1","status":"queued"}' }],
  ['/token', { status: 200, body: '{"access_token":"t","expires_in":3600}' }],
  ['messages:send', { status: 200, body: '{"name":"projects/p/messages/1"}' }],
  ['/slack', { status: 200, body: 'ok' }],
];

export async function startProviders(): Promise<Providers> {
  const asked: Asked[] = [];
  const unusual = new Map<string, ProviderAnswer | 'hang'>();
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    asked.push({ path, authorization: request.headers.authorization, body: await text(request) });
    const [, special] = [...unusual].find(([part]) => path.includes(part)) ?? [];
    const answer = special ?? usual.find(([part]) => path.includes(part))?.[1];
    if (answer === 'hang') return;
    response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    asked,
    keys: {
      sendgrid: { apiKey: 'SG.key', from: 'hello@berth.example', url },
      twilio: { accountSid: 'AC1', authToken: 'secret', from: '+15005550006', url },
      fcm: {
        projectId: 'p',
        clientEmail: 'berth@p.example',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        url,
        tokenUrl: `${url}/token`,
      },
      slack: { webhooks: { public: `${url}/slack/public` } },
    },
    answer: (part, how) => void unusual.set(part, how),
    asUsual: () => unusual.clear(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
