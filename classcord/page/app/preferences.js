/**
 * What a person has chosen in this browser: language, theme, sound, notifications. Knows no view.
 */
import { effect, signal } from "../vendor/signals.js";

const STORED = "classcord-preferences";
const DEFAULTS = { language: null, theme: "system", sound: false, notifications: false, panel: true };

/** @type {import("../vendor/signals.js").Signal<typeof DEFAULTS>} */
export const preferences = signal({ ...DEFAULTS, ...stored() });

export function prefer(changed) {
  preferences.value = { ...preferences.value, ...changed };
  localStorage.setItem(STORED, JSON.stringify(preferences.value));
}

/** Let the document follow the choice: the style sheets look at `data-theme`. */
export function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const system = signal(dark.matches);
  dark.addEventListener("change", () => (system.value = dark.matches));
  effect(() => {
    const { theme } = preferences.value;
    document.documentElement.dataset.theme = theme === "system" ? (system.value ? "dark" : "light") : theme;
  });
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
}
