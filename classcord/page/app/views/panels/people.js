/**
 * The members of a channel: who moderates, who else is here, then the others.
 */
import { attempt } from "../../actions/attempt.js";
import { loadMembers } from "../../actions/conversations.js";
import { folded } from "../../emoji.js";
import { connection } from "../../server.js";
import { conversations } from "../../state/conversations.js";
import { atLeast } from "../../state/me.js";
import { authors } from "../../state/messages.js";
import { knowsMembers, members, present, roles } from "../../state/people.js";
import { dialog } from "../../state/screen.js";
import { t } from "../../words.js";
import { classes, html, useEffect, useState } from "../html.js";
import { Avatar, RoleBadge, Spinner, stateOf } from "../parts.js";

const MOST = 200; // people shown of each group; the filter finds the others
const MANY = 12; // from so many on they can be filtered
const RANK = { owner: 0, admin: 1, moderator: 2, member: 3, guest: 4 };

export function People({ place }) {
  const [typed, type] = useState("");
  const isForAll = conversations.value.get(place)?.kind === "default";
  const phase = connection.phase.value;
  useEffect(() => {
    if (phase === "online" && !knowsMembers(place)) attempt(loadMembers(place));
  }, [place, phase]);
  const listed = members.value.get(place);
  if (!listed) return html`<div class="panel-body"><${Spinner} /></div>`;
  // Of the channel that everybody is in, only who is here is listed: who has written there is known besides.
  const names = isForAll ? [...new Set([...listed, ...authors(place)])] : listed;
  const wanted = folded(typed);
  const chosen = wanted ? names.filter((name) => folded(name).includes(wanted)) : names;
  const here = chosen.filter((name) => present.value.has(name));
  const keepsOrder = (name) => atLeast(roles.value.get(name), "moderator"); // whether here or not: whom to turn to
  const staff = chosen.filter(keepsOrder).sort(byPresence);
  const others = here.filter((name) => !keepsOrder(name)).sort(byRank);
  const away = chosen.filter((name) => !present.value.has(name) && !keepsOrder(name)).sort(byRank);
  return html`<div class="panel-body">
    ${names.length > MANY &&
    html`<input
      class="filter"
      type="search"
      placeholder=${t("people.filter")}
      aria-label=${t("people.filter")}
      value=${typed}
      onInput=${(event) => type(event.target.value)}
    />`}
    <${Group} title="people.staff" names=${staff} />
    <${Group} title="people.here" names=${others} />
    <${Group} title="people.away" names=${away} />
    ${!chosen.length && html`<p class="hint">${t("people.none", { typed })}</p>`}
  </div>`;
}

const byRank = (a, b) =>
  (RANK[roles.value.get(a)] ?? RANK.member) - (RANK[roles.value.get(b)] ?? RANK.member) || a.localeCompare(b);

const byPresence = (a, b) => present.value.has(b) - present.value.has(a) || byRank(a, b);

function Group({ title, names }) {
  if (!names.length) return null;
  return html`<section class="people">
    <h3>${t(title, { count: names.length })}</h3>
    <ul>
      ${names.slice(0, MOST).map(
        (name) => html`<li key=${name}>
          <button
            type="button"
            class=${classes("person", stateOf(name) === "offline" && "faded")}
            title=${t(`state.${stateOf(name)}`)}
            onClick=${() => (dialog.value = { name: "person", user: name })}
          >
            <${Avatar} name=${name} small presence />
            <span class="person-name">${name}</span>
            ${roles.value.get(name) === "guest" && html`<${RoleBadge} name=${name} />`}
          </button>
        </li>`,
      )}
    </ul>
    ${names.length > MOST && html`<p class="hint">${t("people.more", { count: names.length - MOST })}</p>`}
  </section>`;
}
