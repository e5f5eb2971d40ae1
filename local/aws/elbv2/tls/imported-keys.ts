import { createPrivateKey, createPublicKey } from 'node:crypto';

/** Private keys by the certificate they belong to. */
export interface ImportedKeys {
  /** Keeps a pair of PEM texts; what is no pair is passed over, since the back end refuses it itself. */
  remember(certificatePem: string, privateKeyPem: string): void;
  privateKeyOf(certificatePem: string): string | undefined;
  /**
   * Hears an ImportCertificate (ACM, JSON) or UploadServerCertificate (IAM, form) on its way to the back end,
   * which never gives a private key out again. Any other request is passed over.
   */
  hear(target: string | undefined, body: string): void;
}

/** Makes an empty memory. Keys are found by the certificate's public key, however the PEM is laid out. */
export function createImportedKeys(): ImportedKeys {
  const keys = new Map<string, string>();
  const remember = (certificatePem: string, privateKeyPem: string) => {
    const name = publicKeyOf(certificatePem);
    if (name !== undefined && name === publicKeyOf(privateKeyPem)) keys.set(name, privateKeyPem);
  };
  return {
    remember,
    privateKeyOf: (certificatePem) => keys.get(publicKeyOf(certificatePem) ?? ''),
    hear(target, body) {
      const pair = target === 'CertificateManager.ImportCertificate' ? ofJson(body) : ofForm(body);
      if (pair) remember(pair.certificatePem, pair.privateKeyPem);
    },
  };
}

type Pair = { certificatePem: string; privateKeyPem: string };

function ofJson(body: string): Pair | undefined {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const members = new Map(Object.entries(given));
  const text = (name: string) => Buffer.from(String(members.get(name) ?? ''), 'base64').toString('utf8');
  return { certificatePem: text('Certificate'), privateKeyPem: text('PrivateKey') };
}

function ofForm(body: string): Pair | undefined {
  const form = new URLSearchParams(body);
  if (form.get('Action') !== 'UploadServerCertificate') return undefined;
  return {
    certificatePem: form.get('CertificateBody') ?? '',
    privateKeyPem: form.get('PrivateKey') ?? '',
  };
}

/** The public key in a certificate or of a private key, as text; `undefined` for anything else. */
function publicKeyOf(pem: string): string | undefined {
  try {
    const key = pem.includes('PRIVATE KEY') ? createPublicKey(createPrivateKey(pem)) : createPublicKey(pem);
    return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    return undefined;
  }
}
