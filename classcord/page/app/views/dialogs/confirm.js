/**
 * Asks once more before something that others will notice, and says what it does.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { sentence, t } from "../../words.js";
import { html, useState } from "../html.js";
import { FormError } from "../parts.js";

/** `about` says what: title, words, quote, action, and `done`, which returns a promise; `harmless`: nothing is lost by it. */
export function View({ title, words, quote, action, harmless, done, close }) {
  const [refusal, setRefusal] = useState(null);
  const act = async () => (await attemptBeside(done(), setRefusal)) && close();
  return html`<div class="dialog-body">
    <h2 id="dialog-title">${title}</h2>
    <p>${words}</p>
    ${quote && html`<blockquote>${quote}</blockquote>`}
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close} autofocus>${t("cancel")}</button>
      <button type="button" class=${harmless ? "button primary" : "button danger"} onClick=${act}>${action}</button>
    </div>
  </div>`;
}
