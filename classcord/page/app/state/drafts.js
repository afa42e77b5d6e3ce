/**
 * What was typed in each conversation and not sent. Knows neither requests nor views.
 */
export const drafts = new Map();

export const hasDrafts = () => [...drafts.values()].some((text) => text.trim());
