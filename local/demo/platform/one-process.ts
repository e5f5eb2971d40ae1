import { randomBytes } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import { makeSelfSigned } from '../../aws/elbv2/tls/self-signed.ts';
import type { LocalAws } from '../../aws/local-aws.ts';
import { makeResources } from '../../stack/platform-ground.ts';
import { startPostgres } from '../../stack/postgres.ts';
import type { Files } from '../caller.ts';
import { ADMINISTRATOR_SECRET } from '../clients.ts';
import { required } from '../ground.ts';
import { readManifest } from './catalogue.ts';
import { type Certificate, openFleet, type Release, type Shipment } from './fleet.ts';
import { goldenJourney, type Journey } from './golden-journey.ts';
import { People } from './people.ts';
import type { Platform } from './platform.ts';

/** What came of the layout for a small installation. */
export interface OneProcess {
  readonly shipped: Shipment;
  /** A delivery from beginning to end, over HTTPS. */
  readonly journey: Journey;
}

/**
 * The single-service layout (`SERVICE=all`) beside the ten, behind an HTTPS listener, with a database, queues, bucket
 * and table of its own: created on its first image, shipped by the pack with all its migrations, and travelled through.
 */
export async function shipOneProcess(
  { ground }: Platform,
  sources: { files: Files; release: Release },
  onLine: (line: string) => void,
): Promise<OneProcess> {
  const { files, release } = sources;
  await using stack = new AsyncDisposableStack();
  const postgres = await startPostgres();
  stack.defer(() => postgres.stop());
  const database = 'small-database:5432';
  ground.aws.names.point(database, postgres.port);
  const atDatabase = (url = '') => url.replace(/@.*?\//, `@${database}/`);
  const values = {
    ...ground.values,
    ...(await makeResources(ground.aws.endpoint, 'small-')),
    DATABASE_URL: atDatabase(ground.values.DATABASE_URL),
    // The ten have the first of Redis's databases.
    REDIS_URL: `${ground.values.REDIS_URL}/1`,
  };
  const migration = { DATABASE_ADMIN_URL: atDatabase(ground.migration.DATABASE_ADMIN_URL) };
  const certificate = await importCertificate(ground.aws);
  const manifest = readManifest(files, 'berth.all.yaml');
  const fleet = await openFleet({ ...ground, values, migration }, 'platform-all', {
    manifest,
    files,
    certificate,
  });
  stack.defer(() => fleet.close());
  const { version, images } = release;
  await fleet.create('all', { version, image: required(images.all, 'image of all') });
  const shipped = await fleet.ship({ ...release, version: 'second' }, onLine);
  const before = getCACertificates('default');
  stack.defer(() => setDefaultCACertificates(before));
  // What a public certificate authority does for a real load balancer.
  setDefaultCACertificates([...before, certificate.pem]);
  const journey = await goldenJourney({
    base: fleet.url('all'),
    manager: ground.firstManager,
    people: new People(),
  });
  return { shipped, journey };
}

/** Imports a certificate for the load balancer's address that signs itself. */
async function importCertificate({ endpoint, region, accountId }: LocalAws): Promise<Certificate> {
  const { certificatePem, privateKeyPem } = makeSelfSigned(['127.0.0.1'], Date.now(), randomBytes(8));
  const credentials = { accessKeyId: accountId, secretAccessKey: ADMINISTRATOR_SECRET };
  const { CertificateArn } = await new ACMClient({ endpoint, region, credentials }).send(
    new ImportCertificateCommand({
      Certificate: Buffer.from(certificatePem),
      PrivateKey: Buffer.from(privateKeyPem),
    }),
  );
  return { arn: required(CertificateArn, 'certificate'), pem: certificatePem };
}
