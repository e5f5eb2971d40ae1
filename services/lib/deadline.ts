/** The header that says until when somebody waits for the answer, in epoch milliseconds. The gateway sets it. */
export const deadlineHeader = 'x-berth-deadline';
