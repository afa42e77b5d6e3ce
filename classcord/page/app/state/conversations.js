/**
 * The channels and private conversations of this person, with what is unread in each. Knows neither requests nor views.
 *
 * A conversation has a key: "#dev" for a channel, "@bob" for a private conversation with bob, "=2:3" for one whose other
 * person is gone (two of them may have had the same name).
 */
import { computed, signal } from "../../vendor/signals.js";
import { isGuest, me } from "./me.js";

/**
 * @typedef {object} Conversation
 * @property {string} key
 * @property {string} [channel]  the channel's name, with its #
 * @property {string} [user]  the other person of a private conversation
 * @property {string} [conversation]  the server's own key of a private conversation
 * @property {string} kind  default, open, approval, private; or direct
 * @property {number} unread
 * @property {number} mentions
 * @property {number} lastRead
 * @property {number} lastId  the newest message; 0 if there is none
 * @property {string} [topic]
 * @property {boolean} [readOnly]
 * @property {boolean} [closed]  nobody writes there until it is opened again
 * @property {boolean} [guests]  false: they neither come in nor write
 * @property {number} [slow]  seconds between two messages of one person; 0: no pause
 * @property {boolean} [hold]  somebody reads each message before it is delivered
 * @property {boolean} [moderates]  this person is one of those who moderate it alone
 * @property {boolean} [gone]  the other person's account does not exist any more
 */

/** @type {import("../../vendor/signals.js").Signal<Map<string, Conversation>>} */
export const conversations = signal(new Map());

/** All channels that this person may see, by name, as the server tells them. */
export const directory = signal(new Map());

/** Channels that this person has asked to be admitted to. */
export const requested = signal(new Set());

/** What stands in the place of names that are nobody's any more: the server takes its time to write it everywhere. */
const erased = new Map();

export const channels = computed(() => list((each) => each.channel).sort(byKind));
export const directs = computed(() => list((each) => !each.channel).sort((a, b) => b.lastId - a.lastId));
export const totalMentions = computed(() =>
  list(Boolean).reduce((sum, each) => sum + (each.channel ? each.mentions : each.unread), 0),
);

const list = (chosen) => [...conversations.value.values()].filter(chosen);
const byKind = (a, b) => (b.kind === "default") - (a.kind === "default") || a.channel.localeCompare(b.channel);

/** The key of what a conversation, a message or an event belongs to. */
export function keyOf({ channel, user, conversation, gone, from, to }) {
  if (channel) return channel;
  if (gone && conversation) return `=${conversation}`;
  return `@${user ?? (from === me.value?.name ? to : from)}`;
}

/** The fields by which a request names a conversation. */
export function fieldsOf(key) {
  if (key.startsWith("#")) return { channel: key };
  return key.startsWith("=") ? { conversation: key.slice(1) } : { user: key.slice(1) };
}

/**
 * Replace all by the answer to `conversations`. The server does not know a private conversation in which nobody has
 * written yet, and keeps none for guests: those stay.
 */
export function setConversations(answers) {
  const before = conversations.value;
  const own = [...before.values()].filter(({ channel, lastId }) => !channel && (lastId === 0 || isGuest.value));
  conversations.value = new Map([
    ...own.map((each) => [each.key, each]),
    ...answers.map((answer) => {
      const key = keyOf(answer);
      const { topic, readOnly, closed, guests, slow, hold, moderates } = before.get(key) ?? {};
      const { channel, conversation, kind, unread, mentions, gone } = answer;
      const user = gone ? (erased.get(answer.user) ?? answer.user) : answer.user;
      const lastId = answer.last_message?.message_id ?? 0;
      const known = { channel, user, conversation, kind, unread, mentions, gone, topic };
      return [key, { key, ...known, readOnly, closed, guests, slow, hold, moderates, lastRead: answer.last_read, lastId }];
    }),
  ]);
  mergeDirectory();
}

/** Note the answer to `channels`. */
export function setDirectory(answers) {
  directory.value = new Map(answers.map((each) => [each.name, each]));
  requested.value = new Set([...requested.value].filter((name) => directory.value.get(name)?.member === false));
  mergeDirectory();
}

/** Channels in which nobody has written yet are only in the directory; topics are only there too. */
function mergeDirectory() {
  const changed = new Map(conversations.value);
  for (const { name, kind, topic, member, moderates, ...rest } of directory.value.values()) {
    if (member) changed.set(name, { ...(changed.get(name) ?? empty(name)), kind, topic, moderates, ...settingsOf(rest) });
  }
  conversations.value = changed;
}

export const settingsOf = ({ read_only: readOnly, closed, guests, slow, hold }) => ({ readOnly, closed, guests, slow, hold });

/** Note the settings of a channel and its name, as the event or the answer to a change says; `was`: its name before. */
export function setSettings({ channel, was = channel, ...settings }) {
  const known = conversations.value.get(was);
  if (known) update(channel, { ...known, key: channel, channel, ...settingsOf(settings) });
  const listed = directory.value.get(was);
  if (listed) {
    const { read_only, closed, guests, slow, hold } = settings;
    const changed = new Map(directory.value);
    changed.delete(was);
    directory.value = changed.set(channel, { ...listed, name: channel, read_only, closed, guests, slow, hold });
  }
  if (channel !== was) remove(was);
}

/** Note that the other person of a private conversation is gone; `shown` stands in the place of their name. */
export function notePersonGone(name, shown) {
  erased.set(name, shown);
  for (const each of conversations.value.values()) if (each.user === name) update(each.key, { gone: true, user: shown });
}

function empty(key) {
  const whose = key.startsWith("#") ? { channel: key } : { user: key.slice(1), kind: "direct" };
  return { key, ...whose, unread: 0, mentions: 0, lastRead: 0, lastId: 0 };
}

/** Change what is known of a conversation, which is made if there is none. */
export function update(key, change) {
  conversations.value = new Map(conversations.value).set(key, {
    ...(conversations.value.get(key) ?? empty(key)),
    ...change,
  });
}

export function remove(key) {
  const changed = new Map(conversations.value);
  changed.delete(key);
  conversations.value = changed;
}

/** Count a message that has just come: as unread, unless it is one's own or known already. */
export function count(key, { message_id: id, from, mentions = [] }) {
  const known = conversations.value.get(key) ?? empty(key);
  if (id <= known.lastId) return;
  const mine = from === me.value.name;
  update(key, {
    lastId: id,
    lastRead: mine ? id : known.lastRead,
    unread: mine ? 0 : known.unread + 1,
    mentions: mine ? 0 : known.mentions + mentions.includes(me.value.name),
  });
}

/** Note the newest message of a channel that was just entered: what was said before counts as read. */
export function noteNewest(key, id) {
  const known = conversations.value.get(key);
  if (known && id > known.lastId) update(key, { lastId: id, lastRead: known.unread ? known.lastRead : id });
}

/** Note how far this person has read, here or elsewhere. */
export function setRead(key, id) {
  const known = conversations.value.get(key);
  if (!known || id <= known.lastRead) return;
  update(key, { lastRead: id, ...(id >= known.lastId ? { unread: 0, mentions: 0 } : {}) });
}

export function forgetConversations() {
  erased.clear();
  conversations.value = new Map();
  directory.value = new Map();
  requested.value = new Set();
}
