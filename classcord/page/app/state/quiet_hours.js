/**
 * Quiet hours: until when what this person writes is kept, and where that is not so; for the server decides. Knows neither
 * requests nor views.
 */
import { signal } from "../../vendor/signals.js";
import { may, me } from "./me.js";

/** Until when they hold, in the form of the server; null: they do not. */
export const quietUntil = signal(null);

/** The channels in which everybody writes at any time. */
const exempt = signal([]);

/** Note the answer to `quiet_hours`. */
export function setQuietHours({ quiet, until, exempt_channels: channels }) {
  quietUntil.value = quiet ? until : null;
  exempt.value = channels;
}

/** Note that they begin, end, are suspended, hold as this person comes, or hold in other channels than before. */
export function noteQuietHours({ state, until = null, exempt_channels: channels = [] }) {
  const hold = state === "begun" || state === "held";
  quietUntil.value = hold ? until : null;
  if (hold) exempt.value = channels;
}

/**
 * Whether they hold in a conversation, and for whom: "me" if what this person writes waits, "others" if only what others
 * write does; null if they do not hold there. A note to oneself disturbs nobody.
 *
 * @param {import("./conversations.js").Conversation} conversation
 */
export function quietFor({ channel, user }) {
  if (!quietUntil.value || exempt.value.includes(channel) || user === me.value.name) return null;
  return may("write_at_any_time") ? "others" : "me";
}

export function forgetQuietHours() {
  quietUntil.value = null;
  exempt.value = [];
}
