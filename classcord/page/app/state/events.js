/**
 * What each event of the server changes in the state: one function a type. Knows neither requests nor views.
 */
import { batch, signal } from "../../vendor/signals.js";
import {
  channels,
  conversations,
  count,
  directory,
  keyOf,
  notePersonGone,
  remove,
  requested,
  setRead,
  setSettings,
  update,
} from "./conversations.js";
import { addHeld, decideHeld, findHeld, removeHeld } from "./held.js";
import { noteLesson } from "./lessons.js";
import { isModerator, me, ownState, stage } from "./me.js";
import { add, amend, distrust, drop, eraseAuthor, withReaction } from "./messages.js";
import { noteJoinRequest, reportsChanged } from "./moderation.js";
import { pause } from "./pauses.js";
import { addMember, present, removeMember, removePerson, setModerates, setRole, setState } from "./people.js";
import { setPrivatePolicy } from "./private_policy.js";
import { noteQuietHours } from "./quiet_hours.js";
import { dialog, notify, shown, warnings } from "./screen.js";
import * as typing from "./typing.js";

/** Grows when something was heard that only a new list of channels or members can show. */
export const outdated = signal(0);

/** The newest message that somebody else wrote: {key, message}; for sounds and notifications. */
export const arrived = signal(null);

/** Grows when a message was pinned or unpinned, with the key of its conversation. */
export const pinsChanged = signal({ key: null, times: 0 });

const SHOWN_ELSEWHERE = new Set(["arrival", "departure", "waiting"]); // in the list of people, under moderation
const OF_STAFF = new Set(["administration", "sanction", "report_details"]); // dialogs that nobody else is shown

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
  channel_changed(event) {
    applySettings(event);
  },
  moderator_changed({ channel, user, on }) {
    setModerates(channel, user, on);
    if (user !== me.value.name) return;
    update(channel, { moderates: on });
    outdated.value += 1;
  },
  message_held(event) {
    addHeld(event);
  },
  held_gone({ held_id: id }) {
    removeHeld(id);
  },
  held_decided(event) {
    const known = findHeld(event.held_id);
    decideHeld(event);
    if (event.outcome === "delivered") delivered(known, event);
  },
  join_request(event) {
    noteJoinRequest(event);
  },
  reported() {
    reportsChanged.value += 1;
  },
  lesson(event) {
    noteLesson(event);
  },
  rights({ role, may }) {
    me.value = { ...me.value, role, may };
    setRole(me.value.name, role);
    if (!isModerator.value && OF_STAFF.has(dialog.value?.name)) dialog.value = null;
    outdated.value += 1;
  },
  quiet_hours(event) {
    noteQuietHours(event);
  },
  private_policy(event) {
    setPrivatePolicy(event);
  },
  erased({ user, shown: instead }) {
    removePerson(user);
    eraseAuthor(user, instead);
    notePersonGone(user, instead);
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
  system({ content, kind }) {
    if (SHOWN_ELSEWHERE.has(kind)) return;
    if (kind === "warning") warnings.value = [...warnings.value, content];
    else notify(content, "server");
    outdated.value += 1;
  },
};

/** Note the settings of a channel, and stay in it under its new name. */
export function applySettings(event) {
  const { channel, was = channel, slow } = event;
  batch(() => {
    setSettings(event);
    if (!slow) pause(was, 0);
    if (channel === was) return;
    drop(was);
    if (shown.value === was) shown.value = channel;
  });
}

/** One's own message is in the history now; this session is not sent it. */
function delivered(known, { message_id: id, timestamp, ...where }) {
  const key = keyOf(where);
  if (!known?.content && !known?.file) {
    distrust(true);
    return;
  }
  const { channel = null, user: to = channel } = where;
  const { name: from, role } = me.value;
  const message = { type: "message", message_id: id, channel, to, from, role, content: known.content, timestamp };
  add(key, { ...message, file: known.file ?? undefined });
  count(key, message);
}

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
