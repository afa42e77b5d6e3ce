/**
 * Where somebody is on the page of administration, so that a question in between leads back. Knows neither requests nor
 * views.
 */
import { signal } from "../../vendor/signals.js";

/** "people", "channels", "sanctions", "trail" or "server". */
export const page = signal("people");

/** Whom the list of accounts is searched for, and in which role. */
export const searched = signal({ search: "", role: "" });

/** The account that is looked at, or null. */
export const person = signal(null);

/** A password that was made up: it is shown until somebody says that it is noted. {user, password} or null. */
export const secret = signal(null);

/** What of the audit trail is read. */
export const filter = signal({ actor: "", action: "" });
