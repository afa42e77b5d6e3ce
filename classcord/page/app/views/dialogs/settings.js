/**
 * Settings of this browser and of one's account, a page a subject.
 */
import { attempt, attemptBeside } from "../../actions/attempt.js";
import { changePassword, changeProfile, endOtherSessions, endSession, profile, sessions } from "../../actions/account.js";
import { Refusal } from "../../connection.js";
import { notificationsPossible } from "../../actions/notifications.js";
import { prefer, preferences } from "../../preferences.js";
import { can, connection, limit } from "../../server.js";
import { logout } from "../../session.js";
import { isGuest, me } from "../../state/me.js";
import { dialog, notify } from "../../state/screen.js";
import { full } from "../../times.js";
import { language, LANGUAGES, sentence, t } from "../../words.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "../icons.js";
import { MyData } from "../my_data.js";
import { Avatar, Field, FormError, PasswordField, RoleBadge, Spinner } from "../parts.js";

const PAGES = { profile: Profile, look: Look, notifications: Notify, password: Password, sessions: Sessions, data: MyData };
const OF_ACCOUNTS = new Set(["profile", "password", "data"]);
const HINTED = new Set(["alias", "email", "status_text"]);
const PROFILE = ["first_name", "last_name", "alias", "email", "status_text"];

export function View({ page, close }) {
  const pages = Object.keys(PAGES).filter((each) => !isGuest.value || !OF_ACCOUNTS.has(each));
  const [shown, show] = useState(page ?? pages[0]);
  const tabs = useRef(null);
  useEffect(() => tabs.current.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [shown]);
  const goOut = async () => (await attempt(logout())) && close();
  return html`<div class="settings-body">
    <nav class="settings-pages pages" ref=${tabs} aria-label=${t("settings")}>
      ${pages.map(
        (each) => html`<button type="button" aria-current=${shown === each ? "page" : undefined} onClick=${() => show(each)}>
          ${t(`settings.${each}`)}
        </button>`,
      )}
      <button type="button" class="keys-button" onClick=${() => (dialog.value = { name: "keys" })}>${t("keys")}</button>
    </nav>
    <div key=${shown} class="settings-page" tabindex="0" role="region" aria-label=${t(`settings.${shown}`)}><${PAGES[shown]} /></div>
    <button type="button" class="out" onClick=${goOut}><${Icon} name="leave" />${t("logout")}</button>
  </div>`;
}

function useSaving(save, words) {
  const [refusal, setRefusal] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    if (await attemptBeside(save(Object.fromEntries(new FormData(form)), form), setRefusal)) notify(t(words));
  };
  return [refusal, submit, setRefusal];
}

function Profile() {
  const [known, setKnown] = useState(null);
  const [refusal, submit, setRefusal] = useSaving((fields) => changeProfile(fields).then(setKnown), "saved");
  useEffect(() => {
    if (can("profiles")) attemptBeside(profile().then(setKnown), setRefusal);
  }, []);
  const { name, role } = me.value;
  return html`<form onSubmit=${submit}>
    <div class="who"><${Avatar} name=${name} /><div><strong>${name}</strong> <${RoleBadge} role=${role} /></div></div>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${PROFILE} />
    ${!known && !refusal && html`<${Spinner} />`}
    ${known &&
    html`<div class="columns">
        ${PROFILE.map(
          (field) => html`<${Field}
            key=${field}
            id=${field}
            label=${t(`profile.${field}`)}
            hint=${HINTED.has(field) ? t(`profile.${field}.hint`) : null}
            type=${field === "email" ? "email" : "text"}
            maxlength=${{ alias: 64, status_text: 120 }[field] ?? 254}
            defaultValue=${known[field] ?? ""}
            refusal=${refusal}
            autocomplete="off"
          />`,
        )}
      </div>
      <button class="button primary">${t("save")}</button>`}
  </form>`;
}

