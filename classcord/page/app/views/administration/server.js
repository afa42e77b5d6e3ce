/**
 * How the server is doing, in figures that are asked for anew while they are looked at.
 */
import { figures } from "../../actions/administration.js";
import { attemptBeside } from "../../actions/attempt.js";
import { inUnits } from "../../sizes.js";
import { full } from "../../times.js";
import { language, sentence, t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Icon } from "../icons.js";
import { FormError, Spinner } from "../parts.js";

const EVERY = 5000; // milliseconds
const SLOW = 0.1; // seconds until a message is on the disk, from which on people notice

export function Server() {
  const [known, setKnown] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    const look = () => attemptBeside(figures().then(setKnown), setRefusal);
    look();
    const timer = setInterval(look, EVERY);
    return () => clearInterval(timer);
  }, []);
  return html`<div class="administration-body">
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!known && !refusal && html`<${Spinner} />`}
    ${known && html`<${Figures} known=${known} />`}
  </div>`;
}

function Figures({ known }) {
  const count = (value) => new Intl.NumberFormat(language.value).format(value);
  const p99 = known.commit_p99;
  const groups = {
    talk: [
      ["people", count(known.people), t("figure.people.note", { count: known.connections })],
      ["messages", count(known.last_message_id), t("figure.rate", { rate: count(known.messages_per_second) })],
      ["accounts", count(known.accounts), t("figure.channels", { count: known.channels })],
    ],
    machine: [
      ["uptime", duration(known.uptime), full(known.since)],
      ["lag", p99 === undefined ? "–" : `${count(Math.round(p99 * 10_000) / 10)} ms`, t(p99 > SLOW ? "figure.lag.slow" : "figure.lag.note")],
      ["memory", inUnits(known.memory), t("figure.version", { version: known.version })],
    ],
    disk: [
      ["disk", known.disk_free === undefined ? "–" : inUnits(known.disk_free), t("figure.disk.note")],
      ["database", inUnits(known.database), t("figure.database.note")],
      ["files", inUnits(known.file_bytes), t("figure.files.note", { count: known.files })],
    ],
  };
  return html`${known.maintenance &&
    html`<p class="state-line"><${Icon} name="warning" />${t("figure.maintenance")} ${known.maintenance_reason}</p>`}
    ${known.stops_at &&
    html`<p class="state-line"><${Icon} name="clock" />${t(known.starts_again ? "figure.restarts" : "figure.stops", { time: full(known.stops_at) })}</p>`}
    ${Object.entries(groups).map(
      ([name, all]) => html`<section class="figures" aria-labelledby=${`figures-${name}`}>
        <h4 id=${`figures-${name}`}>${t(`figures.${name}`)}</h4>
        <dl>
          ${all.map(([key, value, note]) => html`<div class="figure"><dt>${t(`figure.${key}`)}</dt><dd><strong>${value}</strong><small>${note}</small></dd></div>`)}
        </dl>
      </section>`,
    )}`;
}

/** Such as "3 d 4 h" or "12 min". */
function duration(seconds) {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days) return t("duration.days", { days, hours });
  return hours ? t("duration.hours", { hours, minutes }) : t("duration.minutes", { minutes });
}
