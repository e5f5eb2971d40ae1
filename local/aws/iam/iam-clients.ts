import { IAMClient } from '@aws-sdk/client-iam';
import { HttpRequest } from '@smithy/core/protocols';

/**
 * Gives one IAM client for each account at an endpoint. The account is named twice: by its 12 digits as access
 * key id, as most local servers have it, and by the header that moto goes by.
 */
export function iamClientsAt(endpoint: string): (accountId: string) => IAMClient {
  const clients = new Map<string, IAMClient>();
  return (accountId) => {
    const client = clients.get(accountId) ?? iamClient(endpoint, accountId);
    clients.set(accountId, client);
    return client;
  };
}

function iamClient(endpoint: string, accountId: string): IAMClient {
  const credentials = { accessKeyId: accountId, secretAccessKey: 'local' };
  const client = new IAMClient({ endpoint, region: 'us-east-1', credentials });
  client.middlewareStack.add(
    (next) => (args) => {
      if (HttpRequest.isInstance(args.request)) args.request.headers['x-moto-account-id'] = accountId;
      return next(args);
    },
    { step: 'build', name: 'nameAccountForMoto' },
  );
  return client;
}
