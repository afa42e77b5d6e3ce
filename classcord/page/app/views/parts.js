/**
 * Small parts that many views use: avatars, presence, role badges, fields, buttons.
 */
import { isNobody, present, roles } from "../state/people.js";
import { language, t } from "../words.js";
import { classes, html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";

const HUES = 12; // in style/tokens.css
const SHOWN_ROLES = new Set(["guest", "moderator", "admin", "owner"]);

/** A disc with a person's initials, in a colour that is always the same for a name; for who is gone, only a sign. */
export function Avatar({ name, small, presence, gone = isNobody(name) }) {
  if (gone) {
    return html`<span class=${classes("avatar", "gone", small && "small")} aria-hidden="true"><${Icon} name="person" /></span>`;
  }
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const initials = ([...(words[0] ?? "?")][0] + (words.length > 1 ? [...words[words.length - 1]][0] : "")).toUpperCase();
  return html`<span class=${classes("avatar", `hue-${hueOf(name)}`, small && "small")} aria-hidden="true">
    ${initials}${presence && html`<${Presence} name=${name} />`}
  </span>`;
}

export function hueOf(name) {
  let mixed = 2166136261; // FNV-1a: names that differ by a letter get different colours
  for (const character of name.toLowerCase()) mixed = Math.imul(mixed ^ character.codePointAt(0), 16777619);
  return (mixed >>> 13) % HUES;
}

export const stateOf = (name) => {
  const state = present.value.get(name) ?? "offline";
  return ["online", "away", "dnd", "offline"].includes(state) ? state : state === "busy" ? "dnd" : "away";
};

/** A mark for somebody's state; its form differs too, for who does not see the colours. */
export function Presence({ name }) {
  const state = stateOf(name);
  return html`<span class=${`presence ${state}`}></span>`;
}

/** A person's role, where it is more or less than a member's. */
export function RoleBadge({ name, role = roles.value.get(name) }) {
  return SHOWN_ROLES.has(role) ? html`<span class=${`badge ${role}`}>${t(`role.${role}`)}</span>` : null;
}

/** A button that shows an icon only; its name is what screen readers say and the pointer shows. */
export function IconButton({ icon, label, pressed, busy, class: extra, ...rest }) {
  return html`<button
    type="button"
    class=${classes("icon-button", extra)}
    aria-label=${label}
    title=${label}
    aria-pressed=${pressed}
    ...${rest}
  >
    <${Icon} name=${icon} />
  </button>`;
}

/**
 * A labelled field, with a hint, and what is wrong in it: the server's refusal if it is about this field, or that it was
 * left empty (`needed` says so in words of its own). `keepHint`: the hint is of use beside what is wrong, too.
 */
export function Field({ id, label, hint, keepHint, needed, refusal, field = id, area, children, onInput, ...rest }) {
  const ref = useRef(null);
  const [unfit, setUnfit] = useState(null); // what the browser finds wrong, in the page's words
  const refused = refusal?.field === field;
  const wrong = unfit ?? (refused ? refusal.message : null);
  const hinted = hint && (!wrong || keepHint);
  useEffect(() => {
    if (refused) bringToView(ref.current);
  }, [refused && refusal]);
  const invalid = (event) => {
    event.preventDefault(); // or the browser says it, in its own language
    const { target } = event;
    setUnfit(target.validity.valueMissing ? (needed ?? t("field.needed")) : t("field.unfit"));
    if (target.form.querySelector("input:invalid, textarea:invalid") === target) bringToView(ref.current);
  };
  const input = (event) => {
    setUnfit(null);
    onInput?.(event);
  };
  const described = [wrong !== null && `${id}-error`, hinted && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  const told = { "aria-invalid": wrong !== null || undefined, "aria-describedby": described };
  const shared = { id, name: field, ...told, ...rest, onInput: input, onInvalid: invalid };
  return html`<div class="field" ref=${ref}>
    <label for=${id}>${label}</label>
    ${area ? html`<textarea ...${shared}></textarea>` : html`<input ...${shared} />`}${children}
    ${wrong !== null && html`<p class="error" id=${`${id}-error`} role="alert">${wrong}</p>`}
    ${hinted && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

/** Put the focus on a field, and show it with what is said below it. */
function bringToView(field) {
  field.querySelector("input, textarea").focus({ preventScroll: true });
  requestAnimationFrame(() => field.scrollIntoView({ block: "nearest" })); // what is wrong is written then
}

/** A field for a password, which can be shown. */
export function PasswordField(rest) {
  const [seen, see] = useState(false);
  return html`<${Field} ...${rest} type=${seen ? "text" : "password"} autocapitalize="none" spellcheck=${false}>
    <${IconButton} icon="eye" class="reveal" label=${t("field.password.show")} pressed=${seen} onClick=${() => see(!seen)} />
  <//>`;
}

/** The refusal of a whole form: whatever is not beside one of the fields that it shows. */
export function FormError({ refusal, words, fields = [] }) {
  const ref = useRef(null);
  useEffect(() => ref.current?.scrollIntoView({ block: "nearest" }), [refusal]);
  if (!refusal || fields.includes(refusal.field)) return null;
  return html`<p class="error boxed" role="alert" ref=${ref}><${Icon} name="warning" />${words}</p>`;
}

/** The way to the page that says in simple words what is kept about people; beside the chat, which stays open. */
export function NoticeLink() {
  const page = language.value === "en" ? "notice.en.html" : "notice.html";
  return html`<a class="link" href=${page} target="_blank" rel="noopener">${t("notice")}</a>`;
}

export function Spinner() {
  return html`<span class="spinner" role="status"><span class="hidden">${t("loading")}</span></span>`;
}

/** A sentence where there is nothing to show, which says what could be done. */
export function Empty({ icon, title, children }) {
  return html`<div class="empty">
    <${Icon} name=${icon} />
    ${title && html`<p class="empty-title">${title}</p>`}
    <p>${children}</p>
  </div>`;
}

const MENU_STEPS = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: 0 };

/** The keys of a menu, as the ARIA pattern says: its entries are gone through by the arrows. */
export function menuKeys(event) {
  if (!(event.key in MENU_STEPS)) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll('[role^="menuitem"]')];
  const at = all.indexOf(document.activeElement);
  const step = MENU_STEPS[event.key];
  const next = step ? (at + step + all.length) % all.length : event.key === "Home" ? 0 : all.length - 1;
  all[next].focus();
}

/** Puts the focus on a menu's first entry, or on the one that is chosen, as soon as it is there. */
export function focusMenu(menu) {
  (menu?.querySelector('[aria-checked="true"]') ?? menu?.querySelector('[role^="menuitem"]'))?.focus();
}

/** Calls `away` when the pointer is pressed elsewhere, or Escape is, while something is open. */
export function useLeaving(away, open = true) {
  const ref = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const pressed = (event) => ref.current && !ref.current.contains(event.target) && away();
    const typed = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      ref.current?.parentElement.querySelector("[aria-haspopup]")?.focus(); // where the focus was before
      away();
    };
    document.addEventListener("pointerdown", pressed);
    document.addEventListener("keydown", typed, true);
    return () => {
      document.removeEventListener("pointerdown", pressed);
      document.removeEventListener("keydown", typed, true);
    };
  }, [open]);
  return ref;
}
