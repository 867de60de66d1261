// Who is signed in: the purpose they state, and the way out.
import { forget, identity, isKnown, purpose, remember } from "./identity.js";

const who = document.getElementById("who");
if (isKnown()) {
  who.hidden = false;
  const box = who.querySelector("input");
  box.value = purpose();
  box.addEventListener("change", () => {
    remember(identity().Authorization.slice("Bearer ".length), box.value.trim());
    location.reload();
  });
  who.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("leave").addEventListener("click", () => {
    forget();
    location.reload();
  });
  // A link cannot carry the token: what it leads to is fetched with it.
  for (const link of document.querySelectorAll("a[data-download]")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      const answer = await fetch(link.getAttribute("href"), { headers: identity() });
      const made = document.createElement("a");
      made.href = URL.createObjectURL(await answer.blob());
      made.download = link.dataset.download;
      made.click();
    });
  }
}
