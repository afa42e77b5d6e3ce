/**
 * What each event of the server changes in the state: one function a type. Knows neither requests nor views.
 */
import { batch, signal } from "../../vendor/signals.js";
import { channels, conversations, count, directory, keyOf, remove, requested, setRead, update } from "./conversations.js";
import { me, ownState, stage } from "./me.js";
import { add, amend, distrust, drop, withReaction } from "./messages.js";
import { addMember, present, removeMember, setRole, setState } from "./people.js";
import { notify } from "./screen.js";
import * as typing from "./typing.js";

/** Grows when something was heard that only a new list of channels or members can show. */
export const outdated = signal(0);

/** The newest message that somebody else wrote: {key, message}; for sounds and notifications. */
export const arrived = signal(null);

/** Grows when a message was pinned or unpinned, with the key of its conversation. */
export const pinsChanged = signal({ key: null, times: 0 });

const ARRIVAL = 20; // characters: "is here." after a name, in any language; what else begins with a name is longer
const MOST_RECENT = 30;
let recent = []; // whose `status` was heard last

const APPLIED = {
  message(message) {
    const key = keyOf(message);
    const known = conversations.value.get(key)?.lastId ?? 0;
    typing.end(key, message.from);
    setRole(message.from, message.role);
    add(key, message);
    count(key, message);
    if (message.from !== me.value.name && message.message_id > known) arrived.value = { key, message };
  },
  edited({ message_id: id, content, edited_at, ...where }) {
    amend(keyOf(where), id, () => ({ content, edited_at }));
  },
  deleted({ message_id: id, ...where }) {
    amend(keyOf(where), id, () => ({ content: "", deleted: true, reactions: undefined, file: undefined }));
  },
  reaction({ message_id: id, ...reaction }) {
    amend(keyOf(reaction), id, (message) => withReaction(message, reaction));
  },
  pinned(event) {
    pinsChanged.value = { key: keyOf(event), times: pinsChanged.value.times + 1 };
  },
  typing({ from, ...where }) {
    typing.begin(keyOf({ from, ...where }), from);
  },
  read({ message_id: id, ...where }) {
    setRead(keyOf(where), id);
  },
  hidden({ user, conversation }) {
    for (const each of conversations.value.values()) {
      if (each.conversation === conversation || (user && each.user === user)) remove(each.key);
    }
  },
  status({ user, state }) {
    recent = [user, ...recent].slice(0, MOST_RECENT);
    if (user === me.value.name) ownState.value = state;
    setState(user, state);
    // Everybody who comes is in the channel of all; nobody is told that they joined it.
    const everybody = channels.value[0];
    if (everybody?.kind === "default" && present.value.has(user)) addMember(everybody.key, user);
  },
  joined({ channel, user }) {
    addMember(channel, user);
    if (user === me.value.name) outdated.value += 1;
  },
  left({ channel, user }) {
    removeMember(channel, user);
    if (user === me.value.name) gone(channel);
  },
  invited({ channel, kind, topic, user }) {
    update(channel, { channel, kind, topic });
    outdated.value += 1;
    arrived.value = { key: channel, invitedBy: user };
  },
  topic({ channel, topic }) {
    update(channel, { topic });
  },
  channel_changed({ channel, was }) {
    if (channel !== was) gone(was);
    outdated.value += 1;
  },
  held_decided({ outcome }) {
    if (outcome !== "delivered") return;
    distrust(true); // the message is in the history now, and this session is not sent its own
    outdated.value += 1;
  },
  channel_deleted({ channel }) {
    gone(channel);
    const changed = new Map(directory.value);
    changed.delete(channel);
    directory.value = changed;
  },
  gap() {
    distrust(true);
    outdated.value += 1;
  },
  system({ content }) {
    // An arrival is told twice, as a status and in words; the list of people shows it already.
    if (recent.some((name) => content.startsWith(`${name} `) && content.length - name.length < ARRIVAL)) return;
    notify(content, "server");
    outdated.value += 1;
  },
};

function gone(channel) {
  remove(channel);
  drop(channel);
  requested.value = new Set([...requested.value].filter((name) => name !== channel));
}

/** Change the state as an event says; one of a newer server is left alone. */
export function applyEvent(event) {
  if (event.type === "system" && stage.value === "password") return; // the page asks for what it says already
  if (me.value && Object.hasOwn(APPLIED, event.type)) batch(() => APPLIED[event.type](event));
  else if (event.type === "system" || event.type === "error") notify(event.content ?? event.message, "server");
}
