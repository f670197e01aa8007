import { settings } from "./settings.js";

const say = (key, ...words) => chrome.i18n.getMessage(key, words);
const form = document.getElementById("form"), told = document.getElementById("told");
for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);

const { values, prescribed } = await settings();
for (const name of ["service", "secret", "onError"]) form.elements[name].value = values[name];
form.elements.overrideBlock.checked = values.overrideBlock;
form.elements.profiles.value = values.profiles.length ? JSON.stringify(values.profiles, null, 2) : "";
// What the administrator prescribes is shown, not changed.
for (const name of prescribed) if (form.elements[name]) form.elements[name].disabled = true;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { service, secret, onError, overrideBlock, profiles } = form.elements;
    const own = read(profiles.value), sites = own.flatMap((profile) => profile.matches);
    if (sites.length && !(await chrome.permissions.request({ origins: sites }))) throw new Error(say("optionRefused"));
    await chrome.storage.local.set({ service: new URL(service.value).href.replace(/\/+$/, ""), secret: secret.value, onError: onError.value, overrideBlock: overrideBlock.checked, profiles: own });
    told.textContent = await reach();
  } catch (error) {
    told.textContent = error.message;
  }
});

function read(text) {
  const own = text.trim() ? JSON.parse(text) : [];
  if (!Array.isArray(own)) throw new Error(say("optionNotList"));
  for (const profile of own) {
    for (const key of ["name", "box"]) if (typeof profile[key] !== "string") throw new Error(say("optionMissing", key));
    if (!Array.isArray(profile.matches) || !profile.matches.length) throw new Error(say("optionMissing", "matches"));
    for (const key of ["box", "send", "messages", "buyer", "agent", "text"]) if (profile[key]) document.createDocumentFragment().querySelector(profile[key]);
  }
  return own;
}

async function reach() {
  const { values } = await settings();
  try {
    const response = await fetch(`${values.service}/readyz`, { signal: AbortSignal.timeout(2000) });
    return say(response.ok ? "optionReached" : "optionNotReached");
  } catch {
    return say("optionNotReached");
  }
}
