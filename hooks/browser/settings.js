const DEFAULTS = { service: "http://127.0.0.1:8787", secret: "", onError: "allow", overrideBlock: false, timeoutMs: 1500, profiles: [] };

/** What the agent set, above it what the administrator prescribes, and the names of the latter. */
export async function settings() {
  const own = await chrome.storage.local.get(DEFAULTS);
  let managed = {};
  try { managed = await chrome.storage.managed.get(null); } catch { /* no policy on this machine */ }
  return { values: { ...own, ...managed }, prescribed: Object.keys(managed) };
}
