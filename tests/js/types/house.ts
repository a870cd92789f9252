// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.
import type { Socket as ClientSocket } from "socket.io-client";

/** Given as `auth.$contract`, it lets the server name a front end that was built for another version. */
export const CONTRACT = "d86a5783af00c859";

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

/** A house with walls. */
export namespace House {
  /** What the client connects to. */
  export type Namespace = `/house/${string}`;

  /** What the server emits. */
  export interface ServerToClientEvents {
    /** Something was hung up. */
    "hung up": (wall: Wall, by: string | null) => void;
    photo: (name: string, jpeg: Binary) => void;
    /** Asks everybody. */
    agree: (question: string, ack: (answer: boolean) => void) => void;
  }

  /** What the client emits. */
  export interface ClientToServerEvents {
    /** How many walls there are. */
    walls: (ack: (answer: number | Failed) => void) => void;
    /** Hangs something up, and answers with the wall. */
    "hang up": (
      ...args:
        | [wall: string, thing: Thing, ack: (answer: Answer<Wall, HouseError>) => void]
        | [wall: string, thing: Thing, by: string | null, ack: (answer: Answer<Wall, HouseError>) => void]
    ) => void;
    paint: (
      ...args:
        | [wall: WallInput, ack?: (failed?: Failed) => void]
        | [wall: WallInput, colour: string | null, ack?: (failed?: Failed) => void]
    ) => void;
    burn: (ack?: (failed?: Failed<HouseError>) => void) => void;
    photo: (name: string, jpeg: BinaryInput, ack: (answer: number | Failed) => void) => void;
    note: (...args: [wall: number, ...words: string[], ack: (answer: number | Failed) => void]) => void;
    ask: (ack: (answer: Answer<boolean, string>) => void) => void;
  }

  /** What the client gives as `auth`. */
  export type Auth = Login & { $contract?: string };

  /** `error.data` of a `connect_error`. */
  export type Refusal = { code: HouseError | "bad_auth" | "bad_path" | "contract" | "internal" };

  /** The official client's socket. */
  export type Socket = ClientSocket<ServerToClientEvents, ClientToServerEvents>;
}

/** The other side of the street. */
export namespace Garden {
  /** What the client connects to. */
  export type Namespace = "/garden";

  /** What the server emits. */
  export interface ServerToClientEvents {
    /** Something has been planted. */
    planted: (what: string, by: number) => void;
    /** A room you are in has panicked and goes on. */
    room_restarted: (notice: RoomNotice) => void;
    /** A room you were in has ended. */
    room_closed: (notice: RoomNotice) => void;
  }

  /** What the client emits. */
  export interface ClientToServerEvents {
    wall: (ack: (answer: Wall | Failed) => void) => void;
    /** Plants something in the bed that one is at. */
    plant: (
      ...args:
        | [what: string, ack: (answer: Answer<number, NoRoom | BedError>) => void]
        | [what: string, rows: number | null, ack: (answer: Answer<number, NoRoom | BedError>) => void]
    ) => void;
    shake: (room: number, hard: boolean, ack: (answer: number | Failed<NoRoom>) => void) => void;
  }

  /** `error.data` of a `connect_error`. */
  export type Refusal = { code: "bad_auth" | "bad_path" | "contract" | "internal" };

  /** The official client's socket. */
  export type Socket = ClientSocket<ServerToClientEvents, ClientToServerEvents>;
}

export type HouseError =
  | "no_such_wall"
  | "fell";

export type NoRoom =
  | "not_in_room"
  | "several_rooms"
  | "room_closed";

export type BedError =
  | "full"
  | "not_yours";

/** Bytes. They travel as a binary attachment. */
export type Binary = ArrayBuffer | Uint8Array;

/** Bytes. They travel as a binary attachment. */
export type BinaryInput = ArrayBuffer | ArrayBufferView | Blob;

/** Who comes in. */
export interface Login {
  userName: string;
  /** None for visitors. */
  ticket?: number | null;
}

/**
 * What members are told of their room by itself: the event `room_restarted` after a panic that it survived, `room_closed` when it ended
 * with members in it.
 */
export interface RoomNotice {
  /** The name of its plain room. */
  room: string;
  /** `panic`, or `closed` when it was the room's own will. */
  reason: string;
}

/** What hangs on the wall. */
export type Thing =
  /** Framed. */
  | { kind: "picture"; title: string; size: [number, number] }
  /** With the time. */
  | { kind: "clock" };

export interface Wall {
  name: string;
  things: Thing[];
  notes: { [key: string]: string };
  behind: Wall | null;
}

export interface WallInput {
  name: string;
  things: Thing[];
  behind?: WallInput | null;
  notes?: { [key: string]: string };
}
