import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logins } from '../login.ts';
import { beginUpload, continueUpload, serveBlob } from './blobs.ts';
import { answerText, type Exchange, type RegistryParts } from './exchange.ts';
import { actionsOf, assertAllowed, mayMountFrom, type RegistryGuard } from './guard.ts';
import { listReferrers, listTags, serveManifest, takeManifest } from './manifests.ts';
import { RegistryFault, registryFaultOf } from './registry-fault.ts';
import { parseRegistryPath, type RegistryPath } from './registry-path.ts';

type GuardedParts = RegistryParts & { logins: Logins; guard: RegistryGuard };

/**
 * The OCI distribution API below `/v2/`, as ECR offers it: Basic authentication by a login that also says
 * whose registry it is and whose permissions count; a repository has to exist before anything is pushed to it; nothing is deleted here.
 * Source: OCI distribution specification 1.1.
 */
export function createRegistry(parts: GuardedParts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    try {
      await serve(parts, request, response);
    } catch (error) {
      const fault = registryFaultOf(error);
      if (!fault || response.headersSent) throw error;
      answerFault(request, response, fault);
    }
  };
}

async function serve(parts: GuardedParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const registry = parts.logins.registryOf(request.headers.authorization);
  if (!registry) throw unauthorized(request, response);
  const url = new URL(request.url ?? '/', 'http://registry');
  const path = parseRegistryPath(url.pathname);
  if (!path) throw new RegistryFault('UNSUPPORTED', `The registry has no path ${url.pathname}.`, 404);
  const method = request.method ?? 'GET';
  if (path.kind === 'ping') {
    return answerText({ response, method }, '{}', { 'content-type': 'application/json' });
  }
  const repository = parts.repositories.find(registry, path.repository);
  const { searchParams: query } = url;
  if (registry.holder) {
    const { guard, now } = parts;
    const caller = { ...registry.holder, region: registry.region, now: now() };
    await assertAllowed(guard, caller, repository, actionsOf({ path, method, query }));
    const source = parts.repositories.tryFind(registry, query.get('from') ?? '');
    if (source && !(await mayMountFrom(guard, caller, source))) query.delete('mount');
  }
  const exchange: Exchange = { request, response, method, query, repository };
  return answer(parts, exchange, path);
}

async function answer(
  parts: RegistryParts,
  exchange: Exchange,
  path: Exclude<RegistryPath, { kind: 'ping' }>,
): Promise<void> {
  const { method } = exchange;
  const isRead = method === 'GET' || method === 'HEAD';
  if (path.kind === 'blob' && isRead) return serveBlob(parts, exchange, path.digest);
  if (path.kind === 'uploads' && method === 'POST') return beginUpload(parts, exchange);
  if (path.kind === 'upload' && ['GET', 'PATCH', 'PUT', 'DELETE'].includes(method)) {
    return continueUpload(parts, exchange, path.uploadId);
  }
  if (path.kind === 'manifest' && isRead) return serveManifest(parts, exchange, path.reference);
  if (path.kind === 'manifest' && method === 'PUT') return takeManifest(parts, exchange, path.reference);
  if (path.kind === 'tags' && isRead) return listTags(exchange);
  if (path.kind === 'referrers' && isRead) return listReferrers(exchange, path.digest);
  throw new RegistryFault('UNSUPPORTED', `The registry does not offer ${method} on this path.`, 405);
}

function unauthorized(request: IncomingMessage, response: ServerResponse): RegistryFault {
  const realm = `http://${request.headers.host ?? '127.0.0.1'}/`;
  response.setHeader('www-authenticate', `Basic realm="${realm}",service="ecr.amazonaws.com"`);
  const message = request.headers.authorization
    ? 'Your authorization token has expired or is not of this registry. Reauthenticate and try again.'
    : 'no basic auth credentials';
  return new RegistryFault('UNAUTHORIZED', message, 401);
}

function answerFault(request: IncomingMessage, response: ServerResponse, fault: RegistryFault): void {
  // What is left of the request's body would otherwise be read as the next request of the connection.
  request.resume();
  const body = JSON.stringify({ errors: [{ code: fault.code, message: fault.message }] });
  response.writeHead(fault.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
