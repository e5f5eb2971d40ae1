import { generateKeyPairSync, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface SelfSigned {
  certificatePem: string;
  privateKeyPem: string;
}

/**
 * Makes a certificate that signs itself, with an EC key on P-256, for host names (wildcards too) and IPv4
 * addresses, the first of them its common name. It holds from a day before `now` (epoch milliseconds) for
 * 825 days. Source: RFC 5280; DER as in ITU-T X.690.
 */
export function makeSelfSigned(names: readonly string[], now: number, serial: Uint8Array): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = sequence(
    set(sequence(objectId(COMMON_NAME), der(0x0c, Buffer.from(names[0] ?? 'localhost')))),
  );
  const signature = sequence(objectId(ECDSA_WITH_SHA256));
  const alternatives = names.map((text) =>
    isIPv4(text)
      ? der(0x87, Buffer.from(text.split('.').map(Number)))
      : der(0x82, Buffer.from(text, 'ascii')),
  );
  const extensions = sequence(sequence(objectId(SUBJECT_ALT_NAME), der(0x04, sequence(...alternatives))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), serial])),
    signature,
    name,
    sequence(time(now - DAY_MS), time(now + 825 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const seal = sign('sha256', body, privateKey);
  const certificate = sequence(body, signature, der(0x03, Buffer.concat([Buffer.from([0]), seal])));
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const DAY_MS = 86_400_000;
/** Object identifiers in DER, without tag and length. */
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const set = (part: Buffer) => der(0x31, part);
const objectId = (bytes: number[]) => der(0x06, Buffer.from(bytes));

/** UTCTime, which holds until 2049. */
function time(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
