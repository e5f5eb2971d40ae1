import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { CLAIM_NAMES, claimsOf, GITHUB_ISSUER, type WorkflowRun } from './oidc-claims.ts';

/** What a run gets so that its jobs can ask for tokens. */
export interface TokenEndpoint {
  /**
   * `ACTIONS_ID_TOKEN_REQUEST_URL` of a job. For act give `${{ github.job }}` as the job: it fills in
   * expressions in the environment it is given, so one run's jobs have each their own URL.
   */
  requestUrl(jobId: string): string;
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN`: opens this run's endpoint and no other. */
  requestToken: string;
}

export interface OidcIssuer {
  /** `iss` of every token; the same as GitHub's, so that trust policies are those of production. */
  issuer: string;
  /** Where the public keys really are, `http://127.0.0.1:PORT/.well-known/jwks`. */
  jwksUrl: string;
  register(run: WorkflowRun): TokenEndpoint;
  stop(): Promise<void>;
}

interface Signer {
  /** Public keys as JWKS. */
  keys: JWK[];
  sign(claims: Record<string, string | number>): Promise<string>;
}

type RegisteredRun = { run: WorkflowRun; requestToken: string };

/**
 * Starts an issuer of OIDC tokens shaped like that of GitHub Actions, on a free port of 127.0.0.1.
 *
 * `GET <requestUrl>&audience=…` with `Authorization: Bearer <requestToken>` answers `{ count, value }`, the
 * value an RS256 JWT; 401 for a wrong bearer, 404 for an unknown run. Tokens end five minutes after `now`.
 */
export async function startOidcIssuer(options: { now(): number; newId?: () => string }): Promise<OidcIssuer> {
  const { now, newId = randomUUID } = options;
  const signer = await createSigner();
  const runs = new Map<string, RegisteredRun>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      reply(response, 500, { message: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const jwksUrl = `${url}/.well-known/jwks`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', url);
    if (asked.pathname === '/.well-known/jwks') return reply(response, 200, { keys: signer.keys });
    if (asked.pathname === '/.well-known/openid-configuration') {
      return reply(response, 200, openidConfiguration(jwksUrl));
    }
    const [, place, id = '', jobId = ''] = asked.pathname.split('/');
    const registered = place === 'idtoken' ? runs.get(id) : undefined;
    if (!registered) return reply(response, 404, { message: `no run at ${asked.pathname}` });
    if (request.headers.authorization?.toLowerCase() !== `bearer ${registered.requestToken}`) {
      return reply(response, 401, { message: 'the bearer token is not the one of this run' });
    }
    const claims = claimsOf(registered.run, {
      jobId: decodeURIComponent(jobId),
      audience: asked.searchParams.get('audience') ?? undefined,
      nowMs: now(),
      tokenId: newId(),
    });
    const value = await signer.sign(claims);
    reply(response, 200, { count: value.length, value });
  }

  return {
    issuer: GITHUB_ISSUER,
    jwksUrl,
    register(run) {
      const id = newId();
      const requestToken = newId();
      runs.set(id, { run, requestToken });
      return { requestToken, requestUrl: (jobId) => `${url}/idtoken/${id}/${jobId}?api-version=2.0` };
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function createSigner(): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }],
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid }).sign(privateKey),
  };
}

function openidConfiguration(jwksUrl: string) {
  return {
    issuer: GITHUB_ISSUER,
    jwks_uri: jwksUrl,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    claims_supported: CLAIM_NAMES,
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
  };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
