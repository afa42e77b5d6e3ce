/**
 * Lessons and exams that are held, and what they keep this person from: what to show, for the server decides. Knows neither
 * requests nor views.
 */
import { computed, signal } from "../../vendor/signals.js";
import { conversations } from "./conversations.js";
import { isGuest, isModerator } from "./me.js";

/**
 * @typedef {object} Lesson
 * @property {"lesson" | "exam"} kind
 * @property {string | null} channel  null: everybody's; "": a private one that this person is not in
 * @property {string} until
 * @property {"channel" | "staff"} write  where those write whom it concerns: in its channel, or nowhere
 * @property {"policy" | "staff"} private
 * @property {string} [reason]
 * @property {string} [by]
 * @property {number} [people]  those whom it concerns and who are here, if somebody has asked
 * @property {string[]} [addresses]  the networks of the room
 * @property {boolean} [meant]  the server said so because it concerns this person
 */

/** @type {import("../../vendor/signals.js").Signal<Lesson[]>} */
export const lessons = signal([]);

/** Those that concern this person: the strictest first. */
export const concerning = computed(() => lessons.value.filter(concerns).sort(stricter));

const stricter = (a, b) => (b.kind === "exam") - (a.kind === "exam") || (a.channel !== null) - (b.channel !== null);

function concerns({ kind, channel, addresses, meant }) {
  if (isModerator.value || conversations.value.get(channel)?.moderates) return false; // who may hold one is exempt
  if (meant || channel === null || conversations.value.has(channel)) return true;
  return kind === "exam" && isGuest.value && !addresses?.length;
}

/** Note all that are held, as the answer to `lesson` or `exam` says. */
export function setLessons(answers) {
  const meant = new Set(lessons.value.filter((each) => each.meant).map(({ channel }) => channel));
  lessons.value = answers.map((each) => ({ ...each, meant: meant.has(each.channel) || each.channel === "" }));
}

/** Note that one begins, is prolonged, is over, or is held as this person comes. */
export function noteLesson({ state, channel = null, kind, until, write, private: privately, user, reason }) {
  const others = lessons.value.filter((each) => each.channel !== channel);
  const known = lessons.value.find((each) => each.channel === channel);
  const by = state === "begun" ? user : (known?.by ?? user);
  const told = { kind, channel, until, write, private: privately, by, reason, meant: state === "held" || channel === "" };
  lessons.value = state === "ended" ? others : [...others, { ...known, ...told }];
}

/** The lesson or exam because of which this person does not write in a channel; null if they may. */
export function silencedBy(channel) {
  const all = concerning.value;
  if (!all.length) return null;
  const open = all.every(({ kind, channel: where }) => kind === "lesson" && where !== null)
    ? all.filter(({ write }) => write === "channel").map((each) => each.channel)
    : [];
  return open.includes(channel) ? null : { ...all[0], open };
}

/** The one because of which they do not write privately to somebody who does not keep order. */
export const privatelySilencedBy = () =>
  concerning.value.find(({ kind, private: privately }) => kind === "exam" || privately === "staff") ?? null;

export function forgetLessons() {
  lessons.value = [];
}
