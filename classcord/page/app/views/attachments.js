/**
 * Files beside the composer: chosen by a button, dropped on the conversation, or pasted; then what becomes of each.
 */
import { offer, uploadAgain } from "../actions/files.js";
import { inUnits } from "../sizes.js";
import { attachmentsOf, detach } from "../state/attachments.js";
import { notify } from "../state/screen.js";
import { sentence, t } from "../words.js";
import { SHOWN } from "./file.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { IconButton } from "./parts.js";

export function AttachButton({ name }) {
  const input = useRef(null);
  const chosen = ({ target }) => {
    offer(name, [...target.files]);
    target.value = ""; // the same file can be chosen again
    document.getElementById("message")?.focus();
  };
  return html`<${IconButton} icon="clip" label=${t("file.attach")} onClick=${() => input.current.click()} />
    <input ref=${input} type="file" multiple hidden aria-label=${t("file.attach")} onChange=${chosen} />`;
}

/** Take pasted files; what has words too, as a table of a spreadsheet has, is pasted as words. */
export function paste(event, name) {
  const files = [...event.clipboardData.files];
  if (!files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  offer(name, files);
}

/** What waits to be sent or is under way; `giveBack` is given the words of one that is taken away. */
export function Attachments({ name, giveBack }) {
  const all = [...attachmentsOf(name)].sort((a, b) => (b.phase === "unfit") - (a.phase === "unfit"));
  if (!all.length) return null;
  return html`<ul class="attachments" aria-label=${t("file.attached")}>
    ${all.map((each) => html`<${Attachment} key=${each.id} attachment=${each} giveBack=${giveBack} />`)}
  </ul>`;
}

function Attachment({ attachment, giveBack }) {
  const { id, file, phase, done, caption, refusal } = attachment;
  const under = phase === "uploading" || phase === "waiting";
  const remove = () => {
    detach(id);
    if (caption) giveBack(caption);
    document.getElementById("message")?.focus();
  };
  return html`<li class=${`attachment ${phase}`}>
    <${Preview} file=${file} />
    <div class="attachment-words">
      <span class="file-name" dir="auto">${file.name}</span>
      ${refusal
        ? html`<span class="error" role="alert">${sentence(refusal)}${phase === "unfit" && ` ${t("file.stays")}`}</span>`
        : html`<small>${inUnits(file.size)}${under && ` · ${t(done < file.size ? "file.uploading" : "file.storing")}`}</small>`}
      ${under && html`<progress max=${file.size} value=${done} aria-label=${t("file.progress", { name: file.name })}></progress>`}
    </div>
    ${phase === "failed" && html`<button type="button" class="link" onClick=${() => uploadAgain(id)}>${t("retry")}</button>`}
    <${IconButton} icon="close" label=${t(under ? "file.cancel" : "file.remove", { name: file.name })} onClick=${remove} />
  </li>`;
}

/** A small picture of an image that browsers show; an icon for anything else. */
function Preview({ file }) {
  const [address, setAddress] = useState(null);
  useEffect(() => {
    if (!SHOWN.has(file.type)) return undefined;
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address ? html`<img src=${address} alt="" onError=${() => setAddress(null)} />` : html`<${Icon} name="file" />`;
}

/** Where files can be dropped, shown while they are held over the conversation; elsewhere the page refuses them. */
export function DropZone({ name, open }) {
  const zone = useRef(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const place = zone.current.closest(".conversation");
    const held = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // or the browser opens the file in the place of the page
      const inside = open && place.contains(event.target);
      event.dataTransfer.dropEffect = inside ? "copy" : "none";
      setOver(inside);
      if (event.type === "drop" && inside) dropped(event.dataTransfer, name);
      if (event.type === "drop") setOver(false);
    };
    const left = (event) => event.relatedTarget || setOver(false);
    const kinds = ["dragenter", "dragover", "drop"];
    for (const kind of kinds) document.addEventListener(kind, held);
    document.addEventListener("dragleave", left);
    return () => {
      for (const kind of kinds) document.removeEventListener(kind, held);
      document.removeEventListener("dragleave", left);
    };
  }, [name, open]);
  return html`<div ref=${zone} class="drop-zone" hidden=${!over} aria-hidden="true">
    <p><${Icon} name="clip" />${t("file.drop", { name: name.replace(/^@/, "") })}</p>
  </div>`;
}

function dropped({ files, items }, name) {
  const folders = [...items].filter((item) => item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile()?.name);
  offer(name, [...files].filter((file) => !folders.includes(file.name)));
  if (folders.length) notify(t("file.folder"), "error");
}
