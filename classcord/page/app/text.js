/**
 * Reads what people write: a small subset of Markdown, links, mentions and channels. Makes a tree of plain objects, in
 * time that grows with the length of the text. Knows neither HTML nor views.
 *
 * Blocks: {kind: "paragraph" | "quote", children}, {kind: "code", language, text}.
 * Within a line: {kind: "text" | "code", text}, {kind: "strong" | "emphasis" | "strike", children}, {kind: "break"},
 * {kind: "link", address, text}, {kind: "mention", name}, {kind: "channel", name}.
 */

import { folded } from "./emoji.js";

const FENCE = /^```([\w+#.-]*)\s*$/;
const QUOTE = /^> ?/;
const LINK = /https?:\/\/[^\s<>"`]+/y;
const CHANNEL = /#[\p{L}\p{N}_.-]*[\p{L}\p{N}_]/uy;
const WORD = /[\p{L}\p{N}_]/u;
const SPACE = /\s/;
const DEEPEST = 6; // emphasis within emphasis
const LONGEST_SUMMARY = 140; // characters

const TOKEN = /([\p{L}\p{N}]+)/u;

const MARKS = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "strike"],
  ["*", "emphasis"],
  ["_", "emphasis"],
];

/**
 * @param {string} content
 * @param {string[]} [mentioned]  the names that the server says are mentioned by @name
 */
export function parse(content, mentioned = []) {
  const names = [...mentioned].sort((a, b) => b.length - a.length);
  const blocks = [];
  const lines = content.split("\n");
  for (let at = 0; at < lines.length; ) {
    const start = at;
    const fence = FENCE.exec(lines[at]);
    const end = fence ? closing(lines, at + 1) : -1;
    if (fence && end > 0) {
      blocks.push({ kind: "code", language: fence[1], text: lines.slice(at + 1, end).join("\n") });
      at = end + 1;
    } else if (QUOTE.test(lines[at])) {
      while (at < lines.length && QUOTE.test(lines[at])) at += 1;
      const quoted = lines.slice(start, at).map((line) => line.replace(QUOTE, ""));
      blocks.push({ kind: "quote", children: inline(quoted.join("\n"), names) });
    } else {
      at += 1;
      while (at < lines.length && !FENCE.test(lines[at]) && !QUOTE.test(lines[at])) at += 1;
      const text = lines.slice(start, at).join("\n");
      if (text.trim() || !blocks.length) {
        blocks.push({ kind: "paragraph", children: inline(text.replace(/^\n+|\n+$/g, ""), names) });
      }
    }
  }
  return blocks;
}

/** The same tree, with {kind: "found", text} for the words that a search looked for; it ignores accents and capitals. */
export function markFound(tree, query) {
  const wanted = folded(query).match(/[\p{L}\p{N}]+\*?/gu) ?? [];
  const fits = (token) =>
    wanted.some((word) => (word.endsWith("*") ? token.startsWith(word.slice(0, -1)) : token === word));
  const pieces = ({ text }) =>
    text.split(TOKEN).map((piece) => ({ kind: TOKEN.test(piece) && fits(folded(piece)) ? "found" : "text", text: piece }));
  const mark = (node) => {
    if (node.children) return [{ ...node, children: node.children.flatMap(mark) }];
    return node.kind === "text" ? pieces(node) : [node];
  };
  return tree.flatMap(mark);
}

/** The line that ends a block of code; -1 if there is none, and then it is not one. */
function closing(lines, from) {
  for (let at = from; at < lines.length; at += 1) if (lines[at].trim() === "```") return at;
  return -1;
}

function inline(text, names, depth = 0) {
  const parts = [];
  const hopeless = new Set(); // marks that are not closed any more, so that each is sought to the end only once
  let plain = 0; // where the text begins that has no meaning of its own
  let at = 0;
  const take = (part, end) => {
    if (plain < at) parts.push({ kind: "text", text: text.slice(plain, at) });
    parts.push(part);
    at = plain = end;
  };
  while (at < text.length) {
    const found =
      lineBreak(text, at) ??
      code(text, at, hopeless) ??
      link(text, at) ??
      mention(text, at, names) ??
      channel(text, at) ??
      (depth < DEEPEST ? marked(text, at, names, depth, hopeless) : null);
    if (found) take(found.part, found.end);
    else at += 1;
  }
  if (plain < at) parts.push({ kind: "text", text: text.slice(plain, at) });
  return parts;
}

