import * as client from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startEcr } from './ecr-double.ts';

let ecr: Awaited<ReturnType<typeof startEcr>>;
let api: client.ECRClient;
const repositoryName = 'shop/web';
const imageId = { imageTag: 'v1' };

beforeEach(async () => {
  ecr = await startEcr();
  api = ecr.clientOf();
  await api.send(new client.CreateRepositoryCommand({ repositoryName }));
});
afterEach(() => ecr.stop());

const push = async (tag = 'v1') => (await ecr.registryOf()).pushImage(repositoryName, tag, tag);
const start = () => api.send(new client.StartImageScanCommand({ repositoryName, imageId }));
const read = (more: Partial<client.DescribeImageScanFindingsCommandInput> = {}) =>
  api.send(new client.DescribeImageScanFindingsCommand({ repositoryName, imageId, ...more }));
const setFindings = async (body: object) => {
  const call = { method: 'PUT', path: '/scan-findings', body: JSON.stringify({ repositoryName, ...body }) };
  const answer = await ecr.admin(call);
  return { status: answer.status, ...JSON.parse(answer.body) };
};
const finding = (name: string, severity: client.FindingSeverity) => ({ name, severity });

describe('a scan', () => {
  test('that nobody set anything for finds nothing', async () => {
    const imageDigest = await push();
    await expect(read()).rejects.toMatchObject({ name: 'ScanNotFoundException' });
    expect(await start()).toMatchObject({
      imageId: { imageDigest },
      imageScanStatus: { status: 'IN_PROGRESS' },
    });
    expect(await read()).toMatchObject({
      imageScanStatus: { status: 'COMPLETE', description: 'The scan was completed successfully.' },
      imageScanFindings: { findings: [], findingSeverityCounts: {} },
    });
  });

  test('finds what was set for its image, counted by severity, page by page', async () => {
    await push();
    const findings = [finding('CVE-1', 'CRITICAL'), finding('CVE-2', 'LOW'), finding('CVE-3', 'LOW')];
    expect(await setFindings({ imageTag: 'v1', findings })).toEqual({ status: 200 });
    await start();
    const first = await read({ maxResults: 2 });
    expect(first.imageScanFindings).toMatchObject({
      findings: findings.slice(0, 2),
      findingSeverityCounts: { CRITICAL: 1, LOW: 2 },
    });
    const second = await read({ maxResults: 2, nextToken: first.nextToken });
    expect(second.imageScanFindings?.findings).toEqual(findings.slice(2));
    expect(second.nextToken).toBeUndefined();
    const { imageDetails } = await api.send(new client.DescribeImagesCommand({ repositoryName }));
    expect(imageDetails).toMatchObject([
      {
        imageScanStatus: { status: 'COMPLETE' },
        imageScanFindingsSummary: { findingSeverityCounts: { CRITICAL: 1, LOW: 2 } },
      },
    ]);
  });

  test('on push finds what was set for the repository, before or after', async () => {
    const imageScanningConfiguration = { scanOnPush: true };
    await api.send(
      new client.PutImageScanningConfigurationCommand({ repositoryName, imageScanningConfiguration }),
    );
    await setFindings({ findings: [finding('CVE-1', 'HIGH')] });
    await push();
    expect((await read()).imageScanFindings?.findingSeverityCounts).toEqual({ HIGH: 1 });
    await setFindings({ enhancedFindings: [{ severity: 'MEDIUM', title: 'CVE-9' }], status: 'ACTIVE' });
    expect(await read()).toMatchObject({
      imageScanStatus: { status: 'ACTIVE', description: 'Continuous scan is selected for image.' },
      imageScanFindings: {
        findingSeverityCounts: { MEDIUM: 1 },
        enhancedFindings: [{ severity: 'MEDIUM', title: 'CVE-9' }],
      },
    });
    const names = [repositoryName, 'none'];
    const answer = await api.send(
      new client.BatchGetRepositoryScanningConfigurationCommand({ repositoryNames: names }),
    );
    expect(answer).toMatchObject({
      scanningConfigurations: [{ repositoryName, scanOnPush: true, scanFrequency: 'SCAN_ON_PUSH' }],
      failures: [{ repositoryName: 'none', failureCode: 'REPOSITORY_NOT_FOUND' }],
    });
  });

  test.each(Object.values(client.ScanStatus))('can be held at %s', async (status) => {
    await push();
    await setFindings({ imageTag: 'v1', status, description: 'as set' });
    await start();
    const answer = await read();
    expect(answer.imageScanStatus).toEqual({ status, description: 'as set' });
    expect(answer.imageScanFindings !== undefined).toBe(status === 'COMPLETE' || status === 'ACTIVE');
  });

  test('ends the waiter of the SDK', async () => {
    await push();
    await start();
    const input = { repositoryName, imageId };
    const { state } = await client.waitUntilImageScanComplete({ client: api, maxWaitTime: 6 }, input);
    expect(state).toBe('SUCCESS');
  });

  test('is made once in 24 hours, and of no archived image', async () => {
    await push();
    await start();
    await expect(start()).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'The scan quota per image has been exceeded. Wait and try again.',
    });
    ecr.clock.now += 24 * 3600 * 1000;
    await start();
    ecr.clock.now += 24 * 3600 * 1000;
    const archive = { repositoryName, imageId, targetStorageClass: 'ARCHIVE' as const };
    await api.send(new client.UpdateImageStorageClassCommand(archive));
    await expect(start()).rejects.toMatchObject({ name: 'ImageArchivedException' });
  });

  test('of an image that is not there is refused', async () => {
    await expect(start()).rejects.toMatchObject({ name: 'ImageNotFoundException' });
  });
});

describe('an admin call is refused', () => {
  test.each<[string, object, number, RegExp]>([
    ['for an unknown repository', { repositoryName: 'none' }, 400, /'none' does not exist/],
    ['for an unknown image', { imageTag: 'v9' }, 400, /Requested image not found: .*v9/],
    ['with an unknown member', { finding: [] }, 400, /'finding' is unknown; it is one of accountId, region/],
    ['with an unknown status', { status: 'DONE' }, 400, /'DONE' is not one of ACTIVE, COMPLETE/],
    ['with findings that are no list', { findings: {} }, 400, /'findings' is not a list/],
    ['with a number for a text', { imageTag: 1 }, 400, /'imageTag' is not a text/],
  ])('%s', async (_title, body, status, message) => {
    expect(await setFindings(body)).toEqual({ status, message: expect.stringMatching(message) });
  });

  test.each([
    ['GET', '/scan-findings', '', 404],
    ['PUT', '/findings', '{}', 404],
    ['PUT', '/scan-findings', '{', 400],
    ['PUT', '/scan-findings', 'null', 400],
  ])('as %s %s with %p', async (method, path, body, status) => {
    expect((await ecr.admin({ method, path, body })).status).toBe(status);
  });
});
