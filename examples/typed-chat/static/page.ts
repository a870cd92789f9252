// The page. `tsc` makes page.js of it, which is what runs; nothing else is needed to build it, and nothing at all to run it.
//
// What it sends and hears is typed by contract.d.ts, which is written from the server's handler. So a misspelled event, a payload of another
// shape, a kind of post that is not drawn and an error that is not explained do not compile. What others write goes through `textContent`.

import { CONTRACT } from "./contract.js";
import type { Post, ReactError, Reaction, SayError, ServerCode, Talk, Tally } from "./contract.js";

type Said = Extract<Post, { kind: "said" }>;

/** Every way to react, and what its button says: one that is new on the server is missing here, and that does not compile. */
const SIGNS: Record<Reaction, string> = { applause: "Bravo", laughter: "Ha ha", flowers: "Flowers" };

/** Every error that an event of this page may answer. */
const REASONS: Record<SayError | ReactError | ServerCode, string> = {
  bad_text: "A post has 1 to 500 characters.",
  no_such_post: "That post is not there any more.",
  bad_argument: "The server did not understand this page.",
  missing_argument: "The server did not understand this page.",
  too_many_arguments: "The server did not understand this page.",
  unknown_event: "The server did not understand this page.",
  forbidden: "You may not do that.",
  refused: "You may not do that.",
  internal: "Something went wrong in the server.",
  no_answer: "Something went wrong in the server.",
};

/** Every reason not to be let in. */
const AT_THE_DOOR: Record<Talk.Refusal["code"], string> = {
  bad_name: "A name has 1 to 24 characters.",
  contract: "This page is older than its server. Load it anew.",
  bad_auth: "The server did not understand this page.",
  bad_path: "The server did not understand this page.",
  internal: "Something went wrong in the server.",
};

const byId = <T extends HTMLElement>(id: string, kind: new () => T): T => {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`${id} is no ${kind.name}`);
};
const [door, inside] = [byId("door", HTMLFormElement), byId("inside", HTMLElement)];
const [composer, text] = [byId("composer", HTMLFormElement), byId("text", HTMLInputElement)];
const [list, log, replying] = [byId("posts", HTMLOListElement), byId("log", HTMLElement), byId("replying", HTMLElement)];

let me = "";
let replyTo: number | null = null;
/** What was said, and its node. */
const shown = new Map<number, { post: Said; node: HTMLLIElement }>();

// ---------------------------------------------------------------- connection

// A function, because it is asked again at every reconnection.
const auth = (answer: (auth: Talk.Auth) => void) => answer({ name: me, $contract: CONTRACT });
const socket: Talk.Socket = io({ auth, ackTimeout: 8000, autoConnect: false });

socket.on("connect", () => {
  door.hidden = true;
  inside.hidden = false;
  state("online", "Connected");
});
socket.on("disconnect", () => state("offline", "Not connected"));
socket.on("connect_error", (error: Error & { data?: Talk.Refusal }) => {
  if (error.data) return refuse(AT_THE_DOOR[error.data.code]);
  state("offline", "Not connected");
  tell("The server cannot be reached. Still trying…");
});
socket.on("wall", (posts) => {
  list.replaceChildren();
  shown.clear();
  posts.forEach(add);
  tell("");
});
socket.on("posted", add);
socket.on("reacted", retally);

async function say(): Promise<void> {
  const answer = await socket.emitWithAck("say", text.value.trim(), replyTo);
  if (!answer.ok) return tell(REASONS[answer.error.code]);
  text.value = "";
  reply(null);
}

async function react(id: number, reaction: Reaction): Promise<void> {
  const answer = await socket.emitWithAck("react", id, reaction);
  if (answer.ok) retally(id, answer.data);
  else tell(REASONS[answer.error.code]);
}

/** An answer that never comes is an error, too. */
async function attempt(act: () => Promise<void>): Promise<void> {
  tell("");
  try {
    await act();
  } catch {
    tell("The server did not answer. Try again.");
  }
}

// ---------------------------------------------------------------- drawing

function add(post: Post): void {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  list.append(draw(post));
  if (atEnd) log.scrollTop = log.scrollHeight;
}

/** Every kind of post: without one of them this does not compile, for nothing would be returned. */
function draw(post: Post): HTMLLIElement {
  switch (post.kind) {
    case "came":
      return element("li", "note", `${post.who} came.`);
    case "left":
      return element("li", "note", `${post.who} left.`);
    case "said":
      return drawSaid(post);
  }
}

function drawSaid(post: Said): HTMLLIElement {
  const node = element("li", post.who === me ? "said mine" : "said");
  node.append(element("b", "who", post.who));
  const earlier = post.reply_to === null ? undefined : shown.get(post.reply_to);
  if (earlier) node.append(element("q", "", earlier.post.text));
  const acts = element("p", "acts");
  for (const reaction of Object.keys(SIGNS) as Reaction[]) {
    const button = element("button", "");
    button.dataset["reaction"] = reaction;
    button.addEventListener("click", () => attempt(() => react(post.id, reaction)));
    acts.append(button);
  }
  const answer = element("button", "answer", "Reply");
  answer.addEventListener("click", () => reply(post));
  acts.append(answer);
  node.append(element("p", "text", post.text), acts);
  shown.set(post.id, { post, node });
  retally(post.id, post.tally);
  return node;
}

function retally(id: number, tally: Tally): void {
  for (const button of shown.get(id)?.node.querySelectorAll<HTMLElement>("[data-reaction]") ?? []) {
    const reaction = button.dataset["reaction"] as Reaction;
    const count = tally[reaction];
    button.textContent = count ? `${SIGNS[reaction]} ${count}` : SIGNS[reaction];
    button.ariaLabel = `${SIGNS[reaction]}, ${count}`;
  }
}

function reply(post: Said | null): void {
  replyTo = post?.id ?? null;
  replying.hidden = !post;
  byId("replied", HTMLElement).textContent = post ? `${post.who}: ${post.text}` : "";
  text.focus();
}

function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className: string, content = ""): HTMLElementTagNameMap[Tag] {
  return Object.assign(document.createElement(tag), { className, textContent: content });
}

function state(name: "online" | "offline" | "connecting", content: string): void {
  const node = byId("state", HTMLElement);
  node.dataset["state"] = name;
  node.textContent = content;
}

/** Something that went wrong, wherever the person is; nothing when all is well. */
function tell(content: string): void {
  byId(inside.hidden ? "door-error" : "error", HTMLElement).textContent = content;
}

function refuse(why: string): void {
  socket.disconnect();
  inside.hidden = true;
  door.hidden = false;
  tell(why);
}

// ---------------------------------------------------------------- what a person does

door.addEventListener("submit", (event) => {
  event.preventDefault();
  me = byId("name", HTMLInputElement).value.trim();
  tell("");
  socket.connect();
});
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(say);
});
byId("unreply", HTMLButtonElement).addEventListener("click", () => reply(null));
