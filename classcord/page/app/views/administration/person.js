/**
 * One person, as who administers sees them: role, connections, channels, what is in force, and what can be done.
 */
import { connectionsOf, deleteAccount, giveRole, resetPassword, whois } from "../../actions/administration.js";
import { attemptBeside } from "../../actions/attempt.js";
import { person, secret } from "../../state/administration.js";
import { me, outranks } from "../../state/me.js";
import { dialog, notify } from "../../state/screen.js";
import { full, moment } from "../../times.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Icon } from "../icons.js";
import { askFirst, InForce, SANCTIONS } from "../moderating.js";
import { Avatar, FormError, RoleBadge, Spinner } from "../parts.js";
import { rolesToGive } from "./roles.js";
import { OneTimeSecret } from "./secret.js";

export function Person({ user }) {
  const [known, setKnown] = useState(null);
  const [connections, setConnections] = useState([]);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    const asked = Promise.all([whois(user), connectionsOf(user)]);
    attemptBeside(asked.then(([told, all]) => (setKnown(told), setConnections(all))), setRefusal);
  }, [user]);
  return html`<div class="administration-body">
    <button type="button" class="link back" onClick=${() => (person.value = null)}>
      <${Icon} name="before" />${t("accounts.back")}
    </button>
    <${OneTimeSecret} />
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!known && !refusal && html`<${Spinner} />`}
    ${known && html`<${Known} known=${known} connections=${connections} />`}
  </div>`;
}

function Known({ known, connections }) {
  const { name, role, account, state, since, addresses, channels, sanctions } = known;
  const mine = name === me.value.name;
  const below = !mine && (me.value.role === "owner" || outranks(me.value.role, role));
  return html`<header class="person-head">
      <${Avatar} name=${name} />
      <div>
        <h3>${name} <${RoleBadge} role=${role} /></h3>
        <p class="hint">
          ${since ? t("accounts.here_since", { time: moment(since) }) : t("accounts.away")}${addresses.length > 0 && ` · ${addresses.join(", ")}`}
        </p>
      </div>
    </header>
    ${mine && html`<p class="hint">${t("accounts.yourself")}</p>`}
    ${!mine && !below && html`<p class="hint">${t("accounts.above")}</p>`}
    ${below && account && html`<${Role} name=${name} role=${role} />`}
    ${sanctions.length > 0 &&
    html`<section class="moderation-list" aria-labelledby="in-force">
      <h4 id="in-force">${t("sanctions")}</h4>
      <ul class="choices-list">
        ${sanctions.map((each, index) => html`<li key=${index} class="choice"><${InForce} sanction=${each} back /></li>`)}
      </ul>
    </section>`}
    ${below && html`<${Actions} name=${name} account=${account} sanctions=${sanctions} />`}
    <section aria-labelledby="connections">
      <h4 id="connections">${t("accounts.connections")}</h4>
      ${!connections.length && html`<p class="hint">${t(state === "offline" ? "accounts.connections.none" : "accounts.connections.away")}</p>`}
      <ul class="choices-list">
        ${connections.map(
          ({ session, address, face, since: from }) => html`<li key=${session} class="choice">
            <span class="presence"></span>
            <div class="choice-words"><strong>${t(`face.${face}`)}</strong><small>${address} · <time datetime=${from} title=${full(from)}>${moment(from)}</time></small></div>
          </li>`,
        )}
      </ul>
    </section>
    <section aria-labelledby="their-channels">
      <h4 id="their-channels">${t("channels")}</h4>
      <p>${channels.length ? channels.join(", ") : html`<span class="hint">${t("accounts.channels.none")}</span>`}</p>
    </section>`;
}

function Role({ name, role }) {
  const ask = (event) => {
    const given = event.target.value;
    event.target.value = role; // until the server has done it
    askFirst({
      title: t("accounts.give", { name, role: t(`role.${given}`) }),
      words: t(`accounts.give.${given}`),
      action: t("accounts.give.do"),
      harmless: true,
      done: async () => {
        await giveRole(name, given);
        notify(t("accounts.given", { name, role: t(`role.${given}`) }));
      },
    });
  };
  return html`<div class="field narrow">
    <label for="role">${t("accounts.role")}</label>
    <select id="role" value=${role} onChange=${ask}>
      ${rolesToGive().map((each) => html`<option value=${each}>${t(`role.${each}`)}</option>`)}
    </select>
  </div>`;
}

function Actions({ name, account, sanctions }) {
  const kinds = Object.keys(SANCTIONS).filter((kind) => kind === "warn" || !sanctions.some((each) => each.kind === kind));
  const reset = () =>
    askFirst({
      title: t("accounts.reset.title", { name }),
      words: t("accounts.reset.words", { name }),
      action: t("accounts.reset.do"),
      done: async () => (secret.value = await resetPassword(name)),
    });
  const remove = () =>
    askFirst({
      title: t("accounts.delete.title", { name }),
      words: t("accounts.delete.words", { name }),
      action: t("accounts.delete.do"),
      done: async () => {
        await deleteAccount(name);
        person.value = null;
        notify(t("accounts.deleted", { name }));
      },
    });
  return html`<div class="person-actions">
    ${kinds.map(
      (kind) => html`<button
        key=${kind}
        type="button"
        class=${kind === "ban" ? "button small dangerous" : "button small"}
        onClick=${() => (dialog.value = { name: "sanction", kind, user: name, back: dialog.value })}
      >
        <${Icon} name=${SANCTIONS[kind]} />${t(`sanction.${kind}`)}
      </button>`,
    )}
  </div>
    ${account &&
    html`<div class="person-actions">
      <button type="button" class="button small" onClick=${reset}><${Icon} name="lock" />${t("accounts.reset")}</button>
      <button type="button" class="button small dangerous" onClick=${remove}><${Icon} name="trash" />${t("accounts.delete")}</button>
    </div>`}`;
}
