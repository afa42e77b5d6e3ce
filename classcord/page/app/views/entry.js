/**
 * The way in: log in, make an account, come as a guest; and the change of a one-time password.
 */
import { attemptBeside } from "../actions/attempt.js";
import { Refusal } from "../connection.js";
import { preferences, prefer } from "../preferences.js";
import { connection, limit } from "../server.js";
import { guest, login, register, replaceOneTimePassword } from "../session.js";
import { farewell, me } from "../state/me.js";
import { LANGUAGES, language, sentence, t } from "../words.js";
import { ConnectionBar } from "./connection_bar.js";
import { html, useEffect, useState } from "./html.js";
import { Icon, Logo } from "./icons.js";
import { Field, FormError, IconButton, NoticeLink, PasswordField } from "./parts.js";

const FIELDS = ["username", "password", "code"];

/** The invitation code of the address that somebody was given: …/#invitation=ABCD-EFGH-JKMN */
const invitation = () => new URLSearchParams(location.hash.slice(1)).get("invitation") ?? "";

export function Entry() {
  const [chosen, choose] = useState(invitation() ? "register" : "login");
  const server = connection.server.value;
  const closed = server?.registration === "closed";
  const ways = ["login", ...(closed ? [] : ["register"]), ...(server?.auth?.includes("guest") ? ["guest"] : [])];
  const way = ways.includes(chosen) ? chosen : "login";
  return html`<${Gate} title=${server?.server ?? "ClassCord"} words=${server?.motd || t("entry.welcome")}>
    ${farewell.value && html`<p class="farewell" role="status"><${Icon} name="warning" />${farewell.value}</p>`}
    ${ways.length > 1 &&
    html`<div class="tabs" role="tablist" aria-label=${t("entry.ways")}>
      ${ways.map(
        (each) => html`<button
          type="button"
          role="tab"
          id=${`way-${each}`}
          aria-selected=${way === each}
          aria-controls="way"
          tabindex=${way === each ? 0 : -1}
          onClick=${() => choose(each)}
          onKeyDown=${(event) => turn(event, ways, way, choose)}
        >
          ${t(`entry.${each}`)}
        </button>`,
      )}
    </div>`}
    <div id="way" role=${ways.length > 1 ? "tabpanel" : undefined} aria-labelledby=${ways.length > 1 ? `way-${way}` : undefined}>
      ${way === "guest" ? html`<${GuestForm} />` : html`<${AccountForm} key=${way} fresh=${way === "register"} />`}
      ${closed && way === "login" && html`<p class="entry-note">${t("entry.closed")}</p>`}
    </div>
  <//>`;
}

/** Tabs are turned by the arrow keys, as the ARIA pattern says. */
function turn(event, ways, way, choose) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = ways[(ways.indexOf(way) + step + ways.length) % ways.length];
  choose(next);
  document.getElementById(`way-${next}`).focus();
}

function Gate({ title, words, children }) {
  return html`<main class="gate">
    <${ConnectionBar} />
    <section class="card">
      <header class="card-header">
        <${Logo} />
        <h1>${title}</h1>
        <p>${words}</p>
      </header>
      ${children}
    </section>
    <${Choices} />
  </main>`;
}

/** Language and theme, for who is not in yet. */
function Choices() {
  const dark = document.documentElement.dataset.theme === "dark";
  return html`<footer class="choices">
    <${NoticeLink} />
    ${Object.keys(LANGUAGES).map(
      (each) => html`<button
        type="button"
        class="link"
        lang=${each}
        aria-pressed=${language.value === each}
        onClick=${() => prefer({ language: each })}
      >
        ${LANGUAGES[each]}
      </button>`,
    )}
    <${IconButton}
      icon=${dark ? "sun" : "moon"}
      label=${t(dark ? "theme.light" : "theme.dark")}
      onClick=${() => prefer({ theme: dark ? "light" : "dark" })}
      data-theme-choice=${preferences.value.theme}
    />
  </footer>`;
}

/** A form that sends itself once, and shows a refusal beside what it is about. */
function useForm(submit) {
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const onSubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const fields = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    await attemptBeside(submit(fields), setRefusal);
    setBusy(false);
  };
  return { refusal, busy, onSubmit };
}

