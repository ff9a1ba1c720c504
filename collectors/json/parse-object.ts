/** Reads one JSON object of a log record: bounded depth, never throws, a sentence where it cannot be read. */

/** Deeper nesting is no log record; walking it would end the stack. */
const MAX_DEPTH = 64;

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How deep brackets nest, those in texts left out. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInText) {
      if (code === 92) at += 1;
      else if (code === 34) isInText = false;
    } else if (code === 34) isInText = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
}

/** The object, or a sentence that says why it is none. */
export function parseObject(text: string): JsonObject | string {
  if (isTooDeep(text)) return `JSON is nested more than ${MAX_DEPTH} deep`;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : 'record is JSON, but no object';
  } catch {
    return 'record starts like JSON, but is no JSON';
  }
}
