// The language that somebody chose, on any page, holds on all of them.
export function language() {
  return document.documentElement.lang === "en" ? "en" : "zh";
}

export function setLanguage(tag) {
  document.documentElement.lang = tag;
  try {
    localStorage.setItem("language", tag);
  } catch {
    // A browser that keeps nothing still shows the page.
  }
}

try {
  const kept = localStorage.getItem("language");
  if (kept) document.documentElement.lang = kept;
  else if (!/^zh/i.test(navigator.language)) document.documentElement.lang = "en";
} catch {
  // See above.
}
