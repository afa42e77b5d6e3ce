/**
 * The state of the link, where it is not as it should be: connecting, lost, back again.
 */
import { outgoing } from "../outgoing.js";
import { connection } from "../server.js";
import { t } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";

const BACK_SHOWN = 2500; // milliseconds

export function ConnectionBar() {
  const phase = connection.phase.value;
  const wasLost = useRef(false);
  const [back, setBack] = useState(false);
  useEffect(() => {
    if (phase === "offline") wasLost.current = true;
    if (phase !== "online" || !wasLost.current) return undefined;
    wasLost.current = false;
    setBack(true);
    const timer = setTimeout(() => setBack(false), BACK_SHOWN);
    return () => clearTimeout(timer);
  }, [phase]);

  if (phase === "online") {
    return html`<div class="connection-slot" role="status">
      ${back && html`<p class="connection back"><${Icon} name="check" />${t("connection.back")}</p>`}
    </div>`;
  }
  const count = outgoing.value.length;
  const waiting = count ? t("connection.waiting", { count }) : "";
  return html`<div class="connection-slot" role="status">
    ${(phase === "offline" || connection.retryAt.value) &&
    html`<p class="connection lost">
      <${Icon} name="warning" />
      <span>${t(phase === "offline" ? "connection.offline" : "connection.connecting", { waiting })}</span>
      <button type="button" class="link" onClick=${() => connection.retryNow()}>${t("connection.retry")}</button>
    </p>`}
  </div>`;
}