function lineBreak(text, at) {
  return text[at] === "\n" ? { part: { kind: "break" }, end: at + 1 } : null;
}

function code(text, at, hopeless) {
  if (text[at] !== "`" || hopeless.has("`")) return null;
  const end = text.indexOf("`", at + 1);
  if (end < 0) hopeless.add("`");
  return end > at + 1 ? { part: { kind: "code", text: text.slice(at + 1, end) }, end: end + 1 } : null;
}

function link(text, at) {
  if (text[at] !== "h" || joins(text, at)) return null;
  LINK.lastIndex = at;
  const found = LINK.exec(text)?.[0];
  if (!found) return null;
  const address = withoutTail(found);
  return isAddress(address) ? { part: { kind: "link", address, text: address }, end: at + address.length } : null;
}

/** Punctuation after a link belongs to the sentence, and so does a bracket that the link has not opened. */
function withoutTail(address) {
  let end = address.length;
  let open = 0;
  for (const character of address) open += (character === "(") - (character === ")");
  while (end > 0) {
    const last = address[end - 1];
    if (".,;:!?'’»*_~]".includes(last)) end -= 1;
    else if (last === ")" && open < 0) {
      end -= 1;
      open += 1;
    } else break;
  }
  return address.slice(0, end);
}

function isAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function mention(text, at, names) {
  if (text[at] !== "@" || joins(text, at)) return null;
  for (const name of names) {
    const end = at + 1 + name.length;
    if (text.slice(at + 1, end).toLowerCase() !== name.toLowerCase()) continue;
    if (end < text.length && WORD.test(text[end])) continue;
    return { part: { kind: "mention", name }, end };
  }
  return null;
}

function channel(text, at) {
  if (text[at] !== "#" || joins(text, at)) return null;
  CHANNEL.lastIndex = at;
  const name = CHANNEL.exec(text)?.[0];
  return name ? { part: { kind: "channel", name }, end: at + name.length } : null;
}

function marked(text, at, names, depth, hopeless) {
  for (const [mark, kind] of MARKS) {
    if (!text.startsWith(mark, at) || hopeless.has(mark)) continue;
    const start = at + mark.length;
    if (start >= text.length || SPACE.test(text[start]) || (mark[0] === "_" && joins(text, at))) continue;
    const end = closingMark(text, start, mark);
    if (end < 0) {
      hopeless.add(mark);
      continue;
    }
    return { part: { kind, children: inline(text.slice(start, end), names, depth + 1) }, end: end + mark.length };
  }
  return null;
}

/** A mark closes where no space is before it, and for `_` no word goes on after it: snake_case stays as it is. */
function closingMark(text, start, mark) {
  for (let end = text.indexOf(mark, start + 1); end > 0; end = text.indexOf(mark, end + 1)) {
    const after = text[end + mark.length] ?? "";
    if (SPACE.test(text[end - 1])) continue;
    if (mark.length === 1 && (after === mark || text[end - 1] === mark)) continue;
    if (mark[0] === "_" && after && WORD.test(after)) continue;
    return end;
  }
  return -1;
}

/** Whether the character before this one belongs to a word: `a@b`, `c#1`. */
const joins = (text, at) => at > 0 && WORD.test(text[at - 1]);

/** A text in one line, without its marks. */
function summary(content) {
  const plain = content.slice(0, 2 * LONGEST_SUMMARY).replace(/\s+/g, " ").replace(/[*_~`]{1,3}/g, "");
  return plain.length > LONGEST_SUMMARY ? `${plain.slice(0, LONGEST_SUMMARY)}…` : plain;
}

/** What a message says and carries, in one line. */
export const glance = ({ content, file }) => [summary(content), file && `📎 ${file.name}`].filter(Boolean).join(" ");
