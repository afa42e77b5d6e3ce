/**
 * Who this tab is for the server, and how far the login has come. Knows neither requests nor views.
 */
import { computed, signal } from "../../vendor/signals.js";

/** "starting" (not known yet), "out", "password" (a one-time password must be changed first) or "in". */
export const stage = signal("starting");

/**
 * `may` is what the server lets this role do by its settings: `create_channels`, `send_files`, `write_at_any_time`.
 *
 * @type {import("../../vendor/signals.js").Signal<{name: string, role: string, may: string[]} | null>}
 */
export const me = signal(null);

/** The sentence that says why somebody is out, or null. */
export const farewell = signal(null);

/** The state that this person has chosen: online, away, dnd or invisible. */
export const ownState = signal("online");

export const isGuest = computed(() => me.value?.role === "guest");

const RANKS = ["guest", "member", "moderator", "admin", "owner"];

/** Whether a role is at least another: what to show; the server decides anyway. */
export const atLeast = (role, wanted) => RANKS.indexOf(role) >= RANKS.indexOf(wanted);

/** Whether a role is above another: whom somebody may sanction. */
export const outranks = (role, other) => RANKS.indexOf(role) > RANKS.indexOf(other);

/** Whether the server lets this person do something that depends on its settings. */
export const may = (right) => me.value?.may?.includes(right) ?? false;

export const isModerator = computed(() => atLeast(me.value?.role, "moderator"));
