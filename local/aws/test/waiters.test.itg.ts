import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureBaseImage } from '../../machine/base-image.ts';
import { connectDocker } from '../../machine/docker-client.ts';
import { type RunningAws, runLocalAws } from './running-aws.ts';

let aws: RunningAws;
beforeAll(async () => {
  aws = await runLocalAws({ timeScale: 0.02 });
});
afterAll(() => aws?.stop());

/** One call of the command line, its answer's text. */
async function cli(line: string): Promise<string> {
  const { code, stdout, stderr } = await aws.cli(`${line} --output text`);
  if (code !== 0) throw new Error(`aws ${line}: ${stderr}`);
  return stdout.trim();
}

const waitAll = (...lines: string[]) => Promise.all(lines.map(cli));

async function pushImage(): Promise<string> {
  await cli('ecr create-repository --repository-name web --query repository.repositoryArn');
  await aws.login();
  const image = `${aws.registry}/web:v1`;
  const base = await ensureBaseImage(connectDocker(aws.dockerHost));
  for (const line of [`tag ${base} ${image}`, `push --quiet ${image}`, `rmi ${image}`])
    expect(await aws.docker(line)).toMatchObject({ code: 0 });
  return image;
}

/** Registers a task that listens on 8080, and gives its task definition. */
function register(image: string): Promise<string> {
  const program = "require('node:http').createServer((q,r)=>r.end('ok')).listen(8080)";
  const container = {
    name: 'web',
    image,
    command: ['node', '-e', program],
    portMappings: [{ containerPort: 8080 }],
    stopTimeout: 2,
  };
  const definitions = JSON.stringify([container]);
  return cli(
    `ecs register-task-definition --family web --network-mode awsvpc --requires-compatibilities FARGATE --cpu 256 --memory 512 --query taskDefinition.taskDefinitionArn --container-definitions ${definitions}`,
  );
}

test("the command line's waiters end when what they wait for has come", async () => {
  const taskDefinition = await register(await pushImage());
  await cli('ecs create-cluster --cluster-name shop --query cluster.status');
  const balancer = await cli(
    'elbv2 create-load-balancer --name shop --subnets subnet-1 subnet-2 --query LoadBalancers[0].LoadBalancerArn',
  );
  const group = await cli(
    'elbv2 create-target-group --name web --protocol HTTP --port 8080 --vpc-id vpc-1 --target-type ip --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 --query TargetGroups[0].TargetGroupArn',
  );
  await cli(
    `elbv2 create-listener --load-balancer-arn ${balancer} --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=${group} --query Listeners[0].Port`,
  );
  const network = '--launch-type FARGATE --network-configuration awsvpcConfiguration={subnets=[subnet-1]}';
  await cli(
    `ecs create-service --cluster shop --service-name web --desired-count 1 --task-definition ${taskDefinition} ${network} --load-balancers targetGroupArn=${group},containerName=web,containerPort=8080 --query service.status`,
  );
  const task = await cli(
    `ecs run-task --cluster shop --task-definition ${taskDefinition} ${network} --query tasks[0].taskArn`,
  );
  await cli(
    'ecr start-image-scan --repository-name web --image-id imageTag=v1 --query imageScanStatus.status',
  );
  await waitAll(
    'ecs wait services-stable --cluster shop --services web',
    `ecs wait tasks-running --cluster shop --tasks ${task}`,
    `elbv2 wait load-balancer-available --load-balancer-arns ${balancer}`,
    `elbv2 wait load-balancer-exists --load-balancer-arns ${balancer}`,
    'ecr wait image-scan-complete --repository-name web --image-id imageTag=v1',
  );
  await cli(`elbv2 wait target-in-service --target-group-arn ${group}`);
  const target = await cli(
    `elbv2 describe-target-health --target-group-arn ${group} --query TargetHealthDescriptions[0].Target.Id`,
  );
  await cli(`ecs stop-task --cluster shop --task ${task} --query task.desiredStatus`);
  await cli('ecs delete-service --cluster shop --service web --force --query service.status');
  await cli(`elbv2 delete-load-balancer --load-balancer-arn ${balancer}`);
  await waitAll(
    `ecs wait tasks-stopped --cluster shop --tasks ${task}`,
    'ecs wait services-inactive --cluster shop --services web',
    `elbv2 wait load-balancers-deleted --load-balancer-arns ${balancer}`,
    `elbv2 wait target-deregistered --target-group-arn ${group} --targets Id=${target},Port=8080`,
  );
  expect(await cli('ecs list-tasks --cluster shop --query length(taskArns)')).toBe('0');
});

test('a waiter fails, and says why, where its state cannot come any more', async () => {
  const { code, stderr } = await aws.cli('ecs wait services-stable --cluster shop --services nil');
  expect(code).not.toBe(0);
  expect(stderr).toContain('MISSING');
});
