/** What a path below `/v2/` asks for. */
export type RegistryPath =
  | { kind: 'ping' }
  | { kind: 'blob'; repository: string; digest: string }
  | { kind: 'uploads'; repository: string }
  | { kind: 'upload'; repository: string; uploadId: string }
  | { kind: 'manifest'; repository: string; reference: string }
  | { kind: 'tags'; repository: string }
  | { kind: 'referrers'; repository: string; digest: string };

/**
 * Reads a path of the OCI distribution API, without its query; `undefined` for one that the API does not
 * have. Source: OCI distribution specification 1.1, "Endpoints".
 */
export function parseRegistryPath(path: string): RegistryPath | undefined {
  if (path === '/v2' || path === '/v2/') return { kind: 'ping' };
  const match = path.match(/^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|tags|referrers)(?:\/([^/]*))?$/);
  const [, repository = '', what, last = ''] = match ?? [];
  switch (what) {
    case 'blobs/uploads':
      return last ? { kind: 'upload', repository, uploadId: last } : { kind: 'uploads', repository };
    case 'blobs':
      return last ? { kind: 'blob', repository, digest: last } : undefined;
    case 'manifests':
      return last ? { kind: 'manifest', repository, reference: decodeURIComponent(last) } : undefined;
    case 'tags':
      return last === 'list' ? { kind: 'tags', repository } : undefined;
    case 'referrers':
      return last ? { kind: 'referrers', repository, digest: last } : undefined;
    default:
      return undefined;
  }
}
