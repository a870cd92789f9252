// Types of Greenroom's client, generic in the events as those of the official client.

/** A function for each event: its parameters are the event's arguments, and the last may be the acknowledgement. */
export type EventsMap = Record<string, any>;

/** Any event with any arguments. */
export interface DefaultEventsMap {
  [event: string]: (...args: any[]) => void;
}

type Names<Events> = keyof Events & string;
type Arguments<Events, Name extends keyof Events> = Events[Name] extends (...args: infer A) => any ? A : any[];
type Last<List extends any[]> = List extends [...any[], infer L] ? L : any;
type WithoutLast<List extends any[]> = List extends [...infer Rest, any] ? Rest : any[];
/** What `emitWithAck` gives. */
type Answer<T> = T extends (...args: infer A) => any ? (A extends [] ? void : A[0]) : any;

/** The same acknowledgement with an error in front, as `timeout()` calls it. */
type WithError<T> = T extends (...args: infer A) => infer R ? (error: Error, ...args: A) => R : T;
type LastWithError<List extends any[]> = List extends [...infer Rest, infer L] ? [...Rest, WithError<L>] : List;
type Timed<Events> = { [Name in keyof Events]: (...args: LastWithError<Arguments<Events, Name>>) => void };

/** Undoes `WithError`: a promise is rejected with the error. */
type Untimed<T> = T extends (error: Error, ...args: infer A) => infer R ? (...args: A) => R : T;

type ReconnectionEvents = {
  reconnect_attempt: (attempt: number) => void;
  reconnect: (attempt: number) => void;
  reconnect_error: (error: Error) => void;
  reconnect_failed: () => void;
};

type ManagerEvents = ReconnectionEvents & {
  open: () => void;
  error: (error: Error) => void;
  ping: () => void;
  close: (reason: DisconnectReason, description?: unknown) => void;
};

type SocketEvents = ReconnectionEvents & {
  connect: () => void;
  connect_error: (error: Error & { data?: any }) => void;
  disconnect: (reason: DisconnectReason, description?: unknown) => void;
};

export type DisconnectReason =
  | "io server disconnect"
  | "io client disconnect"
  | "ping timeout"
  | "transport close"
  | "transport error"
  | "parse error"
  | "forced close";

declare class Emitter<Events> {
  on<Name extends Names<Events>>(event: Name, listener: Events[Name]): this;
  once<Name extends Names<Events>>(event: Name, listener: Events[Name]): this;
  /** One listener of an event, all of an event, or all. */
  off<Name extends Names<Events>>(event?: Name, listener?: Events[Name]): this;
  listeners<Name extends Names<Events>>(event: Name): Events[Name][];
}

export type Auth = { [key: string]: any };

export interface RecoveryOptions {
  /** Where the session waits for the next page. Default: `"session"`. */
  storage?: "session" | "local" | Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** Keep `auth` too, if it is an object. Default: false. */
  auth?: boolean;
  /** Milliseconds after which what was stored is not shown any more. Default: 120 000. */
  maxAge?: number;
  /** What tells one socket's session from another's. Default: the address and the namespace. */
  key?: string;
}

export interface ManagerOptions {
  /** Default: `"/socket.io"`. */
  path?: string;
  /** The first is the one to begin with. Default: both. */
  transports?: ("polling" | "websocket")[];
  /** Whether polling becomes WebSocket when it can. Default: true. */
  upgrade?: boolean;
  query?: Record<string, any>;
  /** In browsers with polling only. */
  extraHeaders?: Record<string, string>;
  /** Cookies for another origin, with polling. Default: false. */
  withCredentials?: boolean;
  /** WebSocket subprotocols. */
  protocols?: string | string[];
  /** For Node before 22, which has none: `WebSocket` of the package `ws`. */
  WebSocket?: any;
  /** Default: true. */
  autoConnect?: boolean;
  /** Default: true. */
  reconnection?: boolean;
  /** Default: no limit. */
  reconnectionAttempts?: number;
  /** Milliseconds. Default: 1000. */
  reconnectionDelay?: number;
  /** Milliseconds. Default: 5000. */
  reconnectionDelayMax?: number;
  /** Share of the delay, 0 to 1. Default: 0.5. */
  randomizationFactor?: number;
  /** Milliseconds for one attempt to connect; false: no limit. Default: 20 000. */
  timeout?: number | false;
}

export interface SocketOptions {
  auth?: Auth | ((answer: (auth: Auth) => void) => void);
  /** Milliseconds after which an acknowledgement is given up. Default: no limit. */
  ackTimeout?: number;
  /** Recover the session also when the page is loaded anew. Default: within the page only. */
  connectionStateRecovery?: RecoveryOptions;
}

export interface Options extends ManagerOptions, SocketOptions {
  /** A connection of its own. Default: false. */
  forceNew?: boolean;
  /** Default: true. */
  multiplex?: boolean;
}

export declare class Manager<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen> extends Emitter<ManagerEvents> {
  constructor(origin: string, opts?: ManagerOptions);
  opts: ManagerOptions;
  readonly engine: { readonly id?: string; readonly transport: { readonly name: "polling" | "websocket" }; close(): void } & Emitter<any>;
  socket(nsp: string, opts?: SocketOptions): Socket<Listen, Emit>;
  open(): this;
  close(): void;
}

export declare class Socket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen> extends Emitter<Listen & SocketEvents> {
  readonly io: Manager<Listen, Emit>;
  readonly nsp: string;
  readonly id: string | undefined;
  readonly connected: boolean;
  readonly disconnected: boolean;
  readonly active: boolean;
  readonly recovered: boolean;
  auth: SocketOptions["auth"];
  connect(): this;
  open(): this;
  disconnect(): this;
  close(): this;
  emit<Name extends Names<Emit>>(event: Name, ...args: Arguments<Emit, Name>): this;
  emitWithAck<Name extends Names<Emit>>(
    event: Name,
    ...args: WithoutLast<Arguments<Emit, Name>>
  ): Promise<Answer<Untimed<Last<Arguments<Emit, Name>>>>>;
  send(...args: any[]): this;
  timeout(ms: number): Socket<Listen, Timed<Emit>>;
  get volatile(): this;
  onAny(listener: (event: string, ...args: any[]) => void): this;
  offAny(listener?: (event: string, ...args: any[]) => void): this;
  onAnyOutgoing(listener: (event: string, ...args: any[]) => void): this;
  offAnyOutgoing(listener?: (event: string, ...args: any[]) => void): this;
}

export declare function io<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
  url?: string | Options,
  opts?: Options,
): Socket<Listen, Emit>;

export declare namespace io {
  export { io as connect };
}

/** The revision of the Socket.IO protocol. */
export declare const protocol: number;

export { io as connect, io as default };
