import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PrivateNames } from '../private-names.ts';

/**
 * Answers `CONNECT host:port` of the tasks' relays with a tunnel to what a private name stands for, byte for byte.
 * A name that nobody gave is 404 and a port where nobody listens 502, both before a byte has passed.
 */
export class Tunnels {
  readonly #names: Pick<PrivateNames, 'portOf'>;
  readonly #open = new Set<Duplex>();

  constructor(names: Pick<PrivateNames, 'portOf'>) {
    this.#names = names;
  }

  serve(server: Server): void {
    server.on('connect', (request, inward, head) => this.#tunnel(request, inward, head));
  }

  /** Cuts every tunnel. */
  close(): void {
    for (const end of this.#open) end.destroy();
  }

  #tunnel({ url = '' }: IncomingMessage, inward: Duplex, head: Buffer): void {
    this.#keep(inward);
    const port = this.#names.portOf(url);
    if (port === undefined) {
      inward.end('HTTP/1.1 404 Not Found\r\n\r\n');
      return;
    }
    const outward = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#keep(outward);
    const refuse = () => inward.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    outward.once('error', refuse);
    outward.once('connect', () => {
      outward.off('error', refuse);
      tie(inward, outward);
      tie(outward, inward);
      inward.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      outward.write(head);
    });
  }

  #keep(end: Duplex): void {
    this.#open.add(end);
    end.on('error', () => undefined);
    end.once('close', () => this.#open.delete(end));
  }
}

/** What comes from one end goes to the other, an orderly end and a breakdown too. */
function tie(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.once('error', () => to.destroy());
  from.once('close', () => to.end());
}
