/**
 * What a channel is for: its topic, its description, its kind.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { setTopic } from "../../actions/conversations.js";
import { ask } from "../../server.js";
import { conversations, directory } from "../../state/conversations.js";
import { members } from "../../state/people.js";
import { closedBecause } from "../../state/writing.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Field, FormError } from "../parts.js";
import { Content } from "../text_view.js";

export function View({ channel }) {
  const [description, setDescription] = useState("");
  const [editing, edit] = useState(false);
  const [refusal, setRefusal] = useState(null);
  const show = (answer) => setDescription(answer.description);
  useEffect(() => void attemptBeside(ask("description", { channel }).then(show), setRefusal), [channel]);
  const { kind, topic, readOnly, closed } = conversations.value.get(channel) ?? {};
  const count = members.value.get(channel)?.length ?? directory.value.get(channel)?.members;
  const submit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    const changed = async () => {
      if (given.topic.trim() !== (topic ?? "")) await setTopic(channel, given.topic.trim());
      if (given.description !== description) await ask("description", { channel, description: given.description }).then(show);
    };
    if (await attemptBeside(changed(), setRefusal)) edit(false);
  };
  return html`<div class="dialog-body">
    <p class="about-name"><span class="hash" aria-hidden="true">#</span>${channel.slice(1)}</p>
    <p class="faint">
      ${t(`kind.${kind}`)}${count !== undefined && ` · ${t(kind === "default" ? "browse.here" : "browse.members", { count })}`}${readOnly && ` · ${t("browse.read_only")}`}${closed && ` · ${t("browse.closed")}`}
    </p>
    ${!editing &&
    html`<h3>${t("topic")}</h3>
      <p>${topic || html`<span class="faint">${t("topic.empty")}</span>`}</p>
      <h3>${t("description")}</h3>`}
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${editing
      ? html`<form onSubmit=${submit}>
          <${Field} id="topic" maxlength="300" label=${t("topic")} defaultValue=${topic} autocomplete="off" />
          <${Field} id="description" area rows="6" maxlength="2000" label=${t("description")} defaultValue=${description} />
          <div class="dialog-buttons">
            <button type="button" class="button" onClick=${() => edit(false)}>${t("cancel")}</button>
            <button class="button primary">${t("save")}</button>
          </div>
        </form>`
      : html`<div>${description ? html`<${Content} content=${description} />` : html`<p class="faint">${t("description.none")}</p>`}</div>
          ${!closedBecause(conversations.value.get(channel) ?? { channel }) &&
          html`<div class="dialog-buttons">
            <button type="button" class="button" onClick=${() => edit(true)}>${t("description.edit")}</button>
          </div>`}`}
  </div>`;
}
