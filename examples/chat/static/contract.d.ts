// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.
import type { Socket as ClientSocket } from "socket.io-client";

/** Given as `auth.$contract`, it lets the server name a front end that was built for another version. */
export declare const CONTRACT: "6120c45a36186913";

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

/** One connected page, and the person in front of it. */
export namespace Chat {
  /** What the client connects to. */
  export type Namespace = "/";

  /** What the server emits. */
  export interface ServerToClientEvents {
    /** All rooms, when somebody entered or left one. */
    rooms: (rooms: Listed[]) => void;
    /** Somebody entered a room you are in. */
    joined: (room: string, name: string, members: string[]) => void;
    /** Somebody left it. */
    left: (room: string, name: string, members: string[]) => void;
    /** Somebody said something there. */
    message: (line: Line) => void;
    /** Somebody writes, or stopped writing. */
    typing: (room: string, name: string, active: boolean) => void;
  }

  /** What the client emits. */
  export interface ClientToServerEvents {
    /** Enters a room, and answers with what is to be seen there. */
    join: (room: string, ack: (answer: Answer<Entered, ChatError>) => void) => void;
    leave: (room: string, ack?: (failed?: Failed) => void) => void;
    /** Says a line. The key makes it safe to ask twice: the second time nothing is said, and the answer is the same. */
    say: (room: string, text: Text, key: Key, ack: (answer: Answer<Said, ChatError>) => void) => void;
    typing: (room: string, active: boolean, ack?: (failed?: Failed) => void) => void;
  }

  /** What the client gives as `auth`. */
  export type Auth = Login & { $contract?: string };

  /** `error.data` of a `connect_error`. */
  export type Refusal = { code: ChatError | "bad_auth" | "bad_path" | "contract" | "internal" };

  /** The official client's socket. */
  export type Socket = ClientSocket<ServerToClientEvents, ClientToServerEvents>;
}

export type ChatError =
  | "bad_name"
  | "bad_room"
  | "bad_text"
  | "bad_key"
  | "too_many_rooms"
  | "not_in_room";

/** What one sees who enters a room. */
export interface Entered {
  members: string[];
  history: Line[];
  /** Whether there were lines before these. */
  earlier: boolean;
}

/** Made by the page, so that a line sent again after a cut is not said twice. */
export type Key = string;

/** A line as everybody reads it. */
export interface Line {
  /** Grows within a room. */
  id: number;
  room: string;
  name: string;
  text: string;
  /** In milliseconds since 1970. */
  at: number;
  key: Key;
}

/** One room of the list. */
export interface Listed {
  name: string;
  count: number;
}

/** What the page gives as `auth`. */
export interface Login {
  name: string;
}

/** The receipt for a line. */
export interface Said {
  id: number;
  at: number;
}

/** What somebody says. */
export type Text = string;
