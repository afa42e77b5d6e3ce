/**
 * Accounts: found by name and role, made, looked at one by one.
 */
import { accounts, addAccount, PAGE } from "../../actions/administration.js";
import { attemptBeside } from "../../actions/attempt.js";
import { person, searched, secret } from "../../state/administration.js";
import { dateIn, dayOf } from "../../times.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "../icons.js";
import { Avatar, Empty, Field, FormError, RoleBadge, Spinner } from "../parts.js";
import { Person } from "./person.js";
import { ROLES, rolesToGive } from "./roles.js";
import { OneTimeSecret } from "./secret.js";

const made = (at) => (dayOf(at) === dayOf(Date.now()) ? t("accounts.added.today") : t("accounts.added", { day: dateIn(at) }));

const ASKED_AFTER = 250; // milliseconds without another letter

export function People() {
  return person.value ? html`<${Person} key=${person.value} user=${person.value} />` : html`<${Accounts} />`;
}

function Accounts() {
  const [all, setAll] = useState(null);
  const [more, setMore] = useState(false);
  const [making, make] = useState(false);
  const [refusal, setRefusal] = useState(null);
  const asked = useRef(0);
  const { search, role } = searched.value;

  async function load(known) {
    const number = ++asked.current;
    await attemptBeside(
      accounts(search.trim(), role, known?.at(-1)?.name).then((page) => {
        if (number !== asked.current) return; // somebody has typed on
        setAll([...(known ?? []), ...page]);
        setMore(page.length === PAGE);
      }),
      setRefusal,
    );
  }

  useEffect(() => {
    const timer = setTimeout(load, all ? ASKED_AFTER : 0);
    return () => clearTimeout(timer);
  }, [search, role]);

  const note = (changed) => (searched.value = { ...searched.value, ...changed });
  return html`<div class="administration-body">
    <${OneTimeSecret} />
    <div class="administration-tools">
      <div class="search-field">
        <${Icon} name="search" />
        <input
          type="search"
          placeholder=${t("accounts.search")}
          aria-label=${t("accounts.search")}
          maxlength="64"
          value=${search}
          onInput=${(event) => note({ search: event.target.value })}
          autofocus
        />
      </div>
      <select aria-label=${t("accounts.role")} value=${role} onChange=${(event) => note({ role: event.target.value })}>
        <option value="">${t("accounts.role.any")}</option>
        ${ROLES.map((each) => html`<option value=${each}>${t(`accounts.role.${each}`)}</option>`)}
      </select>
      <button type="button" class="button primary" aria-expanded=${making} onClick=${() => make(!making)}>
        <${Icon} name="plus" />${t("accounts.add")}
      </button>
    </div>
    ${making && html`<${NewAccount} done=${() => (make(false), load())} cancel=${() => make(false)} />`}
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!all && !refusal && html`<${Spinner} />`}
    ${all?.length === 0 && html`<${Empty} icon="people" title=${t("accounts.none")}>${t("accounts.none.hint")}<//>`}
    <ul class="rows">
      ${all?.map(
        ({ name, role: its, online, added }) => html`<li key=${name}>
          <button type="button" class="row" onClick=${() => (person.value = name)}>
            <${Avatar} name=${name} small />
            <span class="row-words">
              <strong>${name}</strong> <${RoleBadge} role=${its} />
              <small>${online && html`<span class="row-note"><span class="presence"></span>${t("accounts.online")}</span> · `}${made(added)}</small>
            </span>
            <${Icon} name="next" />
          </button>
        </li>`,
      )}
    </ul>
    ${more && html`<button type="button" class="button wide" onClick=${() => load(all)}>${t("accounts.more")}</button>`}
  </div>`;
}

function NewAccount({ done, cancel }) {
  const [refusal, setRefusal] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const { username, role } = Object.fromEntries(new FormData(event.target));
    const asked = addAccount(username.trim(), role).then(({ user, password }) => (secret.value = { user, password }));
    if (await attemptBeside(asked, setRefusal)) done();
  };
  return html`<form class="inset" onSubmit=${submit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["username"]} />
    <${Field} id="username" label=${t("field.username")} hint=${t("accounts.add.hint")} refusal=${refusal} maxlength="64" autocomplete="off" autocapitalize="none" spellcheck=${false} required autofocus />
    <div class="field">
      <label for="new-role">${t("accounts.role")}</label>
      <select id="new-role" name="role">
        ${rolesToGive().map((each) => html`<option value=${each}>${t(`role.${each}`)}</option>`)}
      </select>
    </div>
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${cancel}>${t("cancel")}</button>
      <button class="button primary">${t("accounts.add.do")}</button>
    </div>
  </form>`;
}
