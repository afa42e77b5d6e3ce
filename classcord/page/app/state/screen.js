/**
 * What the page shows at the moment: which conversation, which panel, which dialog. Knows neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";

/** The key of the conversation that is shown, or null. */
export const shown = signal(null);

/** What is open beside the conversation: null, "people", "search" or "pins". */
export const panel = signal(null);

/** The dialog that is open: null, or {name, ...what it is about}. */
export const dialog = signal(null);

/** Whether the list of conversations covers the page, on a narrow screen. */
export const drawer = signal(false);

/** The message that is looked for, to be brought to view and marked: {key, id} or null. */
export const target = signal(null);

/** The conversation whose end is wanted, because this person has just written there: {key} or null. */
export const endWanted = signal(null);

/** The message after which everything was new when the conversation was opened: {key, id} or null. */
export const newSince = signal(null);

/** The message that is being answered or edited, by the key of its conversation: {kind: "reply" | "edit", message}. */
export const drafting = signal(new Map());

export function setDrafting(key, draft) {
  const changed = new Map(drafting.value);
  if (draft) changed.set(key, draft);
  else changed.delete(key);
  drafting.value = changed;
}

/** What somebody who keeps order has warned this person of; it stays until it was read. */
export const warnings = signal([]);

/** A text that comes back to the field of a conversation, because it was not taken: {key, content} or null. */
export const handedBack = signal(null);

/** Short sentences that go away by themselves: {id, words, kind}. */
export const notices = signal([]);
let lastNotice = 0;

/** Show a sentence for a while; `kind` is "info", "server" or "error". */
export function notify(words, kind = "info") {
  const id = ++lastNotice;
  notices.value = [...notices.value.slice(-3), { id, words, kind }];
  setTimeout(() => dismiss(id), kind === "info" ? 5000 : 10_000);
}

export function dismiss(id) {
  notices.value = notices.value.filter((each) => each.id !== id);
}
