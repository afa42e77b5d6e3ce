/**
 * Shows a message to those who keep order; the answer says what follows, and where there is help.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { report } from "../../actions/reports.js";
import { glance } from "../../text.js";
import { sentence, t } from "../../words.js";
import { html, useState } from "../html.js";
import { Icon } from "../icons.js";
import { Field, FormError } from "../parts.js";

export const CATEGORIES = ["insult", "harassment", "threat", "hate", "violence", "sexual", "privacy", "spam", "other"];

export function View({ message, close }) {
  const [refusal, setRefusal] = useState(null);
  const [told, setTold] = useState(null);
  const submit = (event) => {
    event.preventDefault();
    const { category, reason } = Object.fromEntries(new FormData(event.target));
    attemptBeside(report(message.message_id, category || undefined, reason.trim() || undefined).then(setTold), setRefusal);
  };
  if (told) return html`<${Thanks} told=${told} close=${close} />`;
  return html`<form class="dialog-body" onSubmit=${submit}>
    <p>${t("report.words", { name: message.from })}</p>
    <blockquote>${glance(message)}</blockquote>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["reason"]} />
    <div class="field">
      <label for="category">${t("report.category")}</label>
      <select id="category" name="category" autofocus>
        <option value="">${t("report.category.none")}</option>
        ${CATEGORIES.map((each) => html`<option value=${each}>${t(`category.${each}`)}</option>`)}
      </select>
    </div>
    <${Field} id="reason" label=${t("report.reason")} hint=${t("report.reason.hint")} refusal=${refusal} maxlength="300" autocomplete="off" />
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button danger">${t("report.do")}</button>
    </div>
  </form>`;
}

function Thanks({ told, close }) {
  const { help_number: number } = told; // the page has words of its own around it
  return html`<div class="dialog-body report-thanks" role="status">
    <p class="thanks"><${Icon} name="check" />${t("report.sent")}</p>
    <p>${t("report.thanks")}</p>
    ${number &&
    html`<a class="help-number" href=${`tel:${number.replace(/[^\d+]/g, "")}`}>
      <strong>${number}</strong><span>${t("report.help")}</span>
    </a>`}
    <div class="dialog-buttons">
      <button type="button" class="button primary" onClick=${close} autofocus>${t("report.understood")}</button>
    </div>
  </div>`;
}
