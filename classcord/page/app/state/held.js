/**
 * Messages that the server keeps until somebody has approved them, or until a time: one's own, and those that this person
 * may approve. Knows neither requests nor views.
 */
import { computed, signal } from "../../vendor/signals.js";
import { keyOf } from "./conversations.js";
import { me } from "./me.js";

/**
 * @typedef {object} Held
 * @property {number} id
 * @property {string} key  the conversation
 * @property {string} user  who wrote it
 * @property {string} content
 * @property {"hold" | "words" | "quiet_hours"} why
 * @property {string | null} [until]  when it is delivered by itself
 * @property {string} at
 * @property {object} [file]
 * @property {"waits" | "refused" | "undeliverable" | "expired"} outcome
 * @property {string} [reason]  why somebody refused it
 */

/** @type {import("../../vendor/signals.js").Signal<Held[]>} the oldest first */
export const held = signal([]);

const isMine = ({ user }) => user === me.value?.name;

/** What this person has written in a conversation, and nobody else reads yet. */
export const heldIn = (key) => held.value.filter((each) => each.key === key && isMine(each));

/** What others have written, and waits for somebody like this person. */
export const toApprove = computed(() => held.value.filter((each) => !isMine(each)));

export const findHeld = (id) => held.value.find((each) => each.id === id);

/** Note the answer to `held`; what was refused stays until its author has put it away. */
export function setHeld(answers) {
  const ended = held.value.filter(({ outcome }) => outcome !== "waits");
  held.value = [...ended, ...answers.map(fromAnswer)];
}

function fromAnswer({ held_id: id, channel, to, user, from = user, timestamp, at = timestamp, ...rest }) {
  const key = channel ?? `@${to}`;
  return { id, key, user: from, at, outcome: "waits", ...rest };
}

/** Note that a message waits, by the event of somebody else's or by the answer to one's own. */
export function addHeld(event) {
  held.value = [...held.value.filter(({ id }) => id !== event.held_id), fromAnswer(event)];
}

/** Note what has become of one's own message. */
export function decideHeld({ held_id: id, outcome, timestamp, why, until, reason, content, ...where }) {
  const known = findHeld(id) ?? { id, key: keyOf(where), user: me.value.name, at: timestamp, content };
  removeHeld(id);
  if (outcome !== "delivered") held.value = [...held.value, { ...known, outcome, why, until, reason }];
}

export function removeHeld(gone) {
  held.value = held.value.filter(({ id }) => id !== gone);
}

export function forgetHeld() {
  held.value = [];
}
