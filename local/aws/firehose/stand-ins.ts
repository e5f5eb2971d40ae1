import { bodyOf, isDone, type Json, jsonOf, type PassOn } from '../gateway/pass-on.ts';
import type { AwsRequest, AwsService } from '../wire/service.ts';

/** What was said of the domain, as it is told again, and of the bucket for what failed. */
type Domain = { told: Json; bucket: Json };

const TARGET = 'Firehose_20150804';
const DESTINATION = 'AmazonopensearchserviceDestination';

/**
 * Streams to an OpenSearch domain, a destination that the back end does not know. No OpenSearch runs here, so that a
 * stream does what it does on AWS while its domain does not answer: its records go to the bucket for what failed, at
 * once. The back end keeps it as a stream to that bucket; what else was said of the domain is kept here, and told again.
 *
 * Every other stream, and every error, is the back end's. By their `X-Amz-Target`.
 */
export function firehoseStandIns(passOn: PassOn): Readonly<Record<string, AwsService>> {
  const domains = new Map<string, Domain>();
  const streams: Readonly<Record<string, AwsService>> = {
    async CreateDeliveryStream(request) {
      const { [`${DESTINATION}Configuration`]: asked, ...stream } = bodyOf(request);
      if (asked === undefined) return await passOn(request, stream);
      const { S3Configuration, VpcConfiguration, ...told } = jsonOf(asked);
      const bucket = jsonOf(S3Configuration);
      const answer = await passOn(request, { ...stream, S3DestinationConfiguration: bucket });
      const network = VpcConfiguration === undefined ? {} : { VpcConfigurationDescription: VpcConfiguration };
      if (isDone(answer)) domains.set(keyOf(request), { told: { ...told, ...network }, bucket });
      return answer;
    },
    async DescribeDeliveryStream(request) {
      const answer = await passOn(request, bodyOf(request));
      const domain = domains.get(keyOf(request));
      return domain && isDone(answer) ? { ...answer, body: described(answer.body, domain.told) } : answer;
    },
    async UpdateDestination(request) {
      const { [`${DESTINATION}Update`]: asked, ...stream } = bodyOf(request);
      if (asked === undefined) return await passOn(request, stream);
      const { S3Update, ...told } = jsonOf(asked);
      const known = domains.get(keyOf(request));
      const bucket = { ...known?.bucket, ...jsonOf(S3Update) };
      const answer = await passOn(request, { ...stream, S3DestinationUpdate: bucket });
      if (isDone(answer)) domains.set(keyOf(request), { told: { ...known?.told, ...told }, bucket });
      return answer;
    },
    async DeleteDeliveryStream(request) {
      const answer = await passOn(request, bodyOf(request));
      if (isDone(answer)) domains.delete(keyOf(request));
      return answer;
    },
  };
  return Object.fromEntries(
    Object.entries(streams).map(([operation, service]) => [`${TARGET}.${operation}`, service]),
  );
}

/** Puts the domain in the place of the bucket that the back end knows as the stream's destination. */
function described(body: string, told: Json): string {
  const { DeliveryStreamDescription: found } = JSON.parse(body) as { DeliveryStreamDescription: Json };
  const [destination] = found.Destinations as Json[];
  const { DestinationId, S3DestinationDescription } = destination ?? {};
  const Destinations = [
    { DestinationId, [`${DESTINATION}Description`]: { ...told, S3DestinationDescription } },
  ];
  return JSON.stringify({ DeliveryStreamDescription: { ...found, Destinations } });
}

function keyOf(request: AwsRequest): string {
  const { accountId, region } = request.context;
  return `${accountId}/${region}/${String(bodyOf(request).DeliveryStreamName)}`;
}
