/** Where a request goes. */

/**
 * Reads the URL of a request.
 *
 * @throws TypeError - when it is none, or neither `http:` nor `https:`; the message repeats nothing of it that may be secret
 */
export function requestUrl(text: string): URL {
  if (!URL.canParse(text)) {
    throw new TypeError(
      `Cannot make a request as its URL cannot be read: "${withoutSecrets(text)}"`,
    );
  }
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(
      `Cannot make a request as only http and https are known: "${url.protocol}"`,
    );
  }
  return url;
}

/** Without all that may be secret: what stands before an `@`, and what follows a question mark or hash. */
function withoutSecrets(url: string): string {
  return url.replace(/^.*@/su, "…@").replace(/[?#].*$/su, "");
}
