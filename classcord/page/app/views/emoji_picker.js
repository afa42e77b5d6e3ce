/**
 * The emoji picker: one for the whole page, beside whatever asks for it.
 */
import { signal } from "../../vendor/signals.js";
import { CATEGORIES, findEmoji, USUAL } from "../emoji.js";
import { t } from "../words.js";
import { html, useLayoutEffect, useRef, useState } from "./html.js";
import { useLeaving } from "./parts.js";

const WIDTH = 352; // pixels, as in style/composer.css
const HEIGHT = 380;

const wanted = signal(null); // {anchor, chosen}

/** Ask for an emoji beside a button. */
export function chooseEmoji(anchor, chosen) {
  wanted.value = { anchor, chosen };
}

export const EmojiPopover = () => wanted.value && html`<${Picker} key=${wanted.value} ...${wanted.value} />`;

function Picker({ anchor, chosen }) {
  const [typed, type] = useState("");
  const message = useRef(anchor.closest("[data-id]")).current; // whose button may be gone when the picker closes
  const close = () => {
    wanted.value = null;
    (anchor.isConnected ? anchor : message)?.focus();
  };
  const ref = useLeaving(close);
  const field = useRef(null);
  useLayoutEffect(() => {
    const box = anchor.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.right - WIDTH, innerWidth - WIDTH - 8));
    const above = box.top - HEIGHT - 8;
    ref.current.style.left = `${left}px`;
    ref.current.style.top = `${above > 8 ? above : Math.max(8, Math.min(box.bottom + 8, innerHeight - HEIGHT - 8))}px`;
    field.current.focus();
  }, []);
  const choose = (emoji) => {
    close();
    chosen(emoji);
  };
  const first = (event) => {
    event.preventDefault(); // otherwise the key would also press the button that is given the focus back
    if (groups[0].emoji[0]) choose(groups[0].emoji[0].emoji);
  };
  const groups = typed.trim()
    ? [{ category: "found", emoji: findEmoji(typed) }]
    : [{ category: "usual", emoji: USUAL.map((emoji) => ({ emoji, words: "" })) }, ...CATEGORIES];
  return html`<div class="emoji-picker" role="dialog" aria-label=${t("emoji.choose")} ref=${ref} onKeyDown=${move}>
    <input
      ref=${field}
      type="search"
      placeholder=${t("emoji.search")}
      aria-label=${t("emoji.search")}
      value=${typed}
      onInput=${(event) => type(event.target.value)}
      onKeyDown=${(event) => event.key === "Enter" && first(event)}
    />
    <div class="emoji-groups">
      ${groups.map(
        ({ category, emoji }) => html`<section key=${category} aria-label=${t(`emoji.${category}`)}>
          <h3>${t(`emoji.${category}`)}</h3>
          <div class="emoji-grid">
            ${emoji.map(
              (each) => html`<button
                type="button"
                class="emoji"
                title=${each.words}
                aria-label=${`${each.emoji} ${each.words}`}
                onClick=${() => choose(each.emoji)}
              >
                ${each.emoji}
              </button>`,
            )}
          </div>
          ${!emoji.length && html`<p class="hint">${t("emoji.none")}</p>`}
        </section>`,
      )}
    </div>
  </div>`;
}

/** Arrow keys go from emoji to emoji, down from the field too. */
function move(event) {
  const buttons = [...event.currentTarget.querySelectorAll(".emoji")];
  const at = buttons.indexOf(document.activeElement);
  const row = 8;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[event.key];
  if (!step || (at < 0 && event.key !== "ArrowDown")) return;
  event.preventDefault();
  if (at < 0) buttons[0]?.focus();
  else if (at + step < 0) event.currentTarget.querySelector("input").focus();
  else buttons[Math.min(buttons.length - 1, at + step)].focus();
}
