// Who asks: the token and the purpose, kept in this tab only and sent as headers, never in an address.
const TOKEN = "qualitrace-token";
const PURPOSE = "qualitrace-purpose";

function kept(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

export function remember(token, purpose) {
  sessionStorage.setItem(TOKEN, token);
  sessionStorage.setItem(PURPOSE, purpose);
}

export function forget() {
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(PURPOSE);
}

export function isKnown() {
  return kept(TOKEN) !== "";
}

export function purpose() {
  return kept(PURPOSE);
}

/** The headers that say who asks, and why. */
export function identity() {
  if (!isKnown()) return {};
  const headers = { Authorization: `Bearer ${kept(TOKEN)}` };
  if (purpose()) headers["Qualitrace-Purpose"] = encodeURIComponent(purpose());
  return headers;
}

/** Fetch the page with the token, and show it in place of this one. */
export async function enter() {
  const answer = await fetch("/", { headers: identity() });
  if (!answer.ok) return answer;
  const text = await answer.text();
  document.open();
  document.write(text);
  document.close();
  return answer;
}
