/**
 * Shows what text.js has read: elements and text, never HTML that somebody wrote.
 */
import { attempt } from "../actions/attempt.js";
import { join, open } from "../actions/conversations.js";
import { conversations, directory } from "../state/conversations.js";
import { me } from "../state/me.js";
import { dialog } from "../state/screen.js";
import { markFound, parse } from "../text.js";
import { classes, html } from "./html.js";

const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,24}$/u;

/** What somebody wrote; `edited` is a mark that stands behind the last word, `query` what it was found by. */
export function Content({ content, mentions, edited, query }) {
  const tree = parse(content, mentions);
  const large = ONLY_EMOJI.test(content) && /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(content);
  return html`<div class=${classes("content", large && "large")}>${(query ? markFound(tree, query) : tree).map((each, index, all) =>
    block(each, index === all.length - 1 && edited),
  )}</div>`;
}

function block({ kind, text, children }, mark) {
  if (kind === "code") return html`<pre tabindex="0"><code>${text}</code></pre>${mark}`;
  const parts = html`${children.map(part)}${mark && html` ${mark}`}`;
  return kind === "quote" ? html`<blockquote>${parts}</blockquote>` : html`<p>${parts}</p>`;
}

const PARTS = {
  text: ({ text }) => text,
  found: ({ text }) => html`<mark>${text}</mark>`,
  break: () => html`<br />`,
  code: ({ text }) => html`<code>${text}</code>`,
  strong: ({ children }) => html`<strong>${children.map(part)}</strong>`,
  emphasis: ({ children }) => html`<em>${children.map(part)}</em>`,
  strike: ({ children }) => html`<s>${children.map(part)}</s>`,
  link: ({ address, text }) => html`<a href=${address} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`,
  mention: ({ name }) => html`<button
    type="button"
    class=${classes("mention", name === me.value?.name && "own")}
    onClick=${() => (dialog.value = { name: "person", user: name })}
  >@${name}</button>`,
  channel: ({ name }) => {
    const known = [...directory.value.keys()].find((each) => each.toLowerCase() === name.toLowerCase());
    if (!known) return name;
    const go = () => (conversations.value.has(known) ? open(known) : attempt(join(known)));
    return html`<button type="button" class="mention" onClick=${go}>${known}</button>`;
  },
};

const part = (each) => PARTS[each.kind](each);
