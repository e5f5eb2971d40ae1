/**
 * The header that says until when somebody waits for the answer, in epoch milliseconds. The gateway sets it; a service
 * that calls another one passes it on.
 */
export const deadlineHeader = 'x-berth-deadline';
