import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { ListenerRecord } from '../records.ts';
import { selectCertificate } from '../tls/certificates.ts';
import { tlsOptionsOf } from '../tls/ssl-policies.ts';

/**
 * Makes the server of a listener, not yet listening. An HTTPS one looks its certificates up anew for each
 * handshake, so that a change needs no other server.
 */
export function makeDoorServer(listener: ListenerRecord, options: ServerOptions): Server {
  if (!listener.tls) return createServer(options);
  return createTlsServer({
    ...options,
    ...secureOptions(listener),
    ALPNProtocols: ['http/1.1'],
    SNICallback(serverName, done) {
      const chosen = selectCertificate(listener.tls?.certificates ?? [], serverName);
      done(null, chosen && createSecureContext({ ...secureOptions(listener), ...chosen }));
    },
  });
}

/** Lets new connections have the listener's present security policy and default certificate. */
export function retuneDoorServer(server: Server, listener: ListenerRecord): void {
  if (server instanceof TlsServer) server.setSecureContext(secureOptions(listener));
}

function secureOptions({ tls }: ListenerRecord) {
  if (!tls) return {};
  const [first] = tls.certificates;
  return { ...tlsOptionsOf(tls.policy), ...(first && { cert: first.cert, key: first.key }) };
}
