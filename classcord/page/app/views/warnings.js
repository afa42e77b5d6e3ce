/**
 * What somebody who keeps order has warned this person of: over everything, until it was read.
 */
import { warnings } from "../state/screen.js";
import { t } from "../words.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";

export function Warnings() {
  return html`<div class="warnings" role="alert">
    ${warnings.value.map(
      (words, index) => html`<section class="warning" key=${`${index} ${words}`}>
        <${Icon} name="warning" />
        <div>
          <strong>${t("warning")}</strong>
          <p>${words}</p>
        </div>
        <button type="button" class="button small" onClick=${() => read(index)}>${t("warning.read")}</button>
      </section>`,
    )}
  </div>`;
}

function read(index) {
  warnings.value = warnings.value.filter((_, at) => at !== index);
}
