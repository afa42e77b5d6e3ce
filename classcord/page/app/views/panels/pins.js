/**
 * The pinned messages of a conversation.
 */
import { attempt, attemptBeside } from "../../actions/attempt.js";
import { pin, pins } from "../../actions/messages.js";
import { pinsChanged } from "../../state/events.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Found } from "../message.js";
import { Empty, FormError, Spinner } from "../parts.js";

export function Pins({ place }) {
  const [messages, setMessages] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const { key, times } = pinsChanged.value;
  useEffect(() => {
    attemptBeside(pins(place).then((all) => setMessages(all.reverse())), setRefusal);
  }, [place, key === place ? times : 0]);
  if (refusal) return html`<div class="panel-body"><${FormError} refusal=${refusal} words=${sentence(refusal)} /></div>`;
  if (!messages) return html`<div class="panel-body"><${Spinner} /></div>`;
  if (!messages.length) {
    return html`<div class="panel-body"><${Empty} icon="pin" title=${t("pins.none")}>${t("pins.hint")}<//></div>`;
  }
  return html`<div class="panel-body">
    ${messages.map(
      (message) => html`<${Found} key=${message.message_id} message=${message} place=${place}>
        <button type="button" class="link" onClick=${() => attempt(pin(place, message.message_id, false))}>${t("pins.remove")}</button>
      <//>`,
    )}
  </div>`;
}
