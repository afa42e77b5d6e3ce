/**
 * Every text of the page, in the language that the person reads. Knows no view.
 */
import { computed, effect, signal } from "../vendor/signals.js";
import { LOST } from "./connection.js";
import { preferences } from "./preferences.js";

/** The languages of the page, as each calls itself. */
export const LANGUAGES = { fr: "Français", en: "English" };

/** The modules that hold the texts, a part of the page each: one is fetched when it is first wanted. */
const PARTS = {
  administration: { fr: () => import("./words/administration_fr.js"), en: () => import("./words/administration_en.js") },
  chat: { fr: () => import("./words/chat_fr.js"), en: () => import("./words/chat_en.js") },
  page: { fr: () => import("./words/fr.js"), en: () => import("./words/en.js") },
};

/** What was chosen; otherwise English for a browser that asks for it, and French for all others. */
export const chosenLanguage = computed(
  () => preferences.value.language ?? (navigator.language.toLowerCase().startsWith("en") ? "en" : "fr"),
);

const spoken = signal({ language: null, texts: {} });
const wanted = new Set(["page"]); // parts
let fetches = 0;

/** "fr" or "en": in which the page is written now, a moment later than another one is chosen. */
export const language = computed(() => spoken.value.language ?? chosenLanguage.value);

/** Fetch the texts of a part, with those that are wanted already, in the language that is chosen. */
export async function fetchWords(part) {
  wanted.add(part);
  const fetch = ++fetches;
  const now = chosenLanguage.peek();
  const modules = await Promise.all([...wanted].map((each) => PARTS[each][now]()));
  const texts = Object.assign({}, ...modules.map(({ words }) => words));
  if (fetch === fetches) spoken.value = { language: now, texts }; // or one that began later brings them
}

/** Write the page in another language as soon as that is chosen, and its texts are here. */
export function followLanguage() {
  effect(() => {
    if (chosenLanguage.value !== spoken.peek().language) fetchWords("page").catch(() => {}); // it stays as it is
  });
}

const plural = computed(() => new Intl.PluralRules(language.value));

/**
 * The text for a key, with values in the place of {names}. "one|many" is chosen by `count`.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = spoken.value.texts[key] ?? key;
  const forms = text.split("|");
  const form = forms.length > 1 && plural.value.select(values.count) !== "one" ? forms[1] : forms[0];
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The sentence for a request that failed: the server's own, which is in the person's language. */
export function sentence(refusal) {
  return refusal.code === LOST ? t("error.lost") : refusal.message || t("error.unknown");
}
