/**
 * The files that somebody has chosen to send, until a message carries them. Knows neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";

/**
 * @typedef {object} Attachment
 * @property {number} id
 * @property {string} key  the conversation
 * @property {File} file
 * @property {"chosen" | "waiting" | "uploading" | "failed" | "unfit"} phase  an unfit one can only be taken away
 * @property {number} done  bytes that are on the server
 * @property {string} [caption]  what the message will say
 * @property {number} [replyTo]
 * @property {{code: string, message: string}} [refusal]  why it failed, or is unfit
 */

/** @type {import("../../vendor/signals.js").Signal<Attachment[]>} */
export const attachments = signal([]);

let lastId = 0;

export const attachmentsOf = (key) => attachments.value.filter((each) => each.key === key);

export const isAttached = (id) => attachments.value.some((each) => each.id === id);

/** Add a file to what the next message carries; with a refusal it is shown only to say why it cannot be sent. */
export function attach(key, file, refusal) {
  const phase = refusal ? "unfit" : "chosen";
  attachments.value = [...attachments.value, { id: ++lastId, key, file, phase, done: 0, refusal }];
}

/** Note what has become of an attachment, if it is still there. */
export function progress(id, change) {
  attachments.value = attachments.value.map((each) => (each.id === id ? { ...each, ...change } : each));
}

/** Take an attachment away; an upload that is under way ends by that. */
export function detach(id) {
  attachments.value = attachments.value.filter((each) => each.id !== id);
}

export function forgetAttachments() {
  attachments.value = [];
}
