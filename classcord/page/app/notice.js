/**
 * The notice about one's data is a page without the chat: it only follows the theme that was chosen there.
 */
import { followTheme } from "./preferences.js";

followTheme();
