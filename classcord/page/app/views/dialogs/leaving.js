/**
 * Erases one's own account, after it was said what becomes of what.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { eraseMyself } from "../../session.js";
import { me } from "../../state/me.js";
import { sentence, t } from "../../words.js";
import { html, useState } from "../html.js";
import { Icon } from "../icons.js";
import { FormError, PasswordField } from "../parts.js";

const CONSEQUENCES = ["account", "sessions", "messages", "trail"];

export function View({ close }) {
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const { password, messages } = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    if (await attemptBeside(eraseMyself(password, messages), setRefusal)) close();
    else setBusy(false);
  };
  return html`<form class="dialog-body" onSubmit=${submit}>
    <p class="state-line grave"><${Icon} name="warning" />${t("leaving.words", { name: me.value?.name ?? "" })}</p>
    <ul class="consequences">
      ${CONSEQUENCES.map((each) => html`<li>${t(`leaving.${each}`)}</li>`)}
    </ul>
    <fieldset>
      <legend>${t("leaving.choice")}</legend>
      <label class="check">
        <input type="radio" name="messages" value="keep" defaultChecked />
        <span>${t("leaving.keep")}<small>${t("leaving.keep.hint")}</small></span>
      </label>
      <label class="check">
        <input type="radio" name="messages" value="empty" />
        <span>${t("leaving.empty")}<small>${t("leaving.empty.hint")}</small></span>
      </label>
    </fieldset>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["password"]} />
    <input type="text" value=${me.value?.name} autocomplete="username" hidden readonly />
    <${PasswordField} id="password" label=${t("leaving.password")} autocomplete="current-password" maxlength="1000" refusal=${refusal} required />
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close} autofocus>${t("leaving.stay")}</button>
      <button class="button danger" disabled=${busy}>${t("leaving.do")}</button>
    </div>
  </form>`;
}
