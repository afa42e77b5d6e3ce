/**
 * The messages of a conversation, of which only those near the view are in the document: a stretch of the log that moves
 * while somebody scrolls, so that ten thousand messages cost what a hundred do. What the reader looks at stays where it
 * is, whatever is added above or below.
 */
import { goToPresent, goToUnread, loadNewer, loadOlder, markRead, reload } from "../actions/conversations.js";
import { outgoing } from "../outgoing.js";
import { conversations } from "../state/conversations.js";
import { heldIn } from "../state/held.js";
import { me } from "../state/me.js";
import { logOf, position } from "../state/messages.js";
import { endWanted, newSince, target } from "../state/screen.js";
import { closedBecause } from "../state/writing.js";
import { day, dayOf } from "../times.js";
import { t } from "../words.js";
import { classes, Component, createRef, Fragment, html } from "./html.js";
import { HeldMessage } from "./held.js";
import { Icon } from "./icons.js";
import { Message, Waiting } from "./message.js";
import { Empty, Spinner } from "./parts.js";

const MOST = 120; // messages in the document
const STEP = 40; // how far the stretch moves at once
const NEAR = 800; // pixels from an edge within which it moves
const AT_END = 40; // pixels from the end within which the newest message is seen
const TOGETHER = 5 * 60_000; // milliseconds within which messages of one author are one group

export class MessageLog extends Component {
  constructor() {
    super();
    this.scroller = createRef();
    /** The number of the first message in the document; null: as many as fit before the last. */
    this.state = { from: null };
    this.atEnd = true; // the reader is at the end, and stays there when messages come
  }

  get log() {
    return logOf(this.props.name).value;
  }

  /** Where the stretch begins and ends in the list. */
  bounds() {
    const { items } = this.log;
    const { from } = this.state;
    if (from === null) return [Math.max(0, items.length - MOST), items.length];
    const start = Math.min(position(items, from), Math.max(0, items.length - STEP));
    return [start, Math.min(items.length, start + MOST)];
  }

  componentDidMount() {
    this.resized = new ResizeObserver(() => this.atEnd && this.toEnd());
    this.resized.observe(this.scroller.current);
    this.seen = () => this.noteSeen();
    addEventListener("focus", this.seen);
    document.addEventListener("visibilitychange", this.seen);
    this.settle(null);
  }

  componentWillUnmount() {
    this.resized.disconnect();
    removeEventListener("focus", this.seen);
    document.removeEventListener("visibilitychange", this.seen);
  }

  /** Before the document changes: which message is at the top of the view, and where exactly. */
  getSnapshotBeforeUpdate() {
    const view = this.scroller.current;
    if (!view || this.atEnd) return null;
    const top = view.getBoundingClientRect().top;
    for (const row of view.querySelectorAll("[data-id]")) {
      const box = row.getBoundingClientRect();
      if (box.bottom > top) return { id: row.dataset.id, offset: box.top - top };
    }
    return null;
  }

  componentDidUpdate(_props, _state, anchor) {
    this.settle(anchor);
  }

  /** After the document has changed: go to what is looked for, stay at the end, or keep what was in view in its place. */
  settle(anchor) {
    const wanted = target.value;
    if (endWanted.value?.key === this.props.name && endWanted.value !== this.ended) {
      this.ended = endWanted.value;
      if (!this.atEnd || this.log.after) this.onPresent();
    }
    if (wanted?.key === this.props.name && wanted !== this.found) {
      this.bringToView(wanted);
    } else if (this.atEnd && !this.log.after) {
      this.toEnd();
    } else if (anchor) {
      const row = this.row(anchor.id);
      const view = this.scroller.current;
      if (row) view.scrollTop += row.getBoundingClientRect().top - view.getBoundingClientRect().top - anchor.offset;
    }
    this.noteSeen();
    this.fill();
  }

  row(id) {
    return this.scroller.current.querySelector(`[data-id="${id}"]`);
  }

  toEnd() {
    const view = this.scroller.current;
    view.scrollTop = view.scrollHeight;
  }

  bringToView(wanted) {
    const row = this.row(wanted.id);
    this.atEnd = false;
    if (row) {
      this.found = wanted;
      row.scrollIntoView({ block: "center" });
      row.focus({ preventScroll: true });
      this.onScroll();
      return;
    }
    const { items } = this.log;
    const index = position(items, wanted.id);
    if (index >= items.length && !items.length) return;
    const nearest = items[Math.min(index, items.length - 1)];
    if (nearest.message_id !== wanted.id) this.found = wanted; // it is gone: its neighbours are shown
    this.setState({ from: items[Math.max(0, index - MOST / 2)].message_id });
  }

  /** All is seen when the reader is at the end of a page in front. */
  noteSeen() {
    if (this.atEnd && !this.log.after && this.log.loaded && document.hasFocus()) markRead(this.props.name);
  }

  onScroll() {
    const view = this.scroller.current;
    const below = view.scrollHeight - view.scrollTop - view.clientHeight;
    const [, end] = this.bounds();
    const atEnd = below < AT_END && end === this.log.items.length && !this.log.after;
    if (atEnd !== this.atEnd) {
      this.atEnd = atEnd;
      this.setState(atEnd ? { from: null } : { from: this.state.from });
      if (atEnd) this.noteSeen();
    }
    this.fill();
  }

