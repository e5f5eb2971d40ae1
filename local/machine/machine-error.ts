/** What a preparation of the machine can fail with. */
export type MachineErrorCode =
  | 'MACHINE_NO_DOCKER'
  | 'MACHINE_DOCKER_UNREACHABLE'
  | 'MACHINE_DOCKER_START'
  | 'MACHINE_NO_BUILDKIT'
  | 'MACHINE_PACKAGE_INSTALL'
  | 'MACHINE_NO_PYTHON'
  | 'MACHINE_PYTHON_PACKAGES'
  | 'MACHINE_NODE_VERSION'
  | 'MACHINE_NO_NPM'
  | 'MACHINE_NPM_CACHE'
  | 'MACHINE_BASE_IMAGE'
  | 'MACHINE_NO_POSTGRES'
  | 'MACHINE_POSTGRES_INIT'
  | 'MACHINE_NO_REDIS'
  | 'MACHINE_LOCK_BUSY';

/** A machine that lacks something: one sentence that says what, and what to do about it. */
export class MachineError extends Error {
  readonly code: MachineErrorCode;
  constructor(code: MachineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MachineError';
    this.code = code;
  }
}
