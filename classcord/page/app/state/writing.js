/**
 * What keeps this person from writing in a conversation, as far as the page knows. Knows neither requests nor views.
 */
import { computed } from "../../vendor/signals.js";
import { channels } from "./conversations.js";
import { privatelySilencedBy, silencedBy } from "./lessons.js";
import { isGuest, isModerator, me } from "./me.js";
import { present, roles } from "./people.js";
import { keepsOrder, mayWriteTo } from "./private_policy.js";

/**
 * Whether somebody keeps order in a channel: everywhere by their role, or there alone.
 *
 * @param {import("./conversations.js").Conversation} [conversation]
 */
export const keepsOrderIn = (conversation) => isModerator.value || Boolean(conversation?.moderates);

/** Whether there is any channel in which this person keeps order. */
export const keepsOrderSomewhere = computed(() => isModerator.value || channels.value.some(({ moderates }) => moderates));

/**
 * Why nothing can be written: {why, name, channels, lesson}; null if something can be.
 *
 * @param {import("./conversations.js").Conversation} conversation
 */
export function closedBecause(conversation) {
  const { channel, user, gone } = conversation;
  if (gone) return { why: "gone" };
  return channel ? inChannel(conversation) : privately(user);
}

function inChannel(conversation) {
  const { channel, closed, readOnly, guests } = conversation;
  if (closed) return { why: "closed" };
  const lesson = silencedBy(channel);
  if (lesson) return duringLesson(lesson);
  if (readOnly && !keepsOrderIn(conversation)) return { why: "read_only" };
  return guests === false && isGuest.value ? { why: "guests" } : null;
}

function duringLesson(lesson) {
  const { kind, open } = lesson;
  if (kind === "exam") return { why: "exam", lesson };
  return open.length ? { why: "lesson", lesson, channels: open.join(", ") } : { why: "lesson_silent", lesson };
}

function privately(user) {
  if (keepsOrder(user) || isModerator.value) return null;
  const lesson = privatelySilencedBy();
  if (lesson) return { why: `${lesson.kind}_private`, lesson };
  return mayWriteTo(user) ? null : { why: "private", name: user };
}

/** Somebody who keeps order and can be written to: who holds a lesson, otherwise somebody who is here; null: nobody is known. */
export function inCharge(lesson) {
  const staff = [...roles.value.keys()].filter(keepsOrder);
  const here = (name) => present.value.has(name);
  const possible = [lesson?.by, ...staff.filter(here), ...staff];
  return possible.find((name) => name && name !== me.value.name && mayWriteTo(name)) ?? null;
}
