/**
 * Sentences that come and go in a corner: what the server announces, what was done, what was refused.
 */
import { dismiss, notices } from "../state/screen.js";
import { t } from "../words.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";
import { IconButton } from "./parts.js";

const ICONS = { info: "check", server: "megaphone", error: "warning" };

export function Notices() {
  return html`<div class="notices" aria-live="polite">
    ${notices.value.map(
      ({ id, words, kind }) => html`<div key=${id} class=${`notice ${kind}`}>
        <${Icon} name=${ICONS[kind]} />
        <p>${words}</p>
        <${IconButton} icon="close" label=${t("dismiss")} onClick=${() => dismiss(id)} />
      </div>`,
    )}
  </div>`;
}
