import { once } from 'node:events';
import { connect } from 'node:net';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Ask, ask, Front } from './front.ts';

const front = new Front();
afterEach(() => front.close());

/** A listener that answers with the name of the rule that matched. */
async function listenerWith(rules: Record<string, elb.RuleCondition>) {
  const balanced = await front.balance({});
  for (const [index, [name, condition]] of Object.entries(rules).entries()) {
    await balanced.client.send(
      new elb.CreateRuleCommand({
        ListenerArn: balanced.listener,
        Priority: index + 1,
        Conditions: [condition],
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: name } }],
      }),
    );
  }
  return balanced;
}

describe('a request over the wire is matched by', () => {
  test.each<[string, string, Ask]>([
    ['method', '/', { method: 'DELETE' }],
    ['header', '/', { headers: { 'X-Channel': 'Beta-2' } }],
    ['query', '/cart?step=2&Preview=YES', {}],
    ['host', '/', { headers: { host: 'api.shop.test:8080' } }],
    ['source', '/', { localAddress: '127.0.0.2' }],
    ['path', '/v2/carts?x=1', {}],
  ])('%s', async (name, path, options) => {
    const { port } = await listenerWith({
      method: { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['DELETE'] } },
      header: { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-channel', Values: ['beta*'] } },
      query: { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'preview', Value: 'yes' }] } },
      host: { Field: 'host-header', HostHeaderConfig: { Values: ['*.shop.test'] } },
      source: { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.2/32'] } },
      path: { Field: 'path-pattern', PathPatternConfig: { Values: ['/v2/*'] } },
    });
    expect(await ask(port, path, options)).toMatchObject({ status: 200, body: name });
    expect((await ask(port, '/')).status).toBe(404);
  });
});

test.each([
  ['no HTTP', 'hello there\r\n\r\n'],
  ['a header field without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n'],
])('what is %s is answered 400', async (_title, text) => {
  const { port } = await listenerWith({});
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  const answer = String((await once(socket, 'data'))[0]);
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\n.*400 Bad Request<\/h1>/s);
  socket.destroy();
});

test('a group at which all weights are 0 is answered 503', async () => {
  const { port, elbv2, arns, client, listener } = await front.balance({ blue: [], green: [] });
  const { Rules } = await client.send(new elb.DescribeRulesCommand({ ListenerArn: listener }));
  const weights = Object.fromEntries(Object.values(arns).map((arn) => [arn, 0]));
  elbv2.trafficRules.setWeights(Rules?.[0]?.RuleArn ?? '', weights);
  expect((await ask(port)).status).toBe(503);
});
