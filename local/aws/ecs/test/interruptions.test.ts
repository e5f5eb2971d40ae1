import { expect, it } from '@jest/globals';
import { interruptionsRoom } from '../interruptions.ts';

const nothing = { isLive: () => false, report: () => undefined };
const room = interruptionsRoom(nothing, () => 0);

it.each([
  ['GET', '', 405, 'takes POST'],
  ['POST', 'no json', 400, 'must be JSON'],
  ['POST', 'null', 400, '"task"'],
  [
    'POST',
    '{"task":"t","stopCode":"UserInitiated"}',
    400,
    'SpotInterruption, TerminationNotice, InfrastructureHealth',
  ],
  ['POST', '{"task":"t","stopCode":"SpotInterruption","reason":1}', 400, '"reason"'],
  ['POST', '{"task":"t","stopCode":"SpotInterruption"}', 404, 'ARN t'],
])('answers %s %s with %d and a sentence', async (method, body, status, sentence) => {
  const answer = await room({ method, path: '', body });
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(JSON.stringify(sentence).slice(1, -1));
});
