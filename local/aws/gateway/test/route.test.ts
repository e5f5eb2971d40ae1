import { describe, expect, test } from '@jest/globals';
import { routeOf, serviceOfForm } from '../route.ts';

const signed = (service: string, key = '123456789012', region = 'eu-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261121/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

describe('routeOf', () => {
  test.each([
    ['a signed ECS call', 'POST', '/', signed('ecs'), { to: 'service', service: 'ecs' }],
    ['a signed ECR call', 'POST', '/', signed('ecr'), { to: 'service', service: 'ecr' }],
    [
      'a signed call to Application Auto Scaling',
      'POST',
      '/',
      signed('application-autoscaling'),
      { to: 'service', service: 'application-autoscaling' },
    ],
    [
      'a call to Application Auto Scaling by its target',
      'POST',
      '/',
      { 'x-amz-target': 'AnyScaleFrontendService.RegisterScalableTarget' },
      { to: 'service', service: 'application-autoscaling' },
    ],
    ['a signed STS form', 'POST', '/', { ...signed('sts'), ...FORM }, { to: 'form' }],
    ['an IAM form', 'POST', '/', { ...signed('iam'), ...FORM }, { to: 'form' }],
    ['an IAM query', 'GET', '/?Action=GetRole', signed('iam'), { to: 'form' }],
    ['a load balancing form', 'POST', '/', { ...signed('elasticloadbalancing'), ...FORM }, { to: 'form' }],
    ['an unsigned form', 'POST', '/', FORM, { to: 'form' }],
    ['an unsigned form to a bucket', 'POST', '/bucket', FORM, { to: 'backend' }],
    [
      'an unsigned ECS call',
      'POST',
      '/',
      { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.X' },
      { to: 'service', service: 'ecs' },
    ],
    [
      'an unsigned STS query',
      'GET',
      '/?Action=GetCallerIdentity',
      { host: 'sts.us-east-1.amazonaws.com' },
      { to: 'service', service: 'sts' },
    ],
    [
      'ECR by its host',
      'POST',
      '/',
      { host: 'api.ecr.us-east-1.amazonaws.com' },
      { to: 'service', service: 'ecr' },
    ],
    [
      'an SQS call',
      'POST',
      '/',
      { ...signed('sqs'), 'x-amz-target': 'AmazonSQS.SendMessage' },
      { to: 'backend' },
    ],
    ['an unsigned GET of an object', 'GET', '/bucket/key', {}, { to: 'backend' }],
    ['the registry', 'GET', '/v2/', { authorization: 'Basic QVdTOng=' }, { to: 'registry' }],
    ['the registry without a slash', 'GET', '/v2', {}, { to: 'registry' }],
    ['a signed path of SES', 'POST', '/v2/email/outbound-emails', signed('ses'), { to: 'backend' }],
    [
      "a task's credentials",
      'GET',
      '/_berth/credentials/abc',
      {},
      { to: 'task', path: '/_berth/credentials/abc' },
    ],
  ])('sends %s on', (_what, method, url, headers, expected) => {
    expect(routeOf({ method, url, headers })).toMatchObject(expected);
  });

  test('reads key and region of a presigned URL', () => {
    const url =
      '/bucket/key?X-Amz-Credential=210987654321%2F20261121%2Feu-west-2%2Fs3%2Faws4_request&X-Amz-Signature=0';
    const scope = { accessKeyId: '210987654321', region: 'eu-west-2', service: 's3' };
    expect(routeOf({ method: 'GET', url, headers: {} })).toEqual({ to: 'backend', scope });
  });
});

describe('serviceOfForm', () => {
  test.each([
    ['Action=AssumeRoleWithWebIdentity&Version=2011-06-15', 'sts'],
    ['Action=DescribeLoadBalancers&Version=2015-12-01', 'elasticloadbalancing'],
    ['Action=DescribeLoadBalancers&Version=2012-06-01', undefined],
    ['Action=SimulatePrincipalPolicy&Version=2010-05-08', 'iam'],
    ['Action=GetRole&Version=2010-05-08', undefined],
    ['', undefined],
  ])('%s is for %s', (body, service) => {
    expect(serviceOfForm(body)).toBe(service);
  });
});