function AccountForm({ fresh }) {
  const { refusal, busy, onSubmit } = useForm(({ username, password, stay, ...rest }) => {
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
    return fresh ? register({ username, password, ...given }, Boolean(stay)) : login(username, password, Boolean(stay));
  });
  const least = limit("min_password");
  return html`<form onSubmit=${onSubmit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${fresh ? FIELDS : []} />
    ${fresh && html`<${InvitationCode} refusal=${refusal} />`}
    <${Field}
      id="username"
      label=${t("field.username")}
      hint=${fresh && t("field.username.hint")}
      refusal=${fresh ? refusal : null}
      autocomplete="username"
      autocapitalize="none"
      spellcheck=${false}
      maxlength="64"
      required
      autofocus
    />
    <${PasswordField}
      id="password"
      label=${t("field.password")}
      hint=${fresh ? least > 0 && t("field.password.hint", { count: least }) : t("field.password.lost")}
      refusal=${fresh ? refusal : null}
      autocomplete=${fresh ? "new-password" : "current-password"}
      maxlength="1000"
      required
    />
    <label class="check">
      <input type="checkbox" name="stay" />
      <span>${t("entry.stay")}<small>${t("entry.stay.hint")}</small></span>
    </label>
    <button class="button primary wide" disabled=${busy}>${t(fresh ? "entry.register.do" : "entry.login.do")}</button>
  </form>`;
}

/** The field for a code: where one is needed, and for who has one where none is. */
function InvitationCode({ refusal }) {
  const needed = connection.server.value?.registration === "invite" || refusal?.code === "invite_required";
  const [given, give] = useState(Boolean(invitation()));
  const show = () => {
    give(true);
    requestAnimationFrame(() => document.getElementById("code")?.focus());
  };
  if (!needed && !given) {
    return html`<button type="button" class="link have-code" onClick=${show}>${t("entry.code.have")}</button>`;
  }
  return html`<${Field}
    id="code"
    label=${t("field.code")}
    hint=${t(needed ? "field.code.hint" : "field.code.optional")}
    refusal=${refusal}
    autocomplete="off"
    autocapitalize="characters"
    spellcheck=${false}
    maxlength="64"
    defaultValue=${invitation()}
    required=${needed}
  />`;
}

function GuestForm() {
  const { refusal, busy, onSubmit } = useForm(({ username }) => guest(username.trim()));
  return html`<form onSubmit=${onSubmit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["username"]} />
    <${Field}
      id="username"
      label=${t("field.guest")}
      hint=${t("field.guest.hint")}
      refusal=${refusal}
      autocomplete="nickname"
      spellcheck=${false}
      maxlength="64"
      autofocus
    />
    <button class="button primary wide" disabled=${busy}>${t("entry.guest.do")}</button>
  </form>`;
}

export function OneTimePassword() {
  const { refusal, busy, onSubmit } = useForm(async ({ new: fresh, again }) => {
    if (fresh !== again) throw new Refusal({ code: "differs", field: "again", message: t("password.differs") });
    await replaceOneTimePassword(fresh);
  });
  useEffect(() => {
    // It lets nobody in a second time: whoever leaves now needs another one.
    const stay = (event) => event.preventDefault();
    addEventListener("beforeunload", stay);
    document.getElementById("new").focus();
    return () => removeEventListener("beforeunload", stay);
  }, []);
  return html`<${Gate} title=${t("password.first", { name: me.value.name })} words=${t("password.first.hint")}>
    <form onSubmit=${onSubmit}>
      <input type="text" name="username" value=${me.value.name} autocomplete="username" hidden readonly />
      <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["new", "again"]} />
      <${PasswordField}
        id="new"
        label=${t("password.new")}
        hint=${t("field.password.hint", { count: limit("min_password") })}
        refusal=${refusal}
        autocomplete="new-password"
        required
      />
      <${PasswordField}
        id="again"
        label=${t("password.again")}
        refusal=${refusal}
        autocomplete="new-password"
        required
      />
      <button class="button primary wide" disabled=${busy}>${t("password.first.do")}</button>
    </form>
  <//>`;
}
