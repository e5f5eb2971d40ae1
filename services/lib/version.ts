import { Type } from 'typebox';

/** The version that a change was decided on; the greatest is that of PostgreSQL's `int`. */
export const VersionSchema = Type.Integer({
  minimum: 1,
  maximum: 2_147_483_647,
  description: 'The version that was read.',
});
