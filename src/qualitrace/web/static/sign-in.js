// Asks for a token, once for each tab.
import { enter, forget, isKnown, remember } from "./identity.js";

const form = document.getElementById("sign-in");
const refused = document.getElementById("refused");

function say(text) {
  const line = document.createElement("p");
  line.className = "error";
  line.setAttribute("role", "alert");
  line.textContent = text;
  refused.replaceChildren(line);
}

async function attempt() {
  try {
    const answer = await enter();
    if (answer.ok) return;
    forget();
    say(answer.status === 401 ? "令牌无效。 / This token is not valid." : `${answer.status}`);
  } catch (error) {
    say(`问不到服务器 / The server cannot be reached: ${error.message}`);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(form);
  remember(given.get("token").trim(), given.get("purpose").trim());
  form.reset();
  attempt();
});

if (isKnown()) attempt();
