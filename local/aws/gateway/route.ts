import { type CredentialScope, parseCredentialScope } from '../wire/credential-scope.ts';

/** The services that are answered here; everything else goes to the back end. */
export type OwnService = 'application-autoscaling' | 'ecr' | 'ecs' | 'elasticloadbalancing' | 'iam' | 'sts';

/** What of a request decides where it goes. Header names in lower case. */
export type RequestHead = {
  method: string;
  /** Path and query as on the request line. */
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
};

/**
 * Where a request goes. `form` is a request whose body has to be read first: an unsigned form, one of ELBv2 and its
 * older sibling, which share the signing name and differ in the `Version`, or one of IAM, of which a part is ours.
 */
export type Route =
  | { to: 'registry' }
  | { to: 'task'; path: string }
  | { to: 'service'; service: OwnService; scope?: CredentialScope }
  | { to: 'form'; scope?: CredentialScope }
  | { to: 'backend'; scope?: CredentialScope };

/** Those that speak JSON: the operation is in a header. */
const SERVICE_OF_TARGET: Readonly<Record<string, OwnService>> = {
  AnyScaleFrontendService: 'application-autoscaling',
  AmazonEC2ContainerServiceV20141113: 'ecs',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
};

const JSON_SERVICES: ReadonlySet<string> = new Set(Object.values(SERVICE_OF_TARGET));

/** Those that speak AWS Query: the operation is in a form. */
const SERVICE_OF_VERSION: Readonly<Record<string, OwnService>> = {
  '2011-06-15': 'sts',
  '2015-12-01': 'elasticloadbalancing',
  '2010-05-08': 'iam',
};

/** What of IAM is ours; the back end keeps the records and does the rest. */
const IAM_OPERATIONS: ReadonlySet<string> = new Set(['SimulatePrincipalPolicy']);

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/**
 * Decides where a request goes, from its signature's scope, `X-Amz-Target`, host and path.
 *
 * `/v2/` is the OCI registry unless the request carries an AWS signature (SES and API Gateway have paths
 * below `/v2/` too); `/_berth/` is for tasks.
 */
export function routeOf({ method, url, headers }: RequestHead): Route {
  const [path = '/', query = ''] = splitUrl(url);
  const authorization = single(headers.authorization);
  const scope =
    parseCredentialScope(authorization) ??
    parseCredentialScope(new URLSearchParams(query).get('X-Amz-Credential') ?? undefined);
  if (path.startsWith('/_berth/')) return { to: 'task', path };
  if (!scope && (path === '/v2' || path.startsWith('/v2/'))) return { to: 'registry' };
  const target = single(headers['x-amz-target'])?.split('.')[0] ?? '';
  const service =
    SERVICE_OF_TARGET[target] ?? ownService(scope?.service ?? serviceOfHost(single(headers.host)));
  if (service && JSON_SERVICES.has(service)) return { to: 'service', service, scope };
  if (service && service !== 'iam' && method === 'GET') return { to: 'service', service, scope };
  if (service) return { to: 'form', scope };
  const form = single(headers['content-type'])?.startsWith('application/x-www-form-urlencoded') ?? false;
  if (!scope && method === 'POST' && path === '/' && form) return { to: 'form' };
  return { to: 'backend', scope };
}

/** The service of ours that an AWS Query body is for, by its `Version`; `undefined` when it is none of ours. */
export function serviceOfForm(body: string): OwnService | undefined {
  const form = new URLSearchParams(body);
  const service = SERVICE_OF_VERSION[form.get('Version') ?? ''];
  return service === 'iam' && !IAM_OPERATIONS.has(form.get('Action') ?? '') ? undefined : service;
}

/** Path and query of a request line's target, which may be a whole URL. */
export function splitUrl(url: string): [path: string, query: string] {
  const relative = url.replace(/^https?:\/\/[^/?]+/, '');
  const [path, ...rest] = relative.split('?');
  return [path || '/', rest.join('?')];
}

const OWN_SERVICES: readonly OwnService[] = [
  ...Object.values(SERVICE_OF_TARGET),
  ...Object.values(SERVICE_OF_VERSION),
];

const ownService = (name: string | undefined): OwnService | undefined =>
  OWN_SERVICES.find((service) => service === name);

/** `sts` of `sts.us-east-1.amazonaws.com`, `ecr` of `api.ecr.us-east-1.amazonaws.com`. */
function serviceOfHost(host: string | undefined): string | undefined {
  return host?.match(/^(?:api\.)?([a-z0-9-]+)\.(?:[a-z0-9-]+\.)?amazonaws\.com(?::\d+)?$/)?.[1];
}
