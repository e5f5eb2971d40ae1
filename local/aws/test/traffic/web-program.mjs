// The service under traffic: tells its version and its task, echoes over WebSockets, and goes without losing anything.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const { VERSION, ECS_CONTAINER_METADATA_URI_V4 } = process.env;
const { TaskARN } = await (await fetch(`${ECS_CONTAINER_METADATA_URI_V4}/task`)).json();

/** How long it goes on after SIGTERM: the load balancer may learn only then that the target is going. */
const DRAIN_DELAY_MS = 500;
const SLOW_MS = 200;

let isPoisoned = false;
const server = createServer((request, response) => {
  if (request.url === '/poison') isPoisoned = true;
  else if (isPoisoned) response.statusCode = 500;
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
  });
  const answer = () => response.end(JSON.stringify({ version: VERSION, task: TaskARN, bytes }));
  request.on('end', () => (request.url === '/slow' ? setTimeout(answer, SLOW_MS) : answer()));
});

server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const size = rest[1] & 127;
      if (rest.length < 6 || rest.length < 6 + size) return;
      const mask = rest.subarray(2, 6);
      const text = rest.subarray(6, 6 + size).map((byte, at) => byte ^ mask[at % 4]);
      const isText = (rest[0] & 15) === 1;
      rest = rest.subarray(6 + size);
      if (!isText) return void socket.end();
      const reply = Buffer.from(JSON.stringify({ version: VERSION, task: TaskARN, said: String(text) }));
      socket.write(Buffer.concat([Buffer.from([129, 126, reply.length >> 8, reply.length & 255]), reply]));
    }
  });
  // A half-open socket would hold back the end of the server until SIGKILL.
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
});

server.listen(8080);
process.on('SIGTERM', () => setTimeout(() => server.close(() => process.exit(0)), DRAIN_DELAY_MS));
