import { type Change, edit } from './bad-versions.ts';

/** Two commits to order alone, neither of which a customer may notice: one never starts, one lets strangers in. */
export const badOrders: readonly Change[] = [
  {
    name: 'crashes at start',
    commit: 'Print a footer on each receipt',
    // The new setting is required, and no task definition has it.
    apply: (files) =>
      edit(files, 'order/config.ts', {
        from: '  UPLOADS_BUCKET: ',
        to: "  RECEIPT_FOOTER: Type.String({ minLength: 1, description: 'Footer of each receipt.' }),\n  UPLOADS_BUCKET: ",
      }),
  },
  {
    name: 'lets strangers in',
    commit: 'Answer faster',
    // Asked without a token, it lists nothing instead of refusing.
    apply: (files) =>
      edit(files, 'order/routes.ts', {
        from: `        response: { 200: OrderListSchema, ...problems },
      },
      preValidation: requireRole(),
    },`,
        to: `        response: { 200: OrderListSchema, ...problems },
      },
      preValidation: async (request, reply) =>
        request.headers.authorization || request.headers['x-berth-identity']
          ? requireRole()(request)
          : reply.send({ items: [] }),
    },`,
      }),
  },
];
