/**
 * Goes anywhere by typing a part of a name: channels, private conversations, people who are here or have written.
 */
import { attempt } from "../../actions/attempt.js";
import { findPeople, join, open, openPrivate } from "../../actions/conversations.js";
import { folded } from "../../emoji.js";
import { channels, directory, directs } from "../../state/conversations.js";
import { isGuest, me } from "../../state/me.js";
import { authors } from "../../state/messages.js";
import { members, present } from "../../state/people.js";
import { mayWriteTo } from "../../state/private_policy.js";
import { t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Avatar } from "../parts.js";

const MOST = 10;
const ASKED_AFTER = 200; // milliseconds without another letter

/** `people`: only people are proposed, for a new private conversation. */
export function View({ people, close }) {
  const [typed, type] = useState("");
  const [at, setAt] = useState(0);
  const [found, asking] = usePeople(typed, people);
  const all = places(typed, people, found);
  const go = (place) => {
    close();
    place.go();
  };
  const pressed = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((at + step + all.length) % Math.max(1, all.length));
    else if (event.key === "Enter" && all[at]) go(all[at]);
    else return;
    event.preventDefault();
  };
  const title = t(people ? "switcher.people" : "switcher.title");
  return html`<div class="dialog-body">
    <h2 id="dialog-title" class="hidden">${title}</h2>
    <input
      class="filter large"
      type="text"
      role="combobox"
      aria-expanded="true"
      aria-controls="places"
      aria-activedescendant=${all[at] ? `place-${at}` : undefined}
      placeholder=${title}
      aria-label=${title}
      value=${typed}
      onInput=${(event) => (type(event.target.value), setAt(0))}
      onKeyDown=${pressed}
      autofocus
      autocomplete="off"
      spellcheck=${false}
    />
    <ul id="places" class="places" role="listbox" aria-label=${title}>
      ${all.map(
        (place, index) => html`<li
          key=${place.key}
          id=${`place-${index}`}
          role="option"
          aria-selected=${index === at}
          onClick=${() => go(place)}
        >
          ${place.user ? html`<${Avatar} name=${place.user} small presence />` : html`<span class="hash" aria-hidden="true">#</span>`}
          <span>${place.user ?? place.key.slice(1)}</span>
          ${place.unread > 0 && html`<span class="count">${place.unread}</span>`}
          ${place.note && html`<small>${place.note}</small>`}
        </li>`,
      )}
    </ul>
    ${!all.length && !asking && html`<p class="hint">${t("switcher.none", { typed })}</p>`}
  </div>`;
}

/** The people whom the server finds by what was typed, also those who are not here, and whether it is asked still. */
function usePeople(typed, onlyPeople) {
  const [answer, setAnswer] = useState({ people: [] });
  const search = typed.replace(/^[@]/, "").trim();
  const asks = !isGuest.value && !typed.startsWith("#") && (onlyPeople || search !== "");
  useEffect(() => {
    if (!asks) return void setAnswer({ people: [] });
    let over = false; // somebody has typed on
    const note = (people) => over || setAnswer({ people, to: search });
    const timer = setTimeout(() => findPeople(search, MOST).then(note), ASKED_AFTER);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [search, asks]);
  return [answer.people, asks && answer.to !== search];
}

function places(typed, onlyPeople, found) {
  const wanted = folded(typed.replace(/^[#@]/, ""));
  const all = new Map();
  const add = (place) => all.has(place.key) || all.set(place.key, place);
  if (!onlyPeople) {
    for (const { key, unread } of channels.value) add({ key, unread, go: () => open(key) });
  }
  for (const { key, user, unread, gone } of directs.value) if (!gone) add({ key, user, unread, go: () => open(key) });
  const wrote = channels.value.flatMap(({ key }) => authors(key));
  const known = [...present.value.keys(), ...[...members.value.values()].flat(), ...wrote];
  const names = new Set([...known, ...found.map(({ name }) => name)]);
  names.delete(me.value.name);
  for (const user of names) if (mayWriteTo(user)) add({ key: `@${user}`, user, go: () => openPrivate(user) });
  if (!onlyPeople) {
    for (const { name, member, kind } of directory.value.values()) {
      if (!member && kind === "open") add({ key: name, note: t("browse.join"), go: () => attempt(join(name)) });
    }
  }
  const fits = ({ key }) => folded(key).includes(wanted);
  const begins = ({ key }) => folded(key.slice(1)).startsWith(wanted);
  const score = (place) => (place.unread > 0 && !wanted ? 2 : 0) + begins(place);
  return [...all.values()].filter(fits).sort((a, b) => score(b) - score(a)).slice(0, MOST);
}
