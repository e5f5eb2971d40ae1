import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import { AwsFault } from '../../fault.ts';
import { inProcessHandler } from '../in-process.ts';
import { jsonService } from '../json.ts';
import { queryService } from '../query.ts';
import type { AwsService, RequestContext } from '../service.ts';

const ELB_NAMESPACE = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';

const contextOf = ({ accessKeyId, region }: { accessKeyId: string; region: string }): RequestContext => ({
  accountId: '123456789012',
  accessKeyId,
  region,
  now: 0,
});

const settings = (service: AwsService) => ({
  region: 'eu-west-1',
  endpoint: 'http://127.0.0.1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  requestHandler: inProcessHandler(service, contextOf),
});

const ask = (service: AwsService, target: string, body: string) =>
  service({ target, body, context: contextOf({ accessKeyId: 'a', region: 'us-east-1' }) });

describe('AWS JSON', () => {
  test('carries dates, drops members the schema does not know, and tells the handler who calls', async () => {
    const seen: RequestContext[] = [];
    const output = {
      clusterArn: 'arn:c',
      taskDefinition: { family: 'f', registeredAt: new Date(1e12), odd: 1 },
    };
    const service = jsonService(ecs, {
      DescribeTaskDefinition: (_input, context) => {
        seen.push(context);
        return output;
      },
    });
    const client = new ecs.ECSClient(settings(service));
    const answer = await client.send(new ecs.DescribeTaskDefinitionCommand({ taskDefinition: 'f:1' }));
    expect(answer.taskDefinition).toEqual({ family: 'f', registeredAt: new Date(1e12) });
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen).toEqual([
      { accountId: '123456789012', accessKeyId: 'AKIDEXAMPLE', region: 'eu-west-1', now: 0 },
    ]);
  });

  test('carries blobs both ways as bytes', async () => {
    const service = jsonService(ecr, {
      UploadLayerPart: ({ layerPartBlob }) => ({
        uploadId: Buffer.from(layerPartBlob ?? []).toString('latin1'),
      }),
    });
    const client = new ecr.ECRClient(settings(service));
    const input = { repositoryName: 'r', uploadId: 'u', partFirstByte: 0, partLastByte: 2 };
    const bytes = new Uint8Array([0, 255, 10]);
    const answer = await client.send(new ecr.UploadLayerPartCommand({ ...input, layerPartBlob: bytes }));
    expect(answer.uploadId).toBe('\u0000\u00ff\n');
  });

  test('a fault arrives as its class with its members', async () => {
    const service = jsonService(ecs, {
      UpdateService: () => {
        throw new AwsFault('ConflictException', 'busy', 400, { resourceIds: ['one'] });
      },
    });
    const call = new ecs.ECSClient(settings(service)).send(new ecs.UpdateServiceCommand({ service: 's' }));
    const error = await call.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ecs.ConflictException);
    expect(error).toMatchObject({ message: 'busy', resourceIds: ['one'] });
  });

  test('names the operation that is not offered, and does not know one that AWS does not have', async () => {
    const service = jsonService(ecs, {});
    const call = new ecs.ECSClient(settings(service)).send(new ecs.ListClustersCommand({}));
    await expect(call).rejects.toThrow('The local AWS does not offer the operation ListClusters.');
    const answer = await ask(service, 'AmazonEC2ContainerServiceV20141113.Sink', '{}');
    expect([answer.status, JSON.parse(answer.body).__type]).toEqual([400, 'UnknownOperationException']);
  });

  test('a handler that breaks is an internal failure, and its owner hears of it', async () => {
    const heard: unknown[] = [];
    const broken = () => {
      throw new TypeError('x is undefined');
    };
    const onBug = (operation: string, error: unknown) => heard.push([operation, error]);
    const answer = await ask(jsonService(ecs, { ListClusters: broken }, { onBug }), 'X.ListClusters', '{}');
    expect([answer.status, JSON.parse(answer.body).__type]).toEqual([500, 'InternalFailure']);
    expect(heard).toEqual([['ListClusters', new TypeError('x is undefined')]]);
  });

  test.each([
    ['{', 'The request body is not JSON.'],
    ['[]', 'The request body is a list; a structure was expected.'],
    ['{"services":"a"}', 'services is a string; a list was expected.'],
    ['{"services":[1]}', 'services[0] is a number; a string was expected.'],
  ])('refuses the body %s', async (body, message) => {
    const answer = await ask(jsonService(ecs, { DescribeServices: () => ({}) }), 'X.DescribeServices', body);
    expect(JSON.parse(answer.body)).toEqual({ __type: 'SerializationException', message });
  });

  test('names the first required member that is absent', async () => {
    const answer = await ask(jsonService(ecr, { CreateRepository: () => ({}) }), 'X.CreateRepository', '{}');
    expect(JSON.parse(answer.body)).toEqual({
      __type: 'InvalidParameterException',
      message: "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must not be null'",
    });
  });
});

