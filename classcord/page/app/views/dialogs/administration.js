/**
 * The page of administration, over the chat: people, channels, what is in force, the audit trail, the server.
 */
import { page, person } from "../../state/administration.js";
import { t } from "../../words.js";
import { Channels } from "../administration/channels.js";
import { People } from "../administration/people.js";
import { Server } from "../administration/server.js";
import { Trail } from "../administration/trail.js";
import { HeldList } from "../held.js";
import { html, useEffect, useRef } from "../html.js";
import { Icon } from "../icons.js";
import { InvitationCodes } from "../invitation_codes.js";
import { JoinRequests, Sanctions } from "../keeping_order.js";
import { Reports } from "../reports.js";

const PAGES = {
  people: ["people", People],
  channels: ["hash", Channels],
  sanctions: ["shield", Order],
  trail: ["list", Trail],
  server: ["gauge", Server],
};

export function View() {
  const [, Page] = PAGES[page.value];
  const content = useRef(null);
  const tabs = useRef(null);
  useEffect(() => content.current.scrollTo(0, 0), [page.value, person.value]);
  useEffect(() => tabs.current.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" }), [page.value]);
  const go = (name) => {
    page.value = name;
    person.value = null;
  };
  return html`<div class="administration">
    <nav class="administration-pages pages" ref=${tabs} aria-label=${t("administration")}>
      ${Object.entries(PAGES).map(
        ([name, [icon]]) => html`<button type="button" aria-current=${page.value === name ? "page" : undefined} onClick=${() => go(name)}>
          <${Icon} name=${icon} />${t(`administration.${name}`)}
        </button>`,
      )}
    </nav>
    <div class="administration-page" ref=${content} tabindex="0" role="region" aria-label=${t(`administration.${page.value}`)}>
      <${Page} />
    </div>
  </div>`;
}

function Order() {
  return html`<div class="administration-body"><${Reports} /><${HeldList} /><${JoinRequests} /><${Sanctions} /><${InvitationCodes} /></div>`;
}
