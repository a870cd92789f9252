// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.
import type { Socket as ClientSocket } from "socket.io-client";

/** Given as `auth.$contract`, it lets the server name a front end that was built for another version. */
export declare const CONTRACT: "67054b32b6ab208a";

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

export namespace Talk {
  /** What the client connects to. */
  export type Namespace = "/";

  /** What the server emits. */
  export interface ServerToClientEvents {
    /** All that is on the wall, when the page has connected. */
    wall: (posts: Post[]) => void;
    /** Something new. */
    posted: (post: Post) => void;
    /** Somebody reacted to a post, or took it back. */
    reacted: (id: number, tally: Tally) => void;
  }

  /** What the client emits. */
  export interface ClientToServerEvents {
    /** Puts something on the wall, and answers with its id. */
    say: (
      ...args:
        | [text: string, ack: (answer: Answer<number, SayError>) => void]
        | [text: string, reply_to: number | null, ack: (answer: Answer<number, SayError>) => void]
    ) => void;
    /** Once it is a reaction, twice it is none. */
    react: (id: number, reaction: Reaction, ack: (answer: Answer<Tally, ReactError>) => void) => void;
  }

  /** What the client gives as `auth`. */
  export type Auth = Login & { $contract?: string };

  /** `error.data` of a `connect_error`. */
  export type Refusal = { code: NameError | "bad_auth" | "bad_path" | "contract" | "internal" };

  /** The official client's socket. */
  export type Socket = ClientSocket<ServerToClientEvents, ClientToServerEvents>;
}

export type SayError =
  | "bad_text"
  | "no_such_post";

export type ReactError =
  | "no_such_post";

export type NameError =
  | "bad_name";

/** What the page gives as `auth`. */
export interface Login {
  name: string;
}

/** Something on the wall. Each has an `id` that grows. */
export type Post =
  /** Somebody came. */
  | { kind: "came"; id: number; who: string }
  /** Somebody left. */
  | { kind: "left"; id: number; who: string }
  /** Somebody said something, perhaps to an earlier post. */
  | { kind: "said"; id: number; who: string; text: string; reply_to: number | null; tally: Tally };

export type Reaction = "applause" | "laughter" | "flowers";

/** How many people reacted to a post, and in which way. */
export interface Tally {
  applause: number;
  laughter: number;
  flowers: number;
}
