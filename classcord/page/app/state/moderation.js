/**
 * What waits for an answer of those who keep order. Knows neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";

/** Who asks to be admitted to which channel, the oldest first: {user, channel, since, until}. */
export const joinRequests = signal([]);

/** Reports of messages that are open, the oldest first; null: not asked for yet. */
export const reports = signal(null);

/** Grows when a report has come, or was closed. */
export const reportsChanged = signal(0);
