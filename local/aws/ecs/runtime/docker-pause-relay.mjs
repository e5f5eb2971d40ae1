// Runs in the container that holds a task's network: passes 127.0.0.1:51679 of the task on to the gateway, and each
// private name to what it stands for, through a tunnel that it asks of the gateway.
// BERTH_GATEWAY is the path of a unix socket, or host:port; BERTH_NAMES is JSON: [{ "name": "host:port", "address": … }].
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const target = process.env.BERTH_GATEWAY ?? '';
const [host, port] = target.split(':');
const options = target.startsWith('/') ? { path: target } : { host, port: Number(port) };
const names = JSON.parse(process.env.BERTH_NAMES ?? '[]');

function join(inward, outward) {
  inward.pipe(outward);
  outward.pipe(inward);
}

function tieEnds(inward, outward) {
  inward.on('error', () => outward.destroy());
  outward.on('error', () => inward.destroy());
  inward.on('close', () => outward.destroy());
  outward.on('close', () => inward.destroy());
}

function pass(inward) {
  const outward = connect({ ...options, allowHalfOpen: true });
  tieEnds(inward, outward);
  join(inward, outward);
}

/** What the gateway says first is its answer to CONNECT; all after the empty line is the other end's. */
function tunnelTo(name) {
  return (inward) => {
    const outward = connect({ ...options, allowHalfOpen: true });
    tieEnds(inward, outward);
    outward.write(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
    let said = Buffer.alloc(0);
    outward.on('data', function hear(chunk) {
      said = Buffer.concat([said, chunk]);
      const end = said.indexOf('\r\n\r\n');
      if (end < 0) return;
      outward.off('data', hear);
      if (!said.subarray(0, end).toString().startsWith('HTTP/1.1 200')) {
        inward.resetAndDestroy();
        return;
      }
      inward.write(said.subarray(end + 4));
      join(inward, outward);
    });
  };
}

async function listen(port, address, serve) {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, serve).listen(port, address);
  await once(server, 'listening');
}

await listen(51679, '127.0.0.1', pass);
for (const { name, address } of names) await listen(Number(name.split(':')[1]), address, tunnelTo(name));
console.log('ready');
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
