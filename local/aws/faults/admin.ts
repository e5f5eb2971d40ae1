import type { AdminRoom } from '../gateway/gateway.ts';
import type { Faults } from './faults.ts';
import { parseFaultRules } from './parse-rules.ts';

/**
 * `/_berth/faults`: POST adds rules, GET lists them with what they have done, DELETE clears them. Each answers
 * with the rules that are set then.
 */
export function faultsRoom(faults: Faults): AdminRoom {
  return async ({ method, body }) => {
    if (method === 'POST') {
      const parsed = parseFaultRules(body);
      if ('refused' in parsed) return answer(400, { message: parsed.refused });
      faults.add(parsed.rules, parsed.seed);
    } else if (method === 'DELETE') faults.clear();
    else if (method !== 'GET') {
      return answer(405, { message: `/_berth/faults takes GET, POST and DELETE, not ${method}.` });
    }
    return answer(200, { rules: faults.list() });
  };
}

const answer = (status: number, body: object) => ({ status, body: JSON.stringify(body) });
