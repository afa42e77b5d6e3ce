/**
 * The messages that have been loaded, a log for each conversation: an unbroken stretch of its history, in order. Knows
 * neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";
import { isGuest } from "./me.js";
import { isNobody } from "./people.js";

/**
 * @typedef {object} Log
 * @property {object[]} items  messages as the server gives them, the oldest first
 * @property {boolean} before  older ones exist
 * @property {boolean} after  newer ones exist: the stretch does not reach the present
 * @property {boolean} loaded  something was loaded
 * @property {"older" | "newer" | "first" | null} loading
 * @property {object[]} late  what has come while a page is on its way, and may not be in it
 * @property {boolean} stale  the link was lost since: reactions and the like may be missing
 */

const EMPTY = { items: [], before: false, after: false, loaded: false, loading: null, failed: false, late: [], stale: false };
const logs = new Map(); // key -> signal of a Log

/** The largest number of a message that was heard: a resumed session asks for what came after it. */
let newest = 0;
export const newestId = () => newest;
export const noteId = (id) => (newest = Math.max(newest, id));

/** The signal of a conversation's log. */
export function logOf(key) {
  if (!logs.has(key)) logs.set(key, signal(EMPTY));
  return logs.get(key);
}

/** Who has written what is loaded of a conversation, guests and those excepted who were erased: the last first. */
export function authors(key) {
  const found = logOf(key).value.items.filter(({ role, from }) => role !== "guest" && !isNobody(from));
  return [...new Set(found.map(({ from }) => from).reverse())];
}

/** Names that are nobody's any more: {shown, upTo} by the name. Later messages under it are of somebody else. */
const erased = new Map();

/** Put what is shown in the place of a name that is nobody's any more, wherever it was loaded or still comes. */
export function eraseAuthor(name, shown) {
  erased.set(name, { shown, upTo: newest });
  for (const log of logs.values()) if (log.value.loaded) log.value = { ...log.value, items: withoutErased(log.value.items) };
}

/** Messages as they are to be shown: the server takes its time to put another name in the old ones. */
export function withoutErased(messages) {
  if (!erased.size) return messages;
  return messages.map((message) =>
    [...erased].reduce((now, [name, { shown, upTo }]) => (now.message_id > upTo ? now : renamed(now, name, shown)), message),
  );
}

function renamed(message, name, shown) {
  const { from, reactions, mentions } = message;
  const reacted = Object.entries(reactions ?? {}).filter(([, names]) => names.includes(name));
  if (from !== name && !reacted.length && !mentions?.includes(name)) return message;
  const others = reacted.map(([emoji, names]) => [emoji, names.map((each) => (each === name ? shown : each))]);
  return {
    ...message,
    from: from === name ? shown : from,
    reactions: reactions && { ...reactions, ...Object.fromEntries(others) },
    mentions: mentions?.filter((each) => each !== name),
  };
}

export function change(key, changed) {
  const log = logOf(key);
  log.value = { ...log.value, ...changed };
}

/** Where a message is, or where it would be, in an ascending list. */
export function position(items, id) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].message_id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The two lists as one; of a message that is in both, the second list's. */
export function merge(items, page) {
  if (!page.length) return items;
  const last = items[items.length - 1]?.message_id ?? 0;
  if (page[0].message_id > last) return [...items, ...page];
  const all = new Map(items.map((message) => [message.message_id, message]));
  for (const message of page) all.set(message.message_id, message);
  return [...all.values()].sort((a, b) => a.message_id - b.message_id);
}

/** Add a message that has just come, where the log reaches the present. */
export function add(key, message) {
  noteId(message.message_id);
  const { items, loaded, loading, late, after } = logOf(key).value;
  if (loaded && !after) change(key, { items: merge(items, [message]) });
  else if (isGuest.value && !key.startsWith("#")) change(key, { items: [message], loaded: true }); // there is no more
  else if (loading) change(key, { late: [...late, message] });
}

/** Change one message, if it is loaded: `changed` is given the message and returns what is different. */
export function amend(key, id, changed) {
  const { items } = logOf(key).value;
  const index = position(items, id);
  if (items[index]?.message_id !== id) return;
  const copy = items.slice();
  copy[index] = { ...items[index], ...changed(items[index]) };
  change(key, { items: copy });
}

/** A message, if it is loaded. */
export function find(key, id) {
  const { items } = logOf(key).value;
  const message = items[position(items, id)];
  return message?.message_id === id ? message : undefined;
}

/** Say of every log that the link was lost; `broken`: messages are missing too, so nothing is worth keeping. */
export function distrust(broken) {
  for (const log of logs.values()) log.value = broken ? EMPTY : { ...log.value, stale: log.value.loaded };
}

export function drop(key) {
  if (logs.has(key)) logs.get(key).value = EMPTY;
}

export function forgetMessages() {
  for (const log of logs.values()) log.value = EMPTY;
  erased.clear();
  newest = 0;
}

/** The reactions of a message after somebody added or took back one; people are counted where not all are named. */
export function withReaction({ reactions = {}, reaction_counts: counts = {} }, { emoji, from, on }) {
  const names = reactions[emoji] ?? [];
  const known = counts[emoji] ?? names.length;
  if (on === names.includes(from)) return {};
  const left = on ? [...names, from] : names.filter((name) => name !== from);
  const number = known + (on ? 1 : -1);
  const changed = { ...reactions, [emoji]: left };
  const changedCounts = { ...counts, [emoji]: number };
  if (number <= 0) delete changed[emoji];
  if (number <= left.length) delete changedCounts[emoji];
  return { reactions: changed, reaction_counts: changedCounts };
}
