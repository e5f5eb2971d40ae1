import type { AccessNeed } from './access-need.ts';

/** A request to S3, whose operation is in its method, path and query. */
export type S3Request = {
  method: string;
  /** Path and query. */
  url: string;
  host?: string;
  /** `x-amz-copy-source`. */
  copySource?: string;
};

type Rule = readonly [method: string, subresource: string, action: string];

/** Of a bucket; the first that fits. A subresource is a parameter of the query. */
const BUCKET_RULES: readonly Rule[] = [
  ['GET', 'location', 'GetBucketLocation'],
  ['GET', 'versioning', 'GetBucketVersioning'],
  ['PUT', 'versioning', 'PutBucketVersioning'],
  ['GET', 'versions', 'ListBucketVersions'],
  ['GET', 'uploads', 'ListBucketMultipartUploads'],
  ['GET', 'policy', 'GetBucketPolicy'],
  ['PUT', 'policy', 'PutBucketPolicy'],
  ['DELETE', 'policy', 'DeleteBucketPolicy'],
  ['GET', 'tagging', 'GetBucketTagging'],
  ['PUT', 'tagging', 'PutBucketTagging'],
  ['DELETE', 'tagging', 'PutBucketTagging'],
  ['GET', 'encryption', 'GetEncryptionConfiguration'],
  ['PUT', 'encryption', 'PutEncryptionConfiguration'],
  ['GET', 'lifecycle', 'GetLifecycleConfiguration'],
  ['PUT', 'lifecycle', 'PutLifecycleConfiguration'],
  ['GET', 'acl', 'GetBucketAcl'],
  ['PUT', 'acl', 'PutBucketAcl'],
  ['GET', 'publicAccessBlock', 'GetBucketPublicAccessBlock'],
  ['PUT', 'publicAccessBlock', 'PutBucketPublicAccessBlock'],
  ['GET', '', 'ListBucket'],
  ['HEAD', '', 'ListBucket'],
  ['PUT', '', 'CreateBucket'],
  ['DELETE', '', 'DeleteBucket'],
];

const OBJECT_RULES: readonly Rule[] = [
  ['GET', 'tagging', 'GetObjectTagging'],
  ['PUT', 'tagging', 'PutObjectTagging'],
  ['DELETE', 'tagging', 'DeleteObjectTagging'],
  ['GET', 'acl', 'GetObjectAcl'],
  ['PUT', 'acl', 'PutObjectAcl'],
  ['GET', 'uploadId', 'ListMultipartUploadParts'],
  ['DELETE', 'uploadId', 'AbortMultipartUpload'],
  ['PUT', 'uploadId', 'PutObject'],
  ['POST', 'uploadId', 'PutObject'],
  ['POST', 'uploads', 'PutObject'],
  ['GET', 'versionId', 'GetObjectVersion'],
  ['HEAD', 'versionId', 'GetObjectVersion'],
  ['DELETE', 'versionId', 'DeleteObjectVersion'],
  ['GET', '', 'GetObject'],
  ['HEAD', '', 'GetObject'],
  ['PUT', '', 'PutObject'],
  ['DELETE', '', 'DeleteObject'],
];

/** Parameters that change what an answer looks like and not what is asked for. */
const PLAIN = new Set([
  ...['list-type', 'prefix', 'delimiter', 'marker', 'max-keys', 'start-after', 'continuation-token'],
  ...['encoding-type', 'fetch-owner', 'partNumber', 'x-id', 'key-marker'],
]);

const isPlain = (name: string): boolean =>
  PLAIN.has(name) || name.startsWith('response-') || /^x-amz-/i.test(name);

/**
 * The permissions a request to S3 takes; one that is not known here takes `s3:*` on what it names.
 * Source: S3 API reference; Service Authorization Reference, "Actions, resources, and condition keys for Amazon
 * S3" (read 2026-11).
 */
export function s3Needs(request: S3Request): AccessNeed[] {
  const [path = '/', query = ''] = request.url.split(/\?(.*)/s);
  const { bucket, key } = placeOf(path, request.host);
  if (bucket === '') return [need('ListAllMyBuckets', '*')];
  const parameters = [...new URLSearchParams(query).keys()].filter((name) => !isPlain(name));
  const bucketArn = `arn:aws:s3:::${bucket}`;
  if (key === '') {
    // A list of objects is in the body, which may be long: all of the bucket's are asked for.
    const isBatch = request.method === 'POST' && parameters.includes('delete');
    if (isBatch) return [need('DeleteObject', `${bucketArn}/*`)];
    return [need(actionOf(BUCKET_RULES, request.method, parameters), bucketArn)];
  }
  const action = actionOf(OBJECT_RULES, request.method, parameters);
  const { copySource } = request;
  const source = copySource && decodeURIComponent(copySource.split('?')[0] ?? '').replace(/^\//, '');
  return [
    need(action, `${bucketArn}/${key}`),
    ...(source ? [need('GetObject', `arn:aws:s3:::${source}`)] : []),
  ];
}

const need = (action: string, resource: string): AccessNeed => ({
  action: `s3:${action}`,
  resources: [resource],
});

function actionOf(rules: readonly Rule[], method: string, parameters: readonly string[]): string {
  const isMeant = ([of, subresource]: Rule) =>
    of === method && (subresource === '' ? parameters.length === 0 : parameters.includes(subresource));
  return rules.find(isMeant)?.[2] ?? '*';
}

/** `/bucket/key`, or `/key` where the host begins with the bucket's name (`photos.s3.amazonaws.com`). */
function placeOf(path: string, host = ''): { bucket: string; key: string } {
  const [, ofHost] = host.match(/^(.+?)\.s3[.-]/) ?? [];
  const decoded = decodeURIComponent(path).replace(/^\//, '');
  if (ofHost) return { bucket: ofHost, key: decoded };
  const [bucket = '', ...rest] = decoded.split('/');
  return { bucket, key: rest.join('/') };
}
