/**
 * The fields of the services' answers that tests read, so that a misspelt one does not compile. No answer has all of them:
 * a test that goes on with one asks `having` for it.
 */
export interface Body {
  readonly id?: string;
  readonly at?: string;
  readonly code?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly reason?: string;
  readonly service?: string;
  readonly state?: string;
  readonly status?: string;
  readonly type?: string;
  readonly value?: string;
  readonly version?: number;

  /** Of a list. */
  readonly items?: readonly Body[];
  readonly next?: string;

  /** Of a session. */
  readonly user?: Body;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly keys?: readonly { readonly kid: string }[];

  /** Of a customer's data. */
  readonly channel?: string;
  readonly granted?: boolean;
  readonly source?: string;
  readonly consents?: readonly Body[];
  readonly tokens?: readonly Body[];

  /** Of an order on its way. */
  readonly driverId?: string;
  readonly offer?: Body;
  readonly depth?: number;
  readonly nextAt?: string;
  readonly isActive?: boolean;
  readonly updates?: readonly Body[];
  readonly token?: string;
  readonly expiresAt?: string;
  readonly url?: string;

  /** Of notifications and the dead letters among them. */
  readonly notifications?: readonly Body[];
  readonly messages?: readonly Body[];
  readonly redrive?: object;

  /** Of a page of several services' answers. */
  readonly orders?: Body;
  readonly drivers?: Body;
  readonly data?: Body;

  /** Of health and descriptions. */
  readonly checks?: Readonly<Record<string, string>>;
  readonly paths?: object;
}
