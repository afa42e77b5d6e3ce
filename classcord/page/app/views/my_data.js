/**
 * What the server keeps about a person, among their settings: to have it as a file, to have it erased.
 */
import { attemptBeside } from "../actions/attempt.js";
import { saveMyData } from "../actions/privacy.js";
import { dialog, notify } from "../state/screen.js";
import { sentence, t } from "../words.js";
import { html, useState } from "./html.js";
import { Icon } from "./icons.js";
import { FormError, NoticeLink } from "./parts.js";

export function MyData() {
  const [refusal, setRefusal] = useState(null);
  const [count, setCount] = useState(null); // things that have come; null: nothing was asked
  const save = async () => {
    setCount(0);
    if (await attemptBeside(saveMyData(setCount), setRefusal)) notify(t("data.saved"));
    setCount(null);
  };
  return html`<div class="my-data">
    <section aria-labelledby="notice-title">
      <h3 id="notice-title">${t("notice.title")}</h3>
      <p class="hint">${t("notice.words")}</p>
      <p><${NoticeLink} /></p>
    </section>
    <section aria-labelledby="data-title">
      <h3 id="data-title">${t("data.export")}</h3>
      <p class="hint">${t("data.export.words")}</p>
      <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
      <button type="button" class="button" disabled=${count !== null} onClick=${save}>
        <${Icon} name="download" />${count === null ? t("data.export.do") : t("data.export.coming", { count })}
      </button>
    </section>
    <section aria-labelledby="leaving-title">
      <h3 id="leaving-title">${t("account.delete")}</h3>
      <p class="hint">${t("account.delete.words")}</p>
      <button type="button" class="button dangerous" onClick=${() => (dialog.value = { name: "leaving", back: dialog.value })}>
        <${Icon} name="trash" />${t("account.delete.begin")}
      </button>
    </section>
  </div>`;
}
