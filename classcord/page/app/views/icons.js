/**
 * The page's own icons: strokes on a field of 24, in the colour of the text around them.
 */
import { html } from "./html.js";

const PATHS = {
  menu: ["M4 7h16M4 12h16M4 17h16"],
  close: ["M6 6l12 12M18 6L6 18"],
  search: ["M11 4.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13z", "M16 16l4 4"],
  people: [
    "M9 4.8a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 0 0 0-6.8z",
    "M2.8 19.5c.5-3.2 3-5 6.2-5s5.7 1.8 6.2 5",
    "M15.8 5.2a3.2 3.2 0 0 1 0 6.1M17.8 14.9c1.8.7 3 2.3 3.4 4.6",
  ],
  pin: ["M9 3.8h6l-.8 6.2 3.3 3.3v1.9H6.5v-1.9l3.3-3.3z", "M12 15.2v5.3"],
  send: ["M4.5 12h8", "M4.2 4.6l16.3 7.4-16.3 7.4 2.3-7.4z"],
  smile: ["M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M8.5 14c1.7 2.7 5.3 2.7 7 0", "M9 9.5v.6M15 9.5v.6"],
  reply: ["M9.5 6L4.5 11l5 5", "M4.8 11H14c3.6 0 5.7 2.3 5.7 6.5"],
  edit: ["M4.5 19.5l.9-4L16 4.9l3.1 3.1L8.5 18.6z", "M13.8 7.1l3.1 3.1"],
  trash: ["M4.5 6.5h15", "M9.5 6.5V4h5v2.5", "M6.5 6.5l.9 13.5h9.2l.9-13.5", "M10.3 10.5v5.5M13.7 10.5v5.5"],
  clip: ["M19.5 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0 1-2.1-2.1l7.3-7.4"],
  file: ["M6 3.5h8l4.5 4.5v12.5H6z", "M13.5 3.5V8.5h5"],
  download: ["M12 4v11M7.5 10.5L12 15l4.5-4.5", "M5 19.5h14"],
  copy: ["M9 9h10.5v11H9z", "M15 9V4.5H4.5V15H9"],
  plus: ["M12 5v14M5 12h14"],
  compass: ["M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M15.5 8.5l-2 5-5 2 2-5z"],
  settings: [
    "M10.1 5.7l.4-2.6h3l.4 2.6 1.2.5 2.1-1.5 2.1 2.1-1.5 2.1.5 1.2 2.6.4v3l-2.6.4-.5 1.2 1.5 2.1-2.1 2.1-2.1-1.5-1.2.5-.4 2.6h-3l-.4-2.6-1.2-.5-2.1 1.5-2.1-2.1 1.5-2.1-.5-1.2-2.6-.4v-3l2.6-.4.5-1.2-1.5-2.1 2.1-2.1 2.1 1.5z",
    "M12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6z",
  ],
  eye: ["M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.5S2.5 12 2.5 12z", "M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6z"],
  hash: ["M10 4.5L8 19.5M16 4.5l-2 15M4.5 9.3h15.5M4 14.7h15.5"],
  gauge: ["M4 17.5a8.5 8.5 0 1 1 16 0", "M12 15l3.8-5.2", "M12 14.2a1.3 1.3 0 1 0 0 2.6a1.3 1.3 0 0 0 0-2.6z"],
  list: ["M9 6.5h11M9 12h11M9 17.5h11", "M4.5 6.5h.2M4.5 12h.2M4.5 17.5h.2"],
  next: ["M9.5 6l5.5 6-5.5 6"],
  before: ["M14.5 6L9 12l5.5 6"],
  chevron: ["M7 14.5l5-5 5 5"],
  shield: ["M12 3.5l7 2.6v5.4c0 4.3-2.8 7.4-7 9-4.2-1.6-7-4.7-7-9V6.1z", "M9 12l2.2 2.2L15.2 10"],
  mute: ["M4.5 5h15v11H11l-4.5 4v-4h-2z", "M9.5 8l5 5M14.5 8l-5 5"],
  lock: ["M6 10.5h12v9.5H6z", "M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"],
  leave: ["M13.5 4.5H5v15h8.5", "M10 12h10M16.5 8.5L20 12l-3.5 3.5"],
  down: ["M12 5v14M6.5 13.5L12 19l5.5-5.5"],
  up: ["M12 19V5M6.5 10.5L12 5l5.5 5.5"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  clock: ["M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M12 7.5V12l3 2"],
  warning: ["M12 4l9 16H3z", "M12 10v4.5M12 17v.4"],
  megaphone: ["M4 10v4h3.5l8.5 4.5v-13L7.5 10z", "M19 9.5c1 1.4 1 3.6 0 5"],
  block: ["M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M6 6l12 12"],
  message: ["M4.5 5h15v11H11l-4.5 4v-4h-2z"],
  more: ["M5.5 12h.2M12 12h.2M18.5 12h.2"],
  sun: ["M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M12 2.5v2.3M12 19.2v2.3M2.5 12h2.3M19.2 12h2.3M5.3 5.3l1.6 1.6M17.1 17.1l1.6 1.6M18.7 5.3l-1.6 1.6M6.9 17.1l-1.6 1.6"],
  moon: ["M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"],
  keyboard: ["M3 6.5h18v11H3z", "M6.5 10h.2M10 10h.2M13.5 10h.2M17 10h.2M8 14h8"],
};

/** An icon beside words, or in a button that has a name: screen readers pass over it. */
export function Icon({ name }) {
  return html`<svg class=${name === "more" ? "icon thick" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
    ${PATHS[name].map((path) => html`<path d=${path} />`)}
  </svg>`;
}

/** ClassCord's mark: a C that speaks. */
export function Logo() {
  return html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <rect class="logo-ground" width="32" height="32" rx="9" />
    <path class="logo-letter" d="M21.6 12.2a6.6 6.6 0 1 0 0 7.6" />
    <path class="logo-tail" d="M10.6 20.2 8.4 25l5.6-2.2z" />
    <circle class="logo-dot" cx="23.2" cy="16" r="1.9" />
  </svg>`;
}