function Choice({ legend, name, options, value, choose }) {
  return html`<fieldset class="choice-row">
    <legend>${legend}</legend>
    ${options.map(
      ([option, words]) => html`<label class="pill">
        <input type="radio" name=${name} value=${option} checked=${value === option} onChange=${() => choose(option)} />
        <span>${words}</span>
      </label>`,
    )}
  </fieldset>`;
}

function Look() {
  return html`<div>
    <${Choice}
      legend=${t("language.choose")}
      name="language"
      options=${Object.entries(LANGUAGES)}
      value=${language.value}
      choose=${(chosen) => (prefer({ language: chosen }), attempt(connection.greetAgain()))}
    />
    <${Choice}
      legend=${t("theme")}
      name="theme"
      options=${["system", "light", "dark"].map((each) => [each, t(`theme.${each}`)])}
      value=${preferences.value.theme}
      choose=${(theme) => prefer({ theme })}
    />
  </div>`;
}

function Notify() {
  const { sound, notifications } = preferences.value;
  const possible = notificationsPossible();
  const refused = possible && Notification.permission === "denied";
  const toggle = async (event) => {
    const wanted = event.target.checked;
    if (wanted && Notification.permission !== "granted") await Notification.requestPermission();
    prefer({ notifications: wanted && Notification.permission === "granted" });
  };
  return html`<div>
    <p class="hint">${t("notifications.words")}</p>
    <label class="check">
      <input type="checkbox" checked=${notifications && !refused} disabled=${!possible || refused} onChange=${toggle} />
      <span>${t("notifications.show")}<small>${!possible ? t("notifications.impossible") : refused && t("notifications.refused")}</small></span>
    </label>
    <label class="check">
      <input type="checkbox" checked=${sound} onChange=${(event) => prefer({ sound: event.target.checked })} />
      <span>${t("notifications.sound")}</span>
    </label>
  </div>`;
}

function Password() {
  const [shown, submit] = useSaving(async ({ old, new: fresh, again }, form) => {
    if (fresh !== again) throw new Refusal({ code: "differs", field: "again", message: t("password.differs") });
    await changePassword(old, fresh);
    form.reset();
  }, "password.changed");
  return html`<form onSubmit=${submit}>
    <input type="text" value=${me.value.name} autocomplete="username" hidden readonly />
    <${FormError} refusal=${shown} words=${shown && sentence(shown)} fields=${["old", "new", "again"]} />
    <${PasswordField} id="old" label=${t("password.old")} autocomplete="current-password" refusal=${shown} required />
    <${PasswordField}
      id="new"
      label=${t("password.new")}
      hint=${t("field.password.hint", { count: limit("min_password") })}
      autocomplete="new-password"
      refusal=${shown}
      required
    />
    <${PasswordField} id="again" label=${t("password.again")} autocomplete="new-password" refusal=${shown} required />
    <p class="hint">${t("password.others")}</p>
    <button class="button primary">${t("password.change")}</button>
  </form>`;
}

function Sessions() {
  const [all, setAll] = useState(null);
  const load = () => attempt(sessions().then(setAll));
  useEffect(() => void load(), []);
  if (!all) return html`<${Spinner} />`;
  const end = async (asked) => (await attempt(asked)) && load();
  return html`<div>
    <p class="hint">${t("sessions.words")}</p>
    <ul class="choices-list">
      ${all.map(
        ({ session_id: id, client, address, last_used: used, connected, current }) => html`<li key=${id} class="choice">
          <span class=${`presence ${connected ? "online" : "offline"}`}></span>
          <div class="choice-words">
            <strong>${client || t("sessions.unknown")}</strong>
            <small>${address} · ${connected ? t("sessions.connected") : t("sessions.used", { time: full(used) })}</small>
          </div>
          ${current
            ? html`<span class="badge">${t("sessions.this")}</span>`
            : html`<button type="button" class="button small" onClick=${() => end(endSession(id))}>${t("sessions.end")}</button>`}
        </li>`,
      )}
    </ul>
    ${all.length > 1 && html`<button type="button" class="button" onClick=${() => end(endOtherSessions())}>${t("sessions.end_others")}</button>`}
  </div>`;
}
