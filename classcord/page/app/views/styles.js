/**
 * The style sheets that the way in does not need: they come with the views that do.
 */
const CHAT = ["sidebar", "log", "messages", "content", "composer", "files", "panels", "dialogs", "settings", "moderation", "rules", "administration"];

/** Fetch the styles of the chat, in their order; the promise is kept when all of them apply. */
export const fetchChatStyles = () => Promise.all(CHAT.map(fetchStyle));

function fetchStyle(name) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = `style/${name}.css`;
    link.onload = resolve;
    link.onerror = reject;
    document.head.append(link);
  });
}
