/**
 * The field to write in: a new message, an answer, or an edit; with completion, emoji, and what keeps one from writing.
 */
import { attemptBeside } from "../actions/attempt.js";
import { open, openPrivate } from "../actions/conversations.js";
import { sendChosen } from "../actions/files.js";
import { edit, tellTyping, typingDone } from "../actions/messages.js";
import { send } from "../outgoing.js";
import { limit } from "../server.js";
import { attachmentsOf } from "../state/attachments.js";
import { drafts } from "../state/drafts.js";
import { may, me } from "../state/me.js";
import { logOf } from "../state/messages.js";
import { drafting, endWanted, handedBack, setDrafting } from "../state/screen.js";
import { closedBecause, inCharge } from "../state/writing.js";
import { glance } from "../text.js";
import { sentence, t } from "../words.js";
import { AttachButton, Attachments, DropZone, paste } from "./attachments.js";
import { proposals } from "./completion.js";
import { chooseEmoji } from "./emoji_picker.js";
import { classes, html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { QuietNote, usePause, WritingNotes } from "./notes.js";
import { Avatar, IconButton } from "./parts.js";

const HIGHEST = 220; // pixels; a longer text is scrolled
const NEARLY = 0.9; // of the longest message: from there on the rest is shown

export function Composer({ name, conversation }) {
  const closed = closedBecause(conversation);
  if (closed) {
    const { why, name: user, channels } = closed;
    return html`<${Closed} closed=${closed} words=${t(`closed.${why}`, { name: user, channels })} />`;
  }
  return html`<${Writing} name=${name} conversation=${conversation} />`;
}

/** Why nothing can be written, and where or to whom something can be. */
function Closed({ closed, words }) {
  const { why, lesson } = closed;
  const [channel] = lesson?.open ?? [];
  const user = !channel && (lesson || why === "private") ? inCharge(lesson) : null;
  return html`<${DropZone} name="" open=${false} />
    <div class="composer-closed">
      <${Icon} name="lock" /><p>${words}</p>
      ${channel && html`<button type="button" class="button small" onClick=${() => open(channel)}>${t("closed.go_to", { channel })}</button>`}
      ${user && html`<button type="button" class="button small" onClick=${() => openPrivate(user)}>${t("closed.write_to", { name: user })}</button>`}
    </div>`;
}

function Writing({ name, conversation }) {
  const [text, setText] = useState(drafts.get(name) ?? "");
  const [proposed, propose] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const field = useRef(null);
  const draft = drafting.value.get(name);
  const editing = draft?.kind === "edit";
  const takesFiles = may("send_files") && !editing;
  const left = usePause(name);
  const paused = left > 0 && !editing;
  const carries = !editing && attachmentsOf(name).some(({ phase }) => phase === "chosen");

  useLayoutEffect(() => {
    const area = field.current;
    area.style.height = "auto";
    area.style.height = `${Math.min(HIGHEST, area.scrollHeight)}px`;
  }, [text]);
  useEffect(() => {
    if (editing) write(draft.message.content);
    if (draft || matchMedia("(hover: hover)").matches) field.current.focus();
  }, [draft]);

  useEffect(() => {
    const back = handedBack.value;
    if (back?.key !== name) return;
    handedBack.value = null;
    giveBack(back.content);
    field.current.focus();
  }, [handedBack.value]);

  function write(changed, cursor = changed.length) {
    setText(changed);
    if (!editing) drafts.set(name, changed);
    requestAnimationFrame(() => field.current?.setSelectionRange(cursor, cursor));
  }

  function typed(event) {
    const { value, selectionStart } = event.target;
    setText(value);
    if (!editing) drafts.set(name, value);
    propose(begun(proposals(value.slice(0, selectionStart), name)));
    if (value.trim() && !editing) tellTyping(name);
  }

  function accept(proposal) {
    const { selectionStart } = field.current;
    const before = text.slice(0, proposed.start) + proposal.text;
    write(before + text.slice(selectionStart).replace(/^ /, ""), before.length);
    propose(null);
    field.current.focus();
  }

  function stop() {
    setDrafting(name, null);
    setRefusal(null);
    if (editing) write(drafts.get(name) ?? "");
  }

  /** Words that were to go with a file come back: it is not sent. */
  function giveBack(caption) {
    if (editing) drafts.set(name, `${caption}\n${drafts.get(name) ?? ""}`.trim());
    else write(`${caption}\n${text}`.trim());
  }

  async function submit(event) {
    event?.preventDefault();
    const content = text.trim();
    if ((!content && !carries) || tooLong > 0 || paused) return;
    if (editing) {
      const { message } = draft;
      const same = content === message.content;
      if (same || (await attemptBeside(edit(name, message.message_id, content), setRefusal))) stop();
      return;
    }
    endWanted.value = { key: name };
    const replyTo = draft?.kind === "reply" ? draft.message.message_id : undefined;
    if (carries) sendChosen(name, content, replyTo);
    else send(name, content, replyTo);
    typingDone();
    stop();
    drafts.delete(name);
    setText("");
    propose(null);
  }

  function pressed(event) {
    if (event.isComposing) return;
    if (proposed && chooseProposal(event, proposed, propose, accept)) return;
    if (event.key === "Enter" && !event.shiftKey) submit(event);
    else if (event.key === "Escape" && draft) stop();
    else if (event.key === "ArrowUp" && !text && !draft) editLast(event, name);
  }

  function insert(emoji) {
    const { selectionStart: start, selectionEnd: end } = field.current;
    write(text.slice(0, start) + emoji + text.slice(end), start + emoji.length);
    field.current.focus();
  }

  const longest = limit("content_chars");
  const tooLong = longest ? [...text].length - longest : 0;
  const label = t("composer.write", { name: conversation.channel ?? conversation.user });
  return html`<${DropZone} name=${name} open=${takesFiles} /><form class="composer" onSubmit=${submit}>
    ${proposed && html`<${Proposals} proposed=${proposed} accept=${accept} />`}
    ${draft && html`<${Draft} draft=${draft} stop=${stop} />`}
    ${refusal && html`<p class="error" role="alert">${sentence(refusal)}</p>`}
    <${WritingNotes} conversation=${conversation} left=${left} />
    <${QuietNote} conversation=${conversation} />
    <${Attachments} name=${name} giveBack=${giveBack} />
    <p class="composer-hint">${t("composer.hint")}</p>
    <div class="composer-row">
      ${takesFiles && html`<${AttachButton} name=${name} />`}
      <textarea
        id="message"
        ref=${field}
        rows="1"
        value=${text}
        placeholder=${label}
        aria-label=${label}
        aria-describedby="quiet"
        aria-autocomplete="list"
        aria-controls=${proposed ? "proposals" : undefined}
        aria-activedescendant=${proposed ? `proposal-${proposed.at}` : undefined}
        onInput=${typed}
        onKeyDown=${pressed}
        onPaste=${(event) => takesFiles && paste(event, name)}
        onBlur=${() => propose(null)}
      ></textarea>
      ${longest > 0 &&
      text.length > longest * NEARLY &&
      html`<span class=${classes("left", tooLong > 0 && "over")}>${-tooLong}</span>`}
      <${IconButton} icon="smile" label=${t("emoji.choose")} onClick=${(event) => chooseEmoji(event.currentTarget, insert)} />
      <button class="icon-button send" aria-label=${t("composer.send")} title=${t("composer.send")} disabled=${(!text.trim() && !carries) || tooLong > 0 || paused}>
        <${Icon} name=${editing ? "check" : "send"} />
      </button>
    </div>
  </form>`;
}

const begun = (found) => found && { ...found, at: 0 };

/** The keys that choose among proposals; true if the key was one. */
function chooseProposal(event, proposed, propose, accept) {
  const { all, at } = proposed;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) propose({ ...proposed, at: (at + step + all.length) % all.length });
  else if (event.key === "Enter" || event.key === "Tab") accept(all[at]);
  else if (event.key === "Escape") propose(null);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

function Proposals({ proposed, accept }) {
  return html`<ul class="proposals" id="proposals" role="listbox" aria-label=${t("composer.proposals")}>
    ${proposed.all.map(
      (each, index) => html`<li
        key=${each.text}
        id=${`proposal-${index}`}
        role="option"
        aria-selected=${index === proposed.at}
        onPointerDown=${(event) => (event.preventDefault(), accept(each))}
      >
        ${each.name && html`<${Avatar} name=${each.name} small presence />`}${each.label}
      </li>`,
    )}
  </ul>`;
}

/** What is being answered or edited. */
function Draft({ draft, stop }) {
  const { kind, message } = draft;
  return html`<p class="draft">
    <${Icon} name=${kind === "edit" ? "edit" : "reply"} />
    <span><strong>${kind === "edit" ? t("composer.editing") : t("composer.replying", { name: message.from })}</strong>
      ${kind === "reply" && html` ${glance(message)}`}</span>
    <${IconButton} icon="close" label=${t("cancel")} onClick=${stop} />
  </p>`;
}

/** Arrow up in an empty field: edit what one has said last. */
function editLast(event, name) {
  const mine = logOf(name).value.items.filter((message) => message.from === me.value.name && !message.deleted);
  if (!mine.length) return;
  event.preventDefault();
  setDrafting(name, { kind: "edit", message: mine[mine.length - 1] });
}
