import { Type } from 'typebox';
import {
  busSettings,
  databaseSettings,
  drainSettings,
  redisSettings,
  serviceKeySettings,
} from '../lib/backing.ts';
import { commonSettings, portSetting } from '../lib/config.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { port } from './port.ts';

export const IdentityConfig = Type.Object({
  PORT: portSetting(port),
  JWT_KEYS: Type.String({
    default: '',
    description:
      'Signing keys: JSON with `current` and, while they are rotated, `previous` and `next`; else its secret.',
  }),
  JWT_KEYS_SECRET_ARN: Type.String({
    default: '',
    description: 'Secret with the signing keys, read every minute.',
  }),
  ACCESS_TOKEN_SECONDS: Type.Integer({ default: 900, minimum: 10, description: 'Life of an access token.' }),
  REFRESH_TOKEN_SECONDS: Type.Integer({
    default: 2_592_000,
    minimum: 60,
    description: 'Life of a refresh token, from its last use.',
  }),
  LOGINS_PER_MINUTE: Type.Integer({
    default: 10,
    minimum: 1,
    description: 'Logins tried in a minute for one account, and ten times as many from one address.',
  }),
  FIRST_MANAGER: Type.String({
    default: '',
    description:
      'Account made at start when there is no manager yet: `email:password`; else its secret, else none.',
  }),
  FIRST_MANAGER_SECRET_ARN: Type.String({ default: '', description: 'Secret with that account.' }),
  ...databaseSettings,
  ...redisSettings,
  ...busSettings,
  ...serviceKeySettings,
  ...drainSettings,
  ...commonSettings,
});

export const identity = {
  name: 'identity',
  config: IdentityConfig,
  portVariable: port.variable,
  schema: 'users',
} as const satisfies ServiceDescription<typeof IdentityConfig>;
