import type { AdminRoom } from '../gateway/gateway.ts';
import type { CallLog } from './call-log.ts';

/** `/_berth/calls`: GET gives who called what, oldest first (`{ calls: [...] }`); DELETE forgets it. */
export function callsRoom(log: CallLog): AdminRoom {
  return async ({ method }) => {
    if (method === 'DELETE') log.clear();
    else if (method !== 'GET') {
      return {
        status: 405,
        body: JSON.stringify({ message: `/_berth/calls takes GET and DELETE, not ${method}.` }),
      };
    }
    return { status: 200, body: JSON.stringify({ calls: log.list() }) };
  };
}
