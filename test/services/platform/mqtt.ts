import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from './caller.ts';

/** A client of MQTT 3.1.1 with what these tests need of it, packet by packet. */
export interface MqttClient {
  /** Publishes at QoS 1; rejects when the connection ends instead of an acknowledgement. */
  publish(topic: string, payload: string): Promise<void>;
  /** Gives the code of the SUBACK: 128 for a refusal. */
  subscribe(topic: string): Promise<number>;
  /** Sends bytes as they are. */
  write(bytes: Buffer): void;
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects with a password; rejects with the return code of a CONNACK that refuses. */
export async function connectMqtt(port: number, password: string): Promise<MqttClient> {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  const isWhole = () => received.length >= 2 && received.length >= 2 + received.readUInt8(1);

  /** The next packet; all that come here are shorter than 128 bytes. */
  async function next(): Promise<Buffer> {
    await until(() => isWhole() || socket.closed);
    if (!isWhole()) throw new Error('The connection was ended.');
    const length = 2 + received.readUInt8(1);
    const packet = received.subarray(0, length);
    received = received.subarray(length);
    return packet;
  }

  const flags = 0b1100_0010;
  socket.write(
    packetOf(
      0x10,
      text('MQTT'),
      Buffer.from([4, flags, 0, 60]),
      text('client'),
      text('driver'),
      text(password),
    ),
  );
  const code = (await next()).readUInt8(3);
  if (code !== 0) throw new Error(`refused with ${code}`);
  return {
    closed,
    async publish(topic, payload) {
      socket.write(packetOf(0x32, text(topic), Buffer.from([0, 1]), Buffer.from(payload)));
      await next();
    },
    async subscribe(topic) {
      socket.write(packetOf(0x82, Buffer.from([0, 2]), text(topic), Buffer.from([0])));
      return (await next()).readUInt8(4);
    },
    write: (bytes) => void socket.write(bytes),
    close: () => socket.destroy(),
  };
}

function packetOf(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) | 0x80 : rest);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}
