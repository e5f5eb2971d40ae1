import type { Files } from './files.ts';

/** A commit to the services' sources, as text: given all files, it gives them with its edits made. */
export interface Change {
  /** Says what is wrong with it, for tables and headings. */
  name: string;
  /** The message such a commit would have. */
  commit: string;
  /** Throws when the sources no longer hold what it edits. */
  apply(files: Files): Files;
}

/** Three commits a developer might make, each caught by another net: the start, the health check, the smoke test. */
export const badVersions: readonly Change[] = [
  {
    name: 'crashes at start',
    commit: 'Add a footer to each mail',
    // The new setting is required, and no task definition has it.
    apply: (files) =>
      edit(files, 'email-api/config.ts', {
        from: '  DRAIN_DELAY_MS: Type.Integer({',
        to: "  MAIL_FOOTER: Type.String({ minLength: 1, description: 'Footer of each mail.' }),\n  DRAIN_DELAY_MS: Type.Integer({",
      }),
  },
  {
    name: 'fails its health check',
    commit: 'Check the spool folder in the health check',
    // The image has no such folder.
    apply: (files) =>
      edit(
        files,
        'email-api/service.ts',
        { from: 'import { SSMClient }', to: "import { accessSync } from 'node:fs';\nimport { SSMClient }" },
        {
          from: '  return {\n    ready:',
          to: "  return {\n    alive: () => accessSync('/var/spool/email-api'),\n    ready:",
        },
      ),
  },
  {
    name: 'answers wrongly',
    commit: 'Answer faster',
    // Neither asks for the token nor queues anything.
    apply: (files) =>
      edit(
        files,
        'email-api/routes.ts',
        { from: ', preValidation: requireToken }', to: ' }' },
        { from: 'const messageId = await mails.send(request.body.data);', to: 'void request.body.data;' },
        {
          from: "return reply.code(202).send({ status: 'queued', messageId });",
          to: 'return reply.code(200 as 202).send({} as never);',
        },
      ),
  },
];

/** A commit that does no harm but makes another image. */
export const goodVersion: Change = {
  name: 'works',
  commit: 'Ask clients to wait ten seconds before they try again',
  apply: (files) =>
    edit(files, 'email-api/mail-queue.ts', {
      from: 'const retryAfterSeconds = 5;',
      to: 'const retryAfterSeconds = 10;',
    }),
};

/** Makes edits in one file; throws when it does not hold exactly one of what is to be replaced. */
export function edit(files: Files, path: string, ...changes: { from: string; to: string }[]): Files {
  const edited = changes.reduce((text, { from, to }) => {
    if (text.split(from).length !== 2)
      throw new Error(`${path} does not hold exactly one ${JSON.stringify(from)}.`);
    return text.replace(from, () => to);
  }, files[path] ?? '');
  return { ...files, [path]: edited };
}
