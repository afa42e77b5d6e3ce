/**
 * A password that the server has made up, shown this one time: to be copied, or written down.
 */
import { secret } from "../../state/administration.js";
import { notify } from "../../state/screen.js";
import { t } from "../../words.js";
import { html } from "../html.js";
import { Icon } from "../icons.js";

export function OneTimeSecret() {
  if (!secret.value) return null;
  const { user, password } = secret.value;
  const copy = async () => {
    await navigator.clipboard.writeText(password);
    notify(t("secret.copied"));
  };
  return html`<section class="secret" aria-labelledby="secret-title">
    <h3 id="secret-title" role="status">${t("secret.title", { user })}</h3>
    <p class="secret-line">
      <code tabindex="0" aria-label=${t("secret")}>${password}</code>
      ${navigator.clipboard &&
      html`<button type="button" class="button small" onClick=${copy}><${Icon} name="copy" />${t("secret.copy")}</button>`}
    </p>
    <p>${t("secret.once")}</p>
    <button type="button" class="button" onClick=${() => (secret.value = null)}>${t("secret.noted")}</button>
  </section>`;
}
