/**
 * Makes a channel.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { create } from "../../actions/conversations.js";
import { isModerator } from "../../state/me.js";
import { sentence, t } from "../../words.js";
import { html, useState } from "../html.js";
import { Field, FormError } from "../parts.js";

export function View({ close }) {
  const [refusal, setRefusal] = useState(null);
  const kinds = ["open", "private", ...(isModerator.value ? ["approval"] : [])];
  const submit = async (event) => {
    event.preventDefault();
    const { channel, kind, topic } = Object.fromEntries(new FormData(event.target));
    const fields = { channel: `#${channel.trim().replace(/^#/, "")}`, kind, topic: topic.trim() || undefined };
    if (await attemptBeside(create(fields), setRefusal)) close();
  };
  return html`<form class="dialog-body" onSubmit=${submit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["channel", "topic"]} />
    <${Field} id="channel" label=${t("create.name")} hint=${t("create.name.hint")} refusal=${refusal} maxlength="64" required autofocus autocomplete="off" />
    <${Field} id="topic" label=${t("create.topic")} hint=${t("create.topic.hint")} refusal=${refusal} maxlength="300" autocomplete="off" />
    <fieldset>
      <legend>${t("create.kind")}</legend>
      ${kinds.map(
        (kind) => html`<label class="check">
          <input type="radio" name="kind" value=${kind} defaultChecked=${kind === "open"} />
          <span>${t(`kind.${kind}`)}<small>${t(`kind.${kind}.hint`)}</small></span>
        </label>`,
      )}
    </fieldset>
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button primary">${t("create.do")}</button>
    </div>
  </form>`;
}
