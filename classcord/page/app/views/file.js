/**
 * The file of a message: an image that browsers show is shown, anything else is a card to download. Its name is text.
 */
import { inUnits } from "../sizes.js";
import { t } from "../words.js";
import { html, useState } from "./html.js";
import { Icon } from "./icons.js";

export const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const WIDEST = 416; // pixels
const HIGHEST = 320;
const ADDRESS = /^\/files\/[\w-]+(\/[\w.-]*)?$/; // of this server, and nothing that could run

export function SentFile({ file }) {
  const [broken, setBroken] = useState(false);
  if (!ADDRESS.test(file.url)) return html`<${FileLine} file=${file} />`;
  if (SHOWN.has(file.type) && file.width > 0 && file.height > 0 && !broken) {
    return html`<${Image} file=${file} failed=${() => setBroken(true)} />`;
  }
  return html`<a
    class="file-card"
    href=${file.url}
    download=${file.name}
    title=${file.name}
    rel="noopener noreferrer"
  >
    <${Icon} name="file" />
    <span class="file-words">
      <span class="hidden">${t("file.download")} </span>
      <span class="file-name" dir="auto">${file.name}</span>
      <small>${inUnits(file.size)}</small>
    </span>
    <${Icon} name="download" />
  </a>`;
}

/** Its place is kept before it has come, so that nothing moves then. */
function Image({ file, failed }) {
  const scale = Math.min(1, WIDEST / file.width, HIGHEST / file.height);
  const side = (length) => Math.max(1, Math.round(length * scale));
  return html`<a class="file-image" href=${file.url} target="_blank" rel="noopener noreferrer" title=${file.name}>
    <img
      src=${file.url}
      width=${side(file.width)}
      height=${side(file.height)}
      alt=${t("file.image", { name: file.name })}
      decoding="async"
      onError=${failed}
    />
  </a>`;
}

/** A file in one line, where it is only mentioned. */
export function FileLine({ file }) {
  return html`<p class="file-line" dir="auto">📎 ${file.name}</p>`;
}
