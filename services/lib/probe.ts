import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * Asks `/health` of the service on this machine; `false` when it answers anything but 200, or is silent for two seconds.
 *
 * The request is written by hand: to load an HTTP client would take as much processor time as all the rest.
 */
export function isHealthy(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
  socket.on('timeout', () => socket.destroy(new Error('no answer in two seconds')));
  socket.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  return text(socket).then(
    (answer) => answer.startsWith('HTTP/1.1 200 '),
    () => false,
  );
}
