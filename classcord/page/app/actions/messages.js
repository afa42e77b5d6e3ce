/**
 * What a person does with messages: edits, deletes, reacts, pins, finds. Knows no view.
 */
import { Refusal } from "../connection.js";
import { ask, can } from "../server.js";
import { fieldsOf } from "../state/conversations.js";
import { pinsChanged } from "../state/events.js";
import { me } from "../state/me.js";
import { amend, withReaction } from "../state/messages.js";

const TYPING_EVERY = 3000; // milliseconds

export async function edit(key, id, content) {
  const { edited_at } = await ask("edit", { message_id: id, content });
  amend(key, id, () => ({ content, edited_at }));
}

export async function remove(key, id) {
  await ask("delete", { message_id: id });
  amend(key, id, () => ({ content: "", deleted: true, reactions: undefined, file: undefined }));
}

/** Add a reaction, or take it back if it is there. */
export async function react(key, message, emoji) {
  const on = !message.reactions?.[emoji]?.includes(me.value.name);
  await ask("react", { message_id: message.message_id, emoji, on });
  amend(key, message.message_id, (now) => withReaction(now, { emoji, from: me.value.name, on }));
}

export async function pin(key, id, on) {
  await ask("pin", { message_id: id, on });
  pinsChanged.value = { key, times: pinsChanged.value.times + 1 };
}

/** The pinned messages of a conversation, the newest last. */
export async function pins(key) {
  return (await ask("pins", fieldsOf(key))).messages;
}

/** Find messages by their words; `page` is the `next` of the answer before. */
export function search(query, { key, page, order }) {
  return ask("search", { query, order, page, ...(key ? fieldsOf(key) : {}) });
}

let typedAt = 0;
let typedIn = null;

/** Let the others see that this person is writing; not more often than it is worth. */
export async function tellTyping(key) {
  if (!can("typing") || key.startsWith("=") || (typedIn === key && Date.now() - typedAt < TYPING_EVERY)) return;
  typedAt = Date.now();
  typedIn = key;
  try {
    await ask("typing", fieldsOf(key));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // nobody has to know: it is only a hint
  }
}

/** The message is sent: the next letter begins a new one. */
export function typingDone() {
  typedAt = 0;
}
