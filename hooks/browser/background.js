// Asks the service for the page, which may not: a page that fetches from 127.0.0.1 is stopped by the browser.
// 由后台代替页面去问检查服务:浏览器不许网页自己访问 127.0.0.1。

import { settings } from "./settings.js";

/** The profile of an address: the shop's own first, then the known sites, then the one for any page. */
async function profileOf(url, own) {
  const known = await (await fetch(chrome.runtime.getURL("profiles.json"))).json();
  const any = known.at(-1);
  const found = [...own, ...known].find((profile) => (profile.matches || []).some((pattern) => matches(pattern, url)));
  return { ...any, keys: ["Enter"], ...found };
}

function matches(pattern, url) {
  if (pattern === "*") return true;
  const [, scheme, host, path] = /^([a-z*]+):\/\/([^/]+)(\/.*)$/.exec(pattern) || [];
  if (!scheme) return false;
  const address = new URL(url);
  const star = (text) => new RegExp(`^${text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
  const hostFits = host.startsWith("*.") ? address.hostname === host.slice(2) || address.hostname.endsWith(host.slice(1)) : star(host).test(address.host);
  return (scheme === "*" || `${scheme}:` === address.protocol) && hostFits && star(path).test(address.pathname + address.search);
}

async function check(wire) {
  const { service, secret, timeoutMs } = (await settings()).values;
  const headers = { "Content-Type": "application/json", ...(secret ? { Authorization: `Bearer ${secret}` } : {}) };
  try {
    const response = await fetch(`${service.replace(/\/+$/, "")}/v1/check?offset_encoding=utf-16`, {
      method: "POST", headers, body: JSON.stringify(wire), signal: AbortSignal.timeout(timeoutMs), cache: "no-store",
    });
    const answer = await response.json();
    return response.ok ? { report: answer } : { trouble: answer.error || `HTTP ${response.status}` };
  } catch (error) {
    return { trouble: error.name };
  }
}

async function hello(url) {
  const { profiles, onError, overrideBlock } = (await settings()).values;
  return { profile: await profileOf(url, profiles), onError, overrideBlock };
}

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  if (sender.id !== chrome.runtime.id) return false;
  if (message.type === "check") check(message.wire).then(answer);
  else if (message.type === "hello") hello(message.url).then(answer);
  else return false;
  return true;
});

/** Own profiles for sites that the extension does not know: the agent has allowed them in the options. */
async function registerOwnSites() {
  const { profiles } = (await settings()).values;
  const sites = [...new Set(profiles.flatMap((profile) => profile.matches || []))];
  const allowed = [];
  for (const site of sites) if (await chrome.permissions.contains({ origins: [site] }).catch(() => false)) allowed.push(site);
  await chrome.scripting.unregisterContentScripts().catch(() => {});
  if (allowed.length) {
    await chrome.scripting.registerContentScripts([
      { id: "own", matches: allowed, js: ["content.js"], allFrames: true, matchOriginAsFallback: true, runAt: "document_start" },
    ]);
  }
}

chrome.runtime.onInstalled.addListener(registerOwnSites);
chrome.runtime.onStartup.addListener(registerOwnSites);
chrome.storage.onChanged.addListener((changes) => { if (changes.profiles) registerOwnSites(); });
