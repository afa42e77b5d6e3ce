/**
 * What is open beside a conversation: its people, what was found, what is pinned.
 */
import { prefer } from "../../preferences.js";
import { panel, shown } from "../../state/screen.js";
import { t } from "../../words.js";
import { html } from "../html.js";
import { IconButton } from "../parts.js";
import { People } from "./people.js";
import { Pins } from "./pins.js";
import { Search } from "./search.js";

const PANELS = { people: People, pins: Pins, search: Search };

export function Panel() {
  const name = panel.value;
  if (name === "people" && !shown.value.startsWith("#")) return null;
  const close = () => {
    panel.value = null;
    if (name === "people") prefer({ panel: false });
  };
  return html`<aside class="panel" aria-label=${t(`panel.${name}`)}>
    <header class="panel-header">
      <h2>${t(`panel.${name}`)}</h2>
      <${IconButton} icon="close" label=${t("close")} onClick=${close} />
    </header>
    <${PANELS[name]} place=${shown.value} />
  </aside>`;
}
