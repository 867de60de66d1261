// Pages about nodes.
import { language, setLanguage } from "./language.js";

document.getElementById("language").addEventListener("click", () => setLanguage(language() === "en" ? "zh" : "en"));
