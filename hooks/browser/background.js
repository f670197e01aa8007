// Asks the service for the page, which may not: a page that fetches from 127.0.0.1 is stopped by the browser.
// 由后台代替页面去问检查服务:浏览器不许网页自己访问 127.0.0.1。

import { settings } from "./settings.js";

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

/** What a page's script may know; the secret stays here. */
async function hello() {
  const { profiles, onError, overrideBlock } = (await settings()).values;
  return { profiles, onError, overrideBlock };
}

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  if (sender.id !== chrome.runtime.id) return false;
  if (message.type === "check") check(message.wire).then(answer);
  else if (message.type === "hello") hello().then(answer);
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
      { id: "own", matches: allowed, js: ["profiles.js", "content.js"], allFrames: true, matchOriginAsFallback: true, runAt: "document_start" },
    ]);
  }
}

// The scripts in pages live beside the pages' own; what is stored is not for them.
chrome.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" });
chrome.runtime.onInstalled.addListener(registerOwnSites);
chrome.runtime.onStartup.addListener(registerOwnSites);
chrome.storage.onChanged.addListener((changes) => { if (changes.profiles) registerOwnSites(); });
