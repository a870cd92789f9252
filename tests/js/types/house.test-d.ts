// Programs of a front end: what is right compiles, each line under `@ts-expect-error` does not.

import { io } from "socket.io-client";

import { CONTRACT, type Failed, type Garden, type House, type Thing, type Wall } from "./house.js";

/** Both ways. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

const auth: House.Auth = { userName: "Ann", ticket: null, $contract: CONTRACT };
const visitor: House.Auth = { userName: "Ann" };
const street: House.Namespace = "/house/elm";
const house: House.Socket = io(street, { auth });
const garden: Garden.Socket = io("/garden" satisfies Garden.Namespace);

// ---------------------------------------------------------------- what the client emits

house.emit("walls", (answer) => same<typeof answer, number | Failed>(true));
const walls = await house.emitWithAck("walls");
same<typeof walls, number | Failed>(true);

const picture: Thing = { kind: "picture", title: "Sea", size: [3, 4] };
for (const answer of [
  await house.emitWithAck("hang up", "north", picture),
  await house.emitWithAck("hang up", "north", { kind: "clock" }, "Ann"),
  await house.emitWithAck("hang up", "north", picture, null),
]) {
  if (answer.ok) {
    same<typeof answer.data, Wall>(true);
    const notes: { [key: string]: string } = answer.data.notes;
    const behind: Wall | null = answer.data.behind;
    void [notes, behind];
  } else {
    if (answer.error.code === "no_such_wall" || answer.error.code === "fell") console.log(answer.error.message);
    if (answer.error.code === "bad_argument") console.log(answer.error.at);
    // @ts-expect-error no such code
    if (answer.error.code === "no_such_house") console.log();
  }
}
// The official types know the answer behind `timeout` in a callback only; `ackTimeout` keeps that of `emitWithAck`.
house.timeout(1000).emit("walls", (error, answer) => {
  same<typeof error, Error>(true);
  same<typeof answer, number | Failed>(true);
});

// What may be missing may be missing, where the client sends it.
house.emit("paint", { name: "north", things: [] });
house.emit("paint", { name: "north", things: [picture], behind: null }, "blue");
house.emit("paint", { name: "north", things: [] }, null, (failed) => console.log(failed?.error.code));
house.emit("burn");
house.emit("burn", (failed) => same<typeof failed, Failed<"no_such_wall" | "fell"> | undefined>(true));

house.emit("photo", "me", new Uint8Array(7), (size) => console.log(size));
house.emit("photo", "me", new Blob(), () => {});
house.emit("note", 1, (answer) => same<typeof answer, number | Failed>(true));
house.emit("note", 1, "a", "b", "c", () => {});
const noted = await house.emitWithAck("note", 1, "a", "b");
same<typeof noted, number | Failed>(true);
const asked = await house.emitWithAck("ask");
if (asked.ok) same<typeof asked.data, boolean>(true);
else same<typeof asked.error.code, string>(true);
const hedge = await garden.emitWithAck("wall");
if ("name" in hedge) console.log(hedge.name);

// The garden's rooms: what they hear and say is the garden's.
for (const answer of [await garden.emitWithAck("plant", "peas"), await garden.emitWithAck("plant", "peas", 3)]) {
  if (answer.ok) same<typeof answer.data, number>(true);
  else if (answer.error.code === "full" || answer.error.code === "not_yours") console.log(answer.error.message);
  else if (answer.error.code === "not_in_room" || answer.error.code === "room_closed") console.log("enter first");
}
const apples = await garden.emitWithAck("shake", 7, true);
same<typeof apples, number | Failed<"not_in_room" | "several_rooms" | "room_closed">>(true);
garden.on("planted", (what, by) => {
  same<typeof what, string>(true);
  same<typeof by, number>(true);
});
garden.on("room_restarted", ({ room, reason }) => console.log(room.length, reason.length));
// @ts-expect-error a tree is a number
garden.emit("shake", "oak", true, () => {});
// @ts-expect-error which tree?
garden.emit("shake", true, () => {});

// @ts-expect-error no such event
house.emit("hang", "north", picture);
// @ts-expect-error an event of the other namespace
garden.emit("walls", () => {});
// @ts-expect-error what `#[fallback]` answers has no name
garden.emit("other");
// @ts-expect-error a number for a string
house.emit("hang up", 7, picture, () => {});
// @ts-expect-error an argument is missing
house.emit("hang up", "north", () => {});
// @ts-expect-error no such variant
house.emit("hang up", "north", { kind: "mirror" }, () => {});
// @ts-expect-error a field of another variant
house.emit("hang up", "north", { kind: "clock", title: "Sea" }, () => {});
// @ts-expect-error one number is missing
house.emit("hang up", "north", { kind: "picture", title: "Sea", size: [3] }, () => {});
// @ts-expect-error one argument too many
house.emit("hang up", "north", picture, "Ann", 7, () => {});
// @ts-expect-error the answer is a number or a failure
house.emit("walls", (answer: string) => console.log(answer));
// @ts-expect-error nobody looks at the answer
house.emit("walls");
// @ts-expect-error the answer may be a failure
walls.toFixed();
// @ts-expect-error there is no data before `ok` was asked
(await house.emitWithAck("hang up", "north", picture)).data;
// @ts-expect-error words are strings
house.emit("note", 1, "a", 2, () => {});
// @ts-expect-error bytes are no text
house.emit("photo", "me", "bytes", () => {});

// ---------------------------------------------------------------- what the client hears

house.on("hung up", (wall, by) => {
  same<typeof wall, Wall>(true);
  same<typeof by, string | null>(true);
});
house.on("photo", (name, jpeg) => {
  same<typeof name, string>(true);
  same<typeof jpeg, ArrayBuffer | Uint8Array>(true);
});
house.on("agree", (question, ack) => ack(question.length > 3));
house.on("connect_error", (error) => {
  const { data } = error as Error & { data?: House.Refusal };
  if (data?.code === "contract" || data?.code === "no_such_wall" || data?.code === "bad_auth") console.log(data.code);
  // @ts-expect-error no such code
  if (data?.code === "nothing") console.log();
});

// @ts-expect-error no such event
house.on("hung", () => {});
// @ts-expect-error the wall comes first
house.on("hung up", (by: string) => console.log(by));
// @ts-expect-error the answer is a boolean
house.on("agree", (question, ack) => ack(question));
// @ts-expect-error the garden says nothing
garden.on("photo", () => {});

// ---------------------------------------------------------------- who the client is

// @ts-expect-error the name is missing
const nobody: House.Auth = { ticket: 7 };
// @ts-expect-error no such street
const elsewhere: House.Namespace = "/barn/elm";
// @ts-expect-error the contract is a text
const contract: House.Auth = { userName: "Ann", $contract: 7 };
void [visitor, nobody, elsewhere, contract];
