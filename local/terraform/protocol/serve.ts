import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import type { ProviderSchema } from '../schema/provider-schema.ts';
import { type Diagnostic, ProviderError, renderDiagnostics, renderPath } from './diagnostic.ts';
import type { Provider } from './provider.ts';
import { encodedSchemaOf, providerService } from './provider-service.ts';
import { decodeValue, encodeValue, type Value } from './value.ts';

type DynamicValue = { msgpack: Uint8Array; json: Uint8Array };
/** Fields of any request below; each call reads those it has. */
type Request = {
  type_name: string;
  id: string;
  config: DynamicValue;
  prior_state: DynamicValue;
  proposed_new_state: DynamicValue;
  planned_state: DynamicValue;
  current_state: DynamicValue;
  raw_state: { json: Uint8Array };
  private: Uint8Array;
  planned_private: Uint8Array;
};
type Call = (request: Request) => Promise<object>;

export type ServedProvider = {
  /** Value of TF_REATTACH_PROVIDERS. */
  reattach: string;
  stop(): Promise<void>;
};

export type ServeOptions = {
  schema: ProviderSchema;
  /** Makes the provider of one configuration: Terraform connects once for each `provider` block. */
  createProvider: () => Provider;
  socketPath: string;
  /** `registry.terraform.io/hashicorp/aws`. */
  source: string;
  processId: number;
  /** Hears of an error that is no answer but a fault of this program. */
  onBug: (error: unknown) => void;
};

const messageBytes = 64 << 20;
const noLimit = {
  'grpc.max_send_message_length': messageBytes,
  'grpc.max_receive_message_length': messageBytes,
};

/**
 * Serves a provider over plugin protocol 6 on a unix socket until `stop`.
 *
 * A reattached provider is not downloaded, shakes no hands, and needs no entry in a lock file; `Test` keeps
 * Terraform from ending the process it is attached to. Source: go-plugin ReattachConfig, read 2026-11.
 */
export async function serveProvider(options: ServeOptions): Promise<ServedProvider> {
  const { socketPath, source, processId } = options;
  const schema = encodedSchemaOf(options.schema);
  const service = providerService();
  const running = new Set<grpc.Server>();
  const listener = createServer((socket) => {
    const server = new grpc.Server(noLimit);
    server.addService(service, handlersOf(options.createProvider(), schema, options.onBug));
    server.createConnectionInjector(grpc.ServerCredentials.createInsecure()).injectConnection(socket);
    running.add(server);
    socket.once('close', () => {
      running.delete(server);
      server.forceShutdown();
    });
  });
  await listen(listener, socketPath);
  const attached = {
    Protocol: 'grpc',
    ProtocolVersion: 6,
    Pid: processId,
    Test: true,
    Addr: { Network: 'unix', String: socketPath },
  };
  return {
    reattach: JSON.stringify({ [source]: attached }),
    async stop() {
      for (const server of running) server.forceShutdown();
      await new Promise((done) => listener.close(done));
      await rm(socketPath, { force: true });
    },
  };
}

function listen(listener: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    listener.once('error', fail);
    listener.listen(path, () => done());
  });
}

function handlersOf(provider: Provider, schema: Buffer, onBug: (error: unknown) => void) {
  const calls: Record<string, Call> = {
    GetProviderSchema: async () => schema,
    ValidateProviderConfig: async () => ({}),
    ValidateEphemeralResourceConfig: async () => ({}),
    CloseEphemeralResource: async () => ({}),
    StopProvider: async () => ({ Error: '' }),
    ConfigureProvider: async ({ config }) => {
      await provider.configure(read(config));
      return {};
    },
    ValidateResourceConfig: async ({ type_name, config }) =>
      found(provider.validateResource(type_name, read(config))),
    ValidateDataResourceConfig: async ({ type_name, config }) =>
      found(provider.validateData(type_name, read(config))),
    UpgradeResourceState: async ({ raw_state }) => ({ upgraded_state: { json: raw_state.json } }),
    ReadResource: async ({ type_name, current_state, private: kept }) => ({
      new_state: write(await provider.read(type_name, read(current_state))),
      private: kept,
    }),
    PlanResourceChange: async (request) => planChange(provider, request),
    ApplyResourceChange: async (request) => applyChange(provider, request),
    ImportResourceState: async ({ type_name, id }) => ({
      imported_resources: [{ type_name, state: write(await provider.import(type_name, id)) }],
    }),
    ReadDataSource: async ({ type_name, config }) => ({
      state: write(await provider.readData(type_name, read(config))),
    }),
    OpenEphemeralResource: async ({ type_name, config }) => ({
      result: write(await provider.openEphemeral(type_name, read(config))),
    }),
  };
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, answering(call, onBug)]));
}

async function planChange(provider: Provider, request: Request): Promise<object> {
  const { planned, replaces } = await provider.plan(request.type_name, {
    prior: read(request.prior_state),
    proposed: read(request.proposed_new_state),
    config: read(request.config),
  });
  return {
    planned_state: write(planned),
    requires_replace: replaces.map(renderPath),
    legacy_type_system: true,
  };
}

async function applyChange(provider: Provider, request: Request): Promise<object> {
  const { state, warnings } = await provider.apply(request.type_name, {
    prior: read(request.prior_state),
    planned: read(request.planned_state),
    config: read(request.config),
  });
  return { new_state: write(state), ...found(warnings), legacy_type_system: true };
}

/** A `ProviderError` becomes a message at its place in the configuration; anything else is our fault and says so. */
function answering(call: Call, onBug: (error: unknown) => void): grpc.handleUnaryCall<Request, object> {
  return ({ request }, answer) => {
    call(request).then(
      (response) => answer(null, response),
      (error: unknown) => {
        if (error instanceof ProviderError) return answer(null, found([error.diagnostic]));
        onBug(error);
        const details = error instanceof Error ? error.message : String(error);
        answer({ code: grpc.status.INTERNAL, details });
      },
    );
  };
}

const found = (diagnostics: readonly Diagnostic[]) => ({ diagnostics: renderDiagnostics(diagnostics) });

const write = (value: Value): { msgpack: Buffer } => ({ msgpack: encodeValue(value) });

const read = ({ msgpack }: DynamicValue): Value => decodeValue(msgpack);
