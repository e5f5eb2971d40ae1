/** An alarm of CloudWatch, as far as a deployment looks at it. */
export interface AlarmView {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** How long it takes the alarm to see a fault: its period times its evaluation periods, in milliseconds. */
  windowMs: number;
}

/** Whose alarms are meant. */
export interface AlarmPlace {
  accountId: string;
  region: string;
}

/** What ECS needs of CloudWatch: the state of alarms as last known. The engine never waits for it. */
export interface AlarmStates {
  /** Has these alarms read again and again until `unwatch`; repeated calls for one deployment change nothing. */
  watch(serviceDeploymentArn: string, place: AlarmPlace, names: readonly string[]): void;
  unwatch(serviceDeploymentArn: string): void;
  /** The alarms that exist, as read since `watch` was first called; `undefined` while nothing was read yet. */
  read(serviceDeploymentArn: string): readonly AlarmView[] | undefined;
  /** Calls `listener` whenever an answer of `read` may have changed. */
  onChange(listener: () => void): void;
}
