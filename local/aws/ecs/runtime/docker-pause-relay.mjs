// Runs in the container that holds a task's network: passes 127.0.0.1:51679 of the task on to the gateway.
// BERTH_GATEWAY is the path of a unix socket, or host:port.
import { connect, createServer } from 'node:net';

const target = process.env.BERTH_GATEWAY ?? '';
const [host, port] = target.split(':');
const options = target.startsWith('/') ? { path: target } : { host, port: Number(port) };

const server = createServer({ allowHalfOpen: true }, (inward) => {
  const outward = connect({ ...options, allowHalfOpen: true });
  inward.pipe(outward);
  outward.pipe(inward);
  inward.on('error', () => outward.destroy());
  outward.on('error', () => inward.destroy());
  inward.on('close', () => outward.destroy());
  outward.on('close', () => inward.destroy());
});
server.listen(51679, '127.0.0.1', () => console.log('ready'));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
