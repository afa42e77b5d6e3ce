/**
 * Every text of the page, in the language that the person reads. Knows no view.
 */
import { computed } from "../vendor/signals.js";
import { LOST } from "./connection.js";
import { preferences } from "./preferences.js";
import { words as en } from "./words/en.js";
import { words as fr } from "./words/fr.js";

export const LANGUAGES = { fr, en };

/** "fr" or "en": what was chosen; otherwise English for a browser that asks for it, and French for all others. */
export const language = computed(
  () => preferences.value.language ?? (navigator.language.toLowerCase().startsWith("en") ? "en" : "fr"),
);

const plural = computed(() => new Intl.PluralRules(language.value));

/**
 * The text for a key, with values in the place of {names}. "one|many" is chosen by `count`.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = LANGUAGES[language.value][key] ?? key;
  const forms = text.split("|");
  const form = forms.length > 1 && plural.value.select(values.count) !== "one" ? forms[1] : forms[0];
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The sentence for a request that failed: the server's own, which is in the person's language. */
export function sentence(refusal) {
  return refusal.code === LOST ? t("error.lost") : refusal.message || t("error.unknown");
}
