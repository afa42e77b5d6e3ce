/**
 * Finding messages: here or everywhere, the best or the newest first. A click shows a message among its neighbours.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { search } from "../../actions/messages.js";
import { keyOf } from "../../state/conversations.js";
import { full, moment } from "../../times.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "../icons.js";
import { Found } from "../message.js";
import { Empty, FormError, IconButton, Spinner } from "../parts.js";

const EXAMPLES = ["word", "phrase", "beginning"];

let last = { query: "", everywhere: false, order: "best", messages: null, next: null }; // kept while the panel is closed

export function Search({ place }) {
  const [found, setFound] = useState(last);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState(null);
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);

  const show = (changed) => setFound((last = { ...last, ...changed }));

  async function look(changed, more = false) {
    show(changed);
    if (!last.query.trim()) return show({ messages: null, next: null });
    setBusy(true);
    const { query, everywhere, order, next } = last;
    const asked = search(query, { key: everywhere ? null : place, order, page: more ? next : undefined });
    const shown = asked.then((answer) =>
      show({ messages: more ? [...last.messages, ...answer.messages] : answer.messages, next: answer.next }),
    );
    if (!(await attemptBeside(shown, setRefusal))) show({ messages: null, next: null });
    setBusy(false);
  }

  const clear = () => {
    field.current.value = "";
    field.current.focus();
    look({ query: "" });
  };

  const { query, everywhere, order, messages, next } = found;
  return html`<div class="panel-body">
    <form class="search-form" role="search" onSubmit=${(event) => (event.preventDefault(), look({ query: field.current.value }))}>
      <div class="search-field">
        <${Icon} name="search" />
        <input ref=${field} type="search" value=${query} placeholder=${t("search.words")} aria-label=${t("search.words")} />
        ${query && html`<${IconButton} icon="close" label=${t("search.clear")} onClick=${clear} />`}
      </div>
      <div class="search-choices">
        <select aria-label=${t("search.where")} value=${everywhere ? "all" : "here"} onChange=${(event) => look({ query: field.current.value, everywhere: event.target.value === "all" })}>
          <option value="here">${t("search.here", { name: place.replace(/^@/, "") })}</option>
          <option value="all">${t("search.everywhere")}</option>
        </select>
        <select aria-label=${t("search.order")} value=${order} onChange=${(event) => look({ query: field.current.value, order: event.target.value })}>
          <option value="best">${t("search.best")}</option>
          <option value="newest">${t("search.newest")}</option>
        </select>
      </div>
    </form>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!messages && !busy && !refusal && html`<${Examples} />`}
    ${messages && !messages.length && !busy && html`<${Empty} icon="search" title=${t("search.none", { query })}>${t("search.none.hint")}<//>`}
    <p role="status" class="hint found-count">
      ${messages?.length > 0 && t(next ? "search.first" : "search.count", { count: messages.length })}
    </p>
    ${messages?.map((message) => {
      const key = keyOf(message);
      return html`<${Found} key=${message.message_id} message=${message} place=${key} query=${query}>
        <span class="found-place">${key.replace(/^@/, "")} · <time datetime=${message.timestamp} title=${full(message.timestamp)}>${moment(message.timestamp)}</time></span>
      <//>`;
    })}
    ${busy && html`<${Spinner} />`}
    ${next && !busy && html`<button type="button" class="button wide" onClick=${() => look({}, true)}>${t("search.more")}</button>`}
  </div>`;
}

/** What can be typed, and what it finds. */
function Examples() {
  return html`<section class="search-help">
    <h3>${t("search.title")}</h3>
    <dl>
      ${EXAMPLES.map((each) => html`<dt><kbd>${t(`search.${each}`)}</kbd></dt><dd>${t(`search.${each}.finds`)}</dd>`)}
    </dl>
  </section>`;
}
