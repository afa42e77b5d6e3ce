/**
 * The dialogs of the page, one at a time. The browser's own dialog element keeps the focus inside, and Escape closes it.
 */
import { dialog } from "../../state/screen.js";
import { t } from "../../words.js";
import { classes, html, useEffect, useRef } from "../html.js";
import { IconButton } from "../parts.js";
import { Browse } from "./browse.js";
import { ChannelAbout } from "./channel.js";
import { Confirm } from "./confirm.js";
import { Create } from "./create.js";
import { Invite } from "./invite.js";
import { Keys } from "./keys.js";
import { Person } from "./person.js";
import { Settings } from "./settings.js";
import { Switcher } from "./switcher.js";

/** Each dialog by its name: the view within, and the key of its title (none: the view has its own). */
const DIALOGS = {
  browse: { view: Browse, title: "channels.browse" },
  channel: { view: ChannelAbout, title: "channel.about" },
  confirm: { view: Confirm },
  create: { view: Create, title: "channels.create" },
  invite: { view: Invite, title: "channel.invite" },
  keys: { view: Keys, title: "keys" },
  person: { view: Person },
  settings: { view: Settings, title: "settings", wide: true },
  switcher: { view: Switcher },
};

export function Dialogs() {
  return dialog.value && html`<${Dialog} key=${dialog.value.name} about=${dialog.value} />`;
}

function Dialog({ about }) {
  const { view: View, title, wide } = DIALOGS[about.name];
  const ref = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const close = () => (dialog.value = null);
  const outside = (event) => event.target === ref.current && close();
  return html`<dialog
    ref=${ref}
    class=${classes("dialog", `${about.name}-dialog`, wide && "wide")}
    aria-labelledby="dialog-title"
    onClose=${close}
    onPointerDown=${outside}
  >
    <div class="dialog-inner">
      ${title &&
      html`<header class="dialog-header">
        <h2 id="dialog-title">${t(title)}</h2>
        <${IconButton} icon="close" label=${t("close")} onClick=${close} />
      </header>`}
      <${View} ...${about} close=${close} />
    </div>
  </dialog>`;
}