  /** Move the stretch, or load more, when the view comes near one of its edges. */
  fill() {
    const view = this.scroller.current;
    const { items, loaded } = this.log;
    if (!loaded || !items.length) return;
    const [start, end] = this.bounds();
    const below = view.scrollHeight - view.scrollTop - view.clientHeight;
    if (view.scrollTop < NEAR && !this.atEnd) {
      if (start > 0) this.setState({ from: items[Math.max(0, start - STEP)].message_id });
      else loadOlder(this.props.name);
    } else if (view.scrollTop < NEAR && start === 0) {
      loadOlder(this.props.name);
    }
    if (below < NEAR) {
      if (end < items.length) this.setState({ from: items[start + Math.min(STEP, items.length - end)].message_id });
      else loadNewer(this.props.name);
    }
  }

  /** Arrow keys go from message to message. */
  onKeyDown(event) {
    const row = event.target.closest("[data-id]");
    if (event.target !== this.scroller.current && event.target !== row) return;
    const rows = [...this.scroller.current.querySelectorAll("[data-id]")];
    const at = row ? rows.indexOf(row) : rows.length;
    const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next === undefined || !rows[next]) return;
    event.preventDefault();
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }

  onPresent() {
    this.atEnd = true;
    this.found = null;
    this.setState({ from: null });
    goToPresent(this.props.name).then(() => this.toEnd());
  }

  render({ name }) {
    const { items, before, after, loaded, loading, failed } = this.log;
    const conversation = conversations.value.get(name);
    const [start, end] = this.bounds();
    const held = heldIn(name);
    const waiting = outgoing.value.filter((each) => each.key === name && each.author === me.value.name);
    endWanted.value; // who writes is drawn anew, and sees it
    const since = newSince.value?.key === name ? newSince.value.id : null;
    const wanted = target.value?.key === name ? target.value.id : null;
    const missed = since !== null && items.length > 0 && (items[0].message_id > since + 1 && before);
    return html`<div class="log-place">
      ${missed &&
      conversation?.unread !== undefined &&
      html`<button type="button" class="jump to-unread" onClick=${() => goToUnread(name)}>
        <${Icon} name="up" />${t("log.to_unread")}
      </button>`}
      <div
        class="log"
        role="log"
        aria-live=${this.atEnd ? "polite" : "off"}
        aria-label=${t("log", { name })}
        tabindex="0"
        ref=${this.scroller}
        onScroll=${() => this.onScroll()}
        onKeyDown=${(event) => this.onKeyDown(event)}
      >
        ${loading && loading !== "fresh" && (loading !== "newer") && html`<div class="log-loading"><${Spinner} /></div>`}
        ${failed &&
        html`<p class="error boxed" role="alert">
          <${Icon} name="warning" />${t("log.failed")}
          <button type="button" class="link" onClick=${() => reload(name)}>${t("retry")}</button>
        </p>`}
        ${loaded &&
        !before &&
        start === 0 &&
        html`<${Beginning} conversation=${conversation} bare=${!items.length && !held.length && !waiting.length} />`}
        <ol>
          ${items.slice(start, end).map((message, index) => {
            const previous = items[start + index - 1];
            const begins = !previous || dayOf(previous.timestamp) !== dayOf(message.timestamp);
            const fresh = since !== null && message.message_id > since && !(previous?.message_id > since);
            return html`<${Fragment} key=${message.message_id}>
              ${(begins || fresh) &&
              html`<li class=${classes("divider", begins && "day", fresh && "fresh")}>
                ${begins && html`<span>${day(message.timestamp)}</span>`}
                ${fresh && html`<span>${t("log.new")}</span>`}
              </li>`}
              <${Message}
                message=${message}
                place=${name}
                head=${begins || fresh || !follows(previous, message)}
                wanted=${wanted === message.message_id}
              />
            <//>`;
          })}
          ${!after && held.map((each) => html`<${HeldMessage} key=${`held ${each.id}`} held=${each} />`)}
          ${!after &&
          waiting.map((each) => html`<${Waiting} key=${each.clientId} waiting=${each} />`)}
        </ol>
      </div>
      ${(!this.atEnd || after) &&
      html`<button type="button" class="jump to-present" onClick=${() => this.onPresent()}>
        <${Icon} name="down" />${conversation?.unread > 0 ? t("log.below", { count: conversation.unread }) : t("log.present")}
      </button>`}
    </div>`;
  }
}

/** Whether a message belongs to the group of the one before it. */
function follows(previous, message) {
  return (
    previous.from === message.from &&
    !message.reply_to &&
    new Date(message.timestamp) - new Date(previous.timestamp) < TOGETHER
  );
}

function Beginning({ conversation, bare }) {
  const { channel, user } = conversation ?? {};
  const empty = conversation && closedBecause(conversation) ? "log.empty.closed" : "log.empty";
  return html`<${Empty} icon=${channel ? "hash" : "message"} title=${channel ?? user}>
    ${channel ? t(bare ? empty : "log.beginning", { name: channel }) : t("log.private", { name: user ?? "" })}
  <//>`;
}
