/**
 * What every view is written with: templates that become elements, never HTML that is parsed. A component that reads a
 * signal follows it, and one whose properties and signals are the same is not drawn again.
 */
import htm from "../../vendor/htm.js";
import { h } from "../../vendor/preact.js";

export { Component, createRef, Fragment } from "../../vendor/preact.js";
export { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/hooks.js";
export { useComputed, useSignal, useSignalEffect } from "../../vendor/signals.js";

export const html = htm.bind(h);

/** The names of classes that apply: classes("row", selected && "selected"). */
export const classes = (...names) => names.filter(Boolean).join(" ");
