/**
 * Warns, mutes, kicks or bans somebody: for how long and why, after it was said what that does.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { sanction } from "../../actions/moderation.js";
import { notify } from "../../state/screen.js";
import { sentence, t } from "../../words.js";
import { html, useState } from "../html.js";
import { Field, FormError } from "../parts.js";

const FOREVER = "";
const DURATIONS = { mute: [600, 3600, 86_400, 604_800], kick: [300, 3600, 86_400], ban: [86_400, 604_800, 2_592_000, FOREVER] };

/** `kind` is warn, mute, kick or ban. */
export function View({ kind, user, close }) {
  const [refusal, setRefusal] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const { duration, reason } = Object.fromEntries(new FormData(event.target));
    const asked = sanction(kind, user, !duration ? undefined : Number(duration), reason.trim() || undefined);
    if (!(await attemptBeside(asked, setRefusal))) return;
    notify(t(`sanction.${kind}.done`, { name: user }));
    close();
  };
  return html`<form class="dialog-body" onSubmit=${submit}>
    <h2 id="dialog-title">${t(`sanction.${kind}.title`, { name: user })}</h2>
    <p>${t(`sanction.${kind}.words`, { name: user })}</p>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["reason"]} />
    ${DURATIONS[kind] &&
    html`<div class="field">
      <label for="duration">${t("sanction.duration")}</label>
      <select id="duration" name="duration" autofocus>
        ${DURATIONS[kind].map((seconds) => html`<option value=${seconds}>${t(`duration.${seconds || "forever"}`)}</option>`)}
      </select>
    </div>`}
    <${Field}
      id="reason"
      label=${t(kind === "warn" ? "sanction.reason.needed" : "sanction.reason")}
      hint=${t("sanction.reason.hint")}
      refusal=${refusal}
      maxlength="300"
      required=${kind === "warn"}
      needed=${kind === "warn" ? t("sanction.reason.missing") : undefined}
      autofocus=${kind === "warn"}
      autocomplete="off"
    />
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button danger">${t(`sanction.${kind}`)}</button>
    </div>
  </form>`;
}
