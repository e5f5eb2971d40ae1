import { Transform } from 'node:stream';

/** Largest MQTT packet, in bytes: a position needs some 200, a CONNECT with a token some 1,000. */
const packetBytes = 16 * 1024;

/**
 * Passes an MQTT stream through and fails at a packet that says it is larger than allowed. The broker's parser would
 * collect one of up to 256 MB first, and of somebody it does not know yet.
 *
 * Reads the fixed header only (MQTT 3.1.1, section 2.2): a byte of type, then the remaining length, seven bits a byte.
 */
export function limitPackets(limit = packetBytes): Transform {
  /** Bytes of the current packet still to come; `undefined` while its header is being read. */
  let remaining: number | undefined;
  let headerBytes = 0;
  let length = 0;

  /** Takes one byte of a header; true when the packet is too large, or its length has a fifth byte. */
  function isRefused(byte: number): boolean {
    headerBytes += 1;
    if (headerBytes === 1) return false;
    length += (byte & 0x7f) * 128 ** (headerBytes - 2);
    if (byte < 0x80) {
      remaining = length;
      headerBytes = 0;
      length = 0;
    }
    return headerBytes > 4 || Math.max(length, remaining ?? 0) > limit;
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let index = 0; index < chunk.length; ) {
        if (remaining !== undefined && remaining > 0) {
          const taken = Math.min(remaining, chunk.length - index);
          remaining -= taken;
          index += taken;
          continue;
        }
        remaining = undefined;
        if (isRefused(chunk.readUInt8(index))) {
          done(new Error(`The MQTT packet is larger than ${limit} bytes.`));
          return;
        }
        index += 1;
      }
      done(null, chunk);
    },
  });
}
