/**
 * What a person does with conversations: opens them, reads back, goes to a message, joins, creates, leaves. Knows no view.
 */
import { batch, effect, untracked } from "../../vendor/signals.js";
import { Refusal } from "../connection.js";
import { ask, connection } from "../server.js";
import {
  channels,
  conversations,
  directory,
  fieldsOf,
  noteNewest,
  remove,
  requested,
  setDirectory,
  setRead,
  settingsOf,
  update,
} from "../state/conversations.js";
import { isGuest, stage } from "../state/me.js";
import { change, logOf, merge, withoutErased } from "../state/messages.js";
import { setMembers, setRoles } from "../state/people.js";
import { drawer, newSince, shown, target } from "../state/screen.js";

const PAGE = 50; // messages
const READ_AFTER = 1000; // milliseconds

/** Show a conversation, and load its newest messages unless they are here. */
export function open(key) {
  const conversation = conversations.value.get(key);
  batch(() => {
    if (shown.value !== key) {
      const unread = conversation?.unread && conversation.lastRead < conversation.lastId;
      newSince.value = unread ? { key, id: conversation.lastRead } : null;
    }
    shown.value = key;
    drawer.value = false;
  });
  if (location.hash !== addressOf(key)) history.pushState(null, "", addressOf(key));
  const log = logOf(key).value;
  if (!log.loaded && !log.loading) load(key, "first", { limit: PAGE });
  else if (log.stale) freshen(key);
}

/** Show a private conversation with somebody, a new one too. */
export function openPrivate(name) {
  const key = `@${name}`;
  if (!conversations.value.has(key)) update(key, {});
  open(key);
}

const addressOf = (key) => `#${encodeURIComponent(key)}`;

/** Let the address say which conversation is shown: reloading and the browser's own Back then work. */
export function followAddress() {
  const follow = () => {
    const wanted = decodeURIComponent(location.hash.slice(1));
    const known = conversations.value.has(wanted) || wanted.startsWith("@");
    const key = known ? wanted : channels.value[0]?.key;
    if (stage.value === "in" && key && key !== shown.value) open(key);
  };
  addEventListener("popstate", follow);
  effect(() => {
    // Begin with a conversation; and with another one when the one that was shown is gone.
    const lost = shown.value && !conversations.value.has(shown.value);
    if (stage.value === "in" && (!shown.value || lost)) untracked(follow);
  });
  effect(() => {
    // Look again at what is shown after a lost link, and load it if it is under another name now.
    if (connection.phase.value !== "online" || stage.value !== "in" || !shown.value) return;
    const { stale, loaded, loading, failed } = logOf(shown.value).value;
    if (!loaded && !loading && !failed) untracked(() => load(shown.value, "first", { limit: PAGE }));
    else if (stale) untracked(() => freshen(shown.value));
  });
}

export function loadOlder(key) {
  const { items, before, loading } = logOf(key).value;
  if (before && !loading) return load(key, "older", { before: items[0].message_id, limit: PAGE });
}

export function loadNewer(key) {
  const { items, after, loading } = logOf(key).value;
  if (after && !loading) return load(key, "newer", { after: items[items.length - 1].message_id, limit: PAGE });
}

/** Bring a message to view, wherever it is in the history. */
export async function goTo(key, id) {
  open(key);
  const { items, loaded } = logOf(key).value;
  const within = loaded && items.length && items[0].message_id <= id && id <= items[items.length - 1].message_id;
  if (!within) await load(key, "around", { around: id, limit: PAGE });
  target.value = { key, id };
}

/** Go to where the person has stopped reading. */
export function goToUnread(key) {
  const since = newSince.value;
  if (since?.key === key) return goTo(key, since.id || 1);
}

/** Go back from the past to the newest messages. */
export async function goToPresent(key) {
  target.value = null;
  if (logOf(key).value.after) await load(key, "present", { limit: PAGE });
}

/** Try again what has failed. */
export const reload = (key) => load(key, "first", { limit: PAGE });

/** Replace what is old by what the server has: reactions, edits and the like of the newest messages. */
function freshen(key) {
  change(key, { stale: false });
  if (!logOf(key).value.after) load(key, "fresh", { limit: PAGE });
}

