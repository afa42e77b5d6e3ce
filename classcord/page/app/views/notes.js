/**
 * What somebody has to know while they write: a pause between two messages, somebody who reads them first, quiet hours.
 */
import { pause, pausedUntil } from "../state/pauses.js";
import { quietFor, quietUntil } from "../state/quiet_hours.js";
import { keepsOrderIn } from "../state/writing.js";
import { full, lasting, until as lasts } from "../times.js";
import { t } from "../words.js";
import { html, useEffect, useState } from "./html.js";
import { Icon } from "./icons.js";

/** How many seconds this person has to wait before the next message here; 0: none. */
export function usePause(key) {
  const until = pausedUntil.value.get(key) ?? 0;
  const [, look] = useState(0);
  const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  useEffect(() => {
    if (!until) return undefined;
    const timer = setInterval(() => (Date.now() >= until ? pause(key, 0) : look(Date.now())), 500);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

export function WritingNotes({ conversation, left }) {
  const { slow, hold } = conversation;
  if (keepsOrderIn(conversation) || (!slow && !hold)) return null;
  return html`<div class="writing-notes">
    ${slow > 0 &&
    html`<p class=${left > 0 ? "counting" : ""}>
      <${Icon} name="clock" />
      <span aria-live="off">${left > 0 ? t("slow.left", { time: lasting(left) }) : t("slow.here", { time: lasting(slow) })}</span>
    </p>`}
    ${hold && html`<p><${Icon} name="eye" /><span>${t("hold.here")}</span></p>`}
  </div>`;
}

/** Quiet hours: until when, and that what is written is delivered then. Screen readers hear it when they begin. */
export function QuietNote({ conversation }) {
  const whose = quietFor(conversation);
  const until = quietUntil.value;
  return html`<div class="writing-notes quiet" id="quiet" role="status">
    ${whose &&
    html`<p><${Icon} name="moon" /><span title=${full(until)}>${t(`quiet.${whose}`, { until: lasts(until, true) })}</span></p>`}
  </div>`;
}
