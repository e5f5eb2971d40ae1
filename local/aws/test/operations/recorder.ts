import { listOperations } from '../../../../scripts/local-aws-operations.ts';

type AnyClient = {
  middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<unknown>,
        context: { commandName?: string },
      ) => (args: never) => Promise<unknown>,
      options: { step: 'initialize'; name: string },
    ): void;
  };
};

/** Writes down which operations a client has had answered, refusals not counted. */
export function recordAnswers(...clients: AnyClient[]): Set<string> {
  const answered = new Set<string>();
  for (const client of clients) {
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const answer = await next(args);
          answered.add(commandName.replace(/Command$/, ''));
          return answer;
        },
      { step: 'initialize', name: 'recordAnswers' },
    );
  }
  return answered;
}

/** The operations that the local AWS claims of a service, by its title in docs/local-aws-operations.md. */
export function claimedOf(title: string): string[] {
  const service = listOperations().find((each) => each.title === title);
  if (!service) throw new Error(`There is no service ${title}.`);
  return service.claimed;
}
