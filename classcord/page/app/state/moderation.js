/**
 * What waits for an answer of those who keep order. Knows neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";

/** Who asks to be admitted to which channel, the oldest first: {user, channel, since, until}. */
export const joinRequests = signal([]);

/** Note that somebody asks to be admitted, or does so no more. */
export function noteJoinRequest({ user, channel, state, timestamp: since, until }) {
  const others = joinRequests.value.filter((each) => each.user !== user || each.channel !== channel);
  joinRequests.value = state === "pending" ? [...others, { user, channel, since, until }] : others;
}

/** Reports of messages that are open, the oldest first; null: not asked for yet. */
export const reports = signal(null);

/** Grows when a report has come, or was closed. */
export const reportsChanged = signal(0);
