// Pages about nodes: the language somebody chose on the start page holds here too.
function shown(tag) {
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

document.getElementById("language").addEventListener("click", () =>
  shown(document.documentElement.lang === "en" ? "zh" : "en"),
);
