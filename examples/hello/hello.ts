// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.
import type { Socket as ClientSocket } from "socket.io-client";

/** Given as `auth.$contract`, it lets the server name a front end that was built for another version. */
export const CONTRACT = "fe316656a10c0f4d";

/** What an event that can fail answers. */
export type Answer<T, Code extends string = never> = { ok: true; data: T } | Failed<Code>;

/** Why an event was not done. `at` is the place that is wrong: `/2/cents` is `cents` of the second argument. */
export type Failed<Code extends string = never> = {
  ok: false;
  error: { code: Code | ServerCode; message: string; at?: string };
};

/** Codes that every event may fail with. */
export type ServerCode =
  | "bad_argument"
  | "forbidden"
  | "internal"
  | "missing_argument"
  | "no_answer"
  | "refused"
  | "too_many_arguments"
  | "unknown_event";

/** The state of one connected client. */
export namespace Hello {
  /** What the client connects to. */
  export type Namespace = "/";

  /** What the server emits. */
  export interface ServerToClientEvents {}

  /** What the client emits. */
  export interface ClientToServerEvents {
    /** What it returns is the acknowledgement. */
    greet: (name: string, ack: (answer: string | Failed) => void) => void;
  }

  /** `error.data` of a `connect_error`. */
  export type Refusal = { code: "bad_auth" | "bad_path" | "contract" | "internal" };

  /** The official client's socket. */
  export type Socket = ClientSocket<ServerToClientEvents, ClientToServerEvents>;
}