async function load(key, way, fields) {
  change(key, { loading: way, failed: false });
  try {
    const { messages: told, more, more_before: older, more_after: newer } = await ask("history", {
      ...fieldsOf(key),
      ...fields,
    });
    const messages = withoutErased(told);
    setRoles(messages.map(({ from, role }) => [from, role]));
    const { items, late } = logOf(key).value;
    const replaced = {
      older: () => ({ items: merge(messages, items), before: more }),
      newer: () => ({ items: merge(items, messages), after: more }),
      around: () => ({ items: messages, before: older, after: newer }),
      present: () => ({ items: messages, before: more, after: false }),
      first: () => ({ items: merge(messages, items), before: more, after: false }),
      fresh: () => (joined(items, messages) ? { items: merge(items, messages) } : { items: messages, before: more }),
    }[way]();
    change(key, { ...replaced, loaded: true, loading: null, late: [] });
    if (way === "first" && messages.length) noteNewest(key, messages[messages.length - 1].message_id);
    if (!logOf(key).value.after) change(key, { items: merge(logOf(key).value.items, late) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A new private conversation has no history to read; the server does not know it yet.
    const fresh = error.code === "not_found" || (isGuest.value && !key.startsWith("#"));
    change(key, { loading: null, failed: !fresh, loaded: fresh });
  }
}

/** Whether two stretches of history touch. */
const joined = (items, page) =>
  !page.length || (items.length > 0 && page[0].message_id <= items[items.length - 1].message_id);

const telling = new Map(); // key -> timer of a mark that the server has not been told yet

/** All of a conversation has been seen. The server is told a little later, once for what comes in between. */
export function markRead(key) {
  const conversation = conversations.value.get(key);
  if (!conversation || conversation.lastRead >= conversation.lastId) return;
  setRead(key, conversation.lastId);
  if (isGuest.value || telling.has(key)) return; // the server keeps no marks for guests
  telling.set(key, setTimeout(() => tellRead(key), READ_AFTER));
}

async function tellRead(key) {
  telling.delete(key);
  const conversation = conversations.value.get(key);
  if (!conversation || stage.value !== "in") return;
  try {
    await ask("read", { ...fieldsOf(key), message_id: conversation.lastRead });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // the next message that is seen sets the mark
  }
}

export async function loadMembers(channel) {
  setMembers(await ask("members", { channel }));
}

export async function refreshDirectory() {
  setDirectory((await ask("channels")).channels);
}

/** Become a member, or ask to be one; true if it was granted at once. */
export async function join(channel) {
  const { status, channel: name, kind, topic } = await ask("join", { channel });
  if (status === "pending") {
    requested.value = new Set([...requested.value, name]);
    return false;
  }
  entered(name, kind, topic);
  return true;
}

export async function withdraw(channel) {
  await ask("withdraw", { channel });
  requested.value = new Set([...requested.value].filter((name) => name !== channel));
}

export async function create(fields) {
  const { channel, kind, topic } = await ask("create", fields);
  entered(channel, kind, topic);
}

function entered(channel, kind, topic) {
  const known = directory.value.get(channel);
  update(channel, { channel, kind, topic, ...settingsOf(known ?? {}) });
  directory.value = new Map(directory.value).set(channel, { ...known, name: channel, kind, topic, member: true });
  open(channel);
}

export async function leave(channel) {
  await ask("leave", { channel });
  remove(channel);
}

/** Close a private conversation until its next message. */
export async function hide(key) {
  const conversation = conversations.value.get(key);
  if (conversation?.lastId) await ask("hide", fieldsOf(key));
  if (shown.value === key) shown.value = null;
  remove(key);
}

export async function setTopic(channel, topic) {
  const answer = await ask("topic", { channel, topic });
  update(channel, { topic: answer.topic });
}

export async function invite(channel, user) {
  await ask("invite", { channel, user });
}

/** People by a part of their name, also those who are not here; none where the server refuses. */
export async function findPeople(search, limit) {
  try {
    return (await ask("find_people", { search, limit })).people;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // the list has those who are here
    return [];
  }
}
