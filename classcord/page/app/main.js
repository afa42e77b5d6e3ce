/**
 * Where the page begins: puts the parts together, and shows the first view.
 */
import { effect } from "../vendor/signals.js";
import { render } from "../vendor/preact.js";
import { keepSending } from "./outgoing.js";
import { followTheme } from "./preferences.js";
import { browser, connection } from "./server.js";
import { keepListsFresh, opened } from "./session.js";
import { applyEvent } from "./state/events.js";
import { html } from "./views/html.js";
import { Page } from "./views/page.js";
import { chosenLanguage, fetchWords, followLanguage, language } from "./words.js";

const AGAIN = 3000; // milliseconds until the page is loaded anew when its texts did not come

followTheme();
try {
  await fetchWords("page");
} catch (error) {
  setTimeout(() => location.reload(), AGAIN);
  throw error;
}
followLanguage();
effect(() => {
  document.documentElement.lang = language.value;
});
render(html`<${Page} />`, document.getElementById("page"));
connection.start({
  hello: () => ({ protocol: 2, client: `ClassCord web, ${browser()}`, encoding: "utf-8", lang: chosenLanguage.value }),
  opened,
  event: applyEvent,
});
keepSending();
keepListsFresh();