describe('AWS Query', () => {
  test('carries nested structures, lists, numbers and XML characters both ways', async () => {
    const action: elb.Action = {
      Type: 'forward',
      ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'a<&>"\'\r\nb', Weight: 90 }, { Weight: 10 }] },
    };
    const service = queryService(elb, ELB_NAMESPACE, {
      CreateListener: (input) => ({
        Listeners: [{ Port: input.Port, DefaultActions: input.DefaultActions }],
      }),
    });
    const client = new elb.ElasticLoadBalancingV2Client(settings(service));
    const command = new elb.CreateListenerCommand({
      LoadBalancerArn: 'lb',
      Port: 80,
      DefaultActions: [action],
    });
    const answer = await client.send(command);
    expect(answer.Listeners).toEqual([{ Port: 80, DefaultActions: [action] }]);
  });

  test('tells an empty list from an absent one', async () => {
    const seen: unknown[] = [];
    const service = queryService(elb, ELB_NAMESPACE, {
      DescribeTargetGroups: (input) => {
        seen.push(input);
        return { TargetGroups: [] };
      },
    });
    const client = new elb.ElasticLoadBalancingV2Client(settings(service));
    const answer = await client.send(new elb.DescribeTargetGroupsCommand({ Names: [] }));
    await client.send(new elb.DescribeTargetGroupsCommand({}));
    expect(seen).toEqual([{ Names: [] }, {}]);
    expect(answer.TargetGroups).toEqual([]);
  });

  test('a fault arrives as its class', async () => {
    const service = queryService(elb, ELB_NAMESPACE, {
      DescribeTargetGroups: () => {
        throw new AwsFault('TargetGroupNotFound', 'One or more target groups not found');
      },
    });
    const client = new elb.ElasticLoadBalancingV2Client(settings(service));
    const error = await client
      .send(new elb.DescribeTargetGroupsCommand({}))
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(elb.TargetGroupNotFoundException);
    expect(error).toMatchObject({ message: 'One or more target groups not found' });
  });

  test.each([
    ['Action=Sink', 'InvalidAction', 400],
    ['Action=DeleteRule&RuleArn=a', 'UnsupportedOperation', 501],
    ['Action=CreateListener', 'ValidationError', 400],
    ['Action=CreateListener&LoadBalancerArn=a&Port=x', 'MalformedInput', 400],
    ['Action=CreateListener&LoadBalancerArm.member.1=a', 'ValidationError', 400],
  ])('refuses %s with %s', async (body, code, status) => {
    const answer = await ask(queryService(elb, ELB_NAMESPACE, { CreateListener: () => ({}) }), '', body);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
  });

  test('names a parameter that AWS does not have, signatures in a query apart', async () => {
    const service = queryService(elb, ELB_NAMESPACE, { DescribeRules: () => ({}) });
    const known = await ask(
      service,
      '',
      'Action=DescribeRules&Version=1&RuleArns=&X-Amz-Date=1&X-Amz-Signature=2',
    );
    expect(known.status).toBe(200);
    const answer = await ask(service, '', 'Action=DescribeRules&RuleArn=a');
    expect(answer.body).toContain(
      '<Message>Unknown parameter in input: &quot;RuleArn&quot;, must be one of: ListenerArn, RuleArns, Marker, PageSize</Message>',
    );
  });
});

describe('parameters', () => {
  const handlers = { UpdateService: () => ({}), ListClusters: () => ({}) };
  test.each([
    ['{"services":"a"}', 'Unknown parameter in input: "services", must be one of: service, cluster,'],
    [
      '{"service":"a","networkConfiguration":{"awsvpcConfiguration":{"subnet":["a"]}}}',
      'Unknown parameter in input: "networkConfiguration.awsvpcConfiguration.subnet", must be one of: subnets, securityGroups, assignPublicIp',
    ],
    [
      '{"service":"a","loadBalancers":[{},{"port":1}]}',
      'Unknown parameter in input: "loadBalancers[1].port", must be one of: targetGroupArn,',
    ],
  ])('that AWS does not have are named with their place: %s', async (body, message) => {
    const answer = await ask(jsonService(ecs, handlers), 'X.UpdateService', body);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      { __type: 'InvalidParameterException', message: expect.stringContaining(message) },
    ]);
  });

  test('are refused in the code that the service has for it', async () => {
    const refuseInvalid = (message: string) => new AwsFault('ValidationException', message);
    const answer = await ask(jsonService(ecs, handlers, { refuseInvalid }), 'X.ListClusters', '{"x":null}');
    expect(JSON.parse(answer.body).__type).toBe('ValidationException');
  });

  test('that are known and not carried out are named, in JSON and in a form', async () => {
    const message =
      'The local AWS does not carry out the parameter monitoring of UpdateService; leave it out.';
    const json = jsonService(ecs, handlers, { notCarriedOut: { UpdateService: ['monitoring'] } });
    const refused = await ask(json, 'X.UpdateService', '{"service":"a","monitoring":{}}');
    expect([refused.status, JSON.parse(refused.body)]).toEqual([
      501,
      { __type: 'UnsupportedParameter', message },
    ]);
    expect((await ask(json, 'X.UpdateService', '{"service":"a"}')).status).toBe(200);
    const notCarriedOut = { DescribeTargetHealth: ['Include'] };
    const form = queryService(elb, ELB_NAMESPACE, { DescribeTargetHealth: () => ({}) }, { notCarriedOut });
    const answer = await ask(form, '', 'Action=DescribeTargetHealth&TargetGroupArn=a&Include.member.1=All');
    expect([answer.status, answer.body]).toEqual([501, expect.stringContaining('the parameter Include of')]);
  });
});
