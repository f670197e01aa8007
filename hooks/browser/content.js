// Stands between the agent's send and the page: what must not be sent is held back, and said better.
// 守在“发送”前面:不能发的拦下来,并给出合规的说法。
//
// It knows a site only through its profile (profiles.js): where the box is, what sends, where the messages are.
(() => {
  "use strict";
  if (globalThis.__replylint) return;
  globalThis.__replylint = true;

  const TURNS = 12, TYPING_MS = 200, DELIBERATE_MS = 500, REPLAY_MS = 300;
  const say = (key, ...words) => chrome.i18n.getMessage(key, words);

  // The known sites are there at once; what the shop set comes from the background a moment later.
  let profile = profileOf(topAddress(), []), onError = "allow", overrideBlock = false;
  let asked = { key: "", answer: null, promise: null };
  let held = { key: "", at: 0 };
  let letThrough = 0, timer = 0;
  const panel = makePanel();

  chrome.runtime.sendMessage({ type: "hello" }).then((answer) => {
    if (!answer) return;
    ({ onError, overrideBlock } = answer);
    profile = profileOf(topAddress(), answer.profiles);
  }, () => {});

  for (const type of ["keydown", "keypress", "keyup"]) addEventListener(type, onKey, true);
  for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "touchstart", "touchend"]) {
    addEventListener(type, onPress, { capture: true, passive: false });
  }
  addEventListener("input", onInput, true);

  // ---- what the agent does

  function onKey(event) {
    if (letThrough > Date.now()) return;
    const box = boxIn(event);
    if (!box) return;
    // While an input method composes, Enter and Tab choose a word. keyCode 229 is how older ones say so.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Tab" && panel.rewrite() !== null && plain(event)) {
      stop(event);
      if (event.type === "keydown") accept(box);
      return;
    }
    if (event.key === "Escape" && panel.isOpen()) { if (event.type === "keydown") panel.close(); return; }
    if (!sends(event)) return;
    if (event.type !== "keydown") { if (!mayGo(box)) stop(event); return; }
    if (mayGo(box)) return passed();
    stop(event);
    // A key held down repeats; only a key pressed again is deliberate.
    if (!event.repeat) decide(box, () => replayKey(box, event));
  }

  function onPress(event) {
    if (letThrough > Date.now()) return;
    const button = sendButtonIn(event);
    if (!button) return;
    const box = boxFor(button);
    if (!box || !textOf(box).trim()) return;
    if (mayGo(box)) { if (event.type === "click") passed(); return; }
    stop(event);
    if (event.type === "click") decide(box, () => { letThrough = Date.now() + REPLAY_MS; button.click(); letThrough = 0; passed(); });
    else if (event.type === "touchend") decide(box, () => { letThrough = Date.now() + REPLAY_MS; button.click(); letThrough = 0; passed(); });
  }

  function onInput(event) {
    const box = boxIn(event);
    if (!box) return;
    clearTimeout(timer);
    held = { key: "", at: 0 };
    if (!textOf(box).trim()) return panel.close();
    timer = setTimeout(() => look(box), TYPING_MS);
  }

  // ---- judging

  /** Whether exactly these words, after exactly these turns, are known to be fine. */
  function mayGo(box) {
    const text = textOf(box);
    if (!text.trim()) return true;
    return asked.key === keyOf(wireOf(box)) && asked.answer !== null && asked.answer.report?.action === "allow";
  }

  function ask(box) {
    const wire = wireOf(box), key = keyOf(wire);
    if (asked.key === key && (asked.promise || asked.answer?.report)) return asked.promise || Promise.resolve(asked.answer);
    const mine = { key, answer: null, promise: null };
    mine.promise = chrome.runtime.sendMessage({ type: "check", wire }).catch((error) => ({ trouble: String(error) })).then((answer) => {
      mine.answer = answer || { trouble: "no answer" };
      mine.promise = null;
      return mine.answer;
    });
    asked = mine;
    return mine.promise;
  }

  async function look(box) {
    const answer = await ask(box), text = textOf(box);
    if (asked.answer !== answer || !text.trim()) return;
    // A send was held back meanwhile: what its panel says of sending again stays.
    if (held.key === keyOf(wireOf(box)) && panel.isOpen()) return;
    if (answer.report && answer.report.action !== "allow") panel.open(box, text, answer.report, "typing");
    else panel.close();
  }

  async function decide(box, send) {
    const wire = wireOf(box), key = keyOf(wire), text = wire.reply;
    panel.wait(box);
    const answer = await ask(box);
    if (keyOf(wireOf(box)) !== key) return decideAgain(box);
    if (!answer.report) {
      if (onError === "allow") send();
      return panel.tell(box, say(onError === "allow" ? "unchecked" : "unavailable"));
    }
    const { action } = answer.report;
    if (action === "allow") { panel.close(); return send(); }
    const again = held.key === key && Date.now() - held.at > DELIBERATE_MS, may = action === "warn" || overrideBlock;
    if (again && may) { held = { key: "", at: 0 }; panel.close(); return send(); }
    if (held.key !== key) held = { key, at: Date.now() };
    panel.open(box, text, answer.report, may ? "again" : "never");
  }

  /** The words changed while they were looked at: this send is off, the next one counts. */
  function decideAgain(box) { panel.close(); look(box); }

  function accept(box) {
    const words = panel.rewrite();
    panel.close();
    held = { key: "", at: 0 };
    write(box, words);
    look(box);
  }

  function passed() { panel.close(); held = { key: "", at: 0 }; }

  // ---- the page

  function wireOf(box) {
    const meta = profile.platform ? { platform: profile.platform } : {};
    return { reply: textOf(box), history: turns(), meta };
  }

  const keyOf = (wire) => JSON.stringify([wire.reply, wire.history]);

  /** The box an event happened in, also inside a shadow tree. */
  function boxIn(event) { return event.composedPath().find((node) => fits(node, profile.box) && isBox(node)) || null; }

  // By name, not by class: an element of a frame has the classes of that frame.
  function isBox(node) { return node.tagName === "TEXTAREA" || node.tagName === "INPUT" || node.isContentEditable; }

  function sendButtonIn(event) {
    return event.composedPath().find((node) => fits(node, profile.send) && saysSend(node)) || null;
  }

  function saysSend(node) {
    if (!profile.sendWords) return true;
    const label = (node.getAttribute("aria-label") || node.value || node.textContent || "").replace(/\s+/g, " ").trim().toLowerCase();
    return profile.sendWords.some((word) => word.toLowerCase() === label);
  }

  /** The box that a button belongs to: the nearest one with words in it, by the trees they share. */
  function boxFor(button) {
    for (let node = button; node; node = node.parentNode || node.host) {
      const boxes = all(node, profile.box).filter((box) => isBox(box) && visible(box));
      if (boxes.length) return boxes.find((box) => textOf(box).trim()) || boxes[0];
    }
    return null;
  }

  const visible = (node) => node.getClientRects().length > 0;

  function turns() {
    if (!profile.messages) return [];
    const rows = all(topDocument(), profile.messages).filter(visible).slice(-TURNS);
    return rows.flatMap((row) => {
      const text = wordsOf((profile.text && all(row, profile.text)[0]) || row);
      return text ? [{ role: isBuyer(row) ? "buyer" : "agent", text }] : [];
    });
  }

  function isBuyer(row) {
    if (profile.buyer) return fits(row, profile.buyer) || all(row, profile.buyer).length > 0 || !!row.closest(profile.buyer);
    return !(profile.agent && (fits(row, profile.agent) || all(row, profile.agent).length > 0 || row.closest(profile.agent)));
  }

  function wordsOf(node) { return (node.innerText ?? node.textContent ?? "").replace(/\u00a0/g, " ").trim(); }

  function textOf(box) {
    if ("value" in box && !box.isContentEditable) return box.value;
    return (box.innerText || "").replace(/\u00a0/g, " ").replace(/\u200b|\ufeff/g, "").replace(/\n$/, "");
  }

  /** Puts words into the box as if typed, so that the page's own script notices and undo works. */
  function write(box, words) {
    const document = box.ownerDocument;
    box.focus();
    if (box.isContentEditable) document.getSelection().selectAllChildren(box);
    else box.select();
    if (document.execCommand("insertText", false, words) && textOf(box).trim() === words.trim()) return;
    if (box.isContentEditable) box.textContent = words;
    else Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set.call(box, words);
    box.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType: "insertText", data: words }));
  }

  function sends(event) {
    const pressed = [event.ctrlKey && "Ctrl", event.metaKey && "Meta", event.altKey && "Alt", event.shiftKey && "Shift", event.key].filter(Boolean).join("+");
    return event.key === "Enter" && (profile.keys || []).includes(pressed);
  }

  const plain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);

  function stop(event) { event.preventDefault(); event.stopImmediatePropagation(); }

  /** Sends what the held key would have sent: by the page's button if there is one, else by the key again. */
  function replayKey(box, event) {
    letThrough = Date.now() + REPLAY_MS;
    const button = all(topDocument(), profile.send).find((node) => visible(node) && saysSend(node) && !node.disabled && boxFor(node) === box);
    if (button) button.click();
    else {
      const like = { key: "Enter", code: "Enter", keyCode: 13, which: 13, bubbles: true, cancelable: true, composed: true,
        ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey, shiftKey: event.shiftKey };
      for (const type of ["keydown", "keypress", "keyup"]) box.dispatchEvent(new KeyboardEvent(type, like));
    }
    letThrough = 0;
    passed();
  }

  function fits(node, selector) { return node.nodeType === 1 && !!selector && node.matches(selector); }

  /** All that a selector finds, in open shadow trees and frames of this origin too, in the order of the page. */
  function all(root, selector) {
    const found = [];
    const visit = (node) => {
      if (node.nodeType === 1) {
        if (node !== root && fits(node, selector)) found.push(node);
        if (node.shadowRoot) visit(node.shadowRoot);
        if (node.tagName === "IFRAME") { const inside = contentOf(node); if (inside) visit(inside); }
      }
      for (const child of node.children || []) visit(child);
    };
    if (selector) visit(root);
    return found;
  }

  function contentOf(frame) { try { return frame.contentDocument; } catch { return null; } }

  /** The outermost document of this origin: a box in a frame belongs to the messages around it. */
  function topDocument() {
    let here = window;
    try { while (here.parent !== here && here.parent.document) here = here.parent; } catch { /* another origin ends it */ }
    return here.document;
  }

  function topAddress() {
    const address = topDocument().location.href;
    return /^https?:/.test(address) ? address : location.ancestorOrigins?.[0] ? `${location.ancestorOrigins[0]}/` : "https://unknown/";
  }

  /** The profile of an address: the shop's own first, then the known sites, then the one for any page. */
  function profileOf(url, own) {
    const known = globalThis.replylintProfiles, any = known.at(-1);
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

  // ---- what the agent sees

  function makePanel() {
    let host = null, root = null, shown = null, watch = 0;

    /** Where the box is in the outermost document, which shows the panel: a frame may be as small as the box. */
    function rectOf(box) {
      let { left, top, width, height } = box.getBoundingClientRect();
      for (let view = box.ownerDocument.defaultView; view && view.document !== host.ownerDocument; view = view.parent) {
        const frame = view.frameElement, around = frame.getBoundingClientRect();
        left += around.left + frame.clientLeft;
        top += around.top + frame.clientTop;
      }
      return { left, top, width, height };
    }

    function place(box) {
      const at = rectOf(box), card = root.querySelector(".card"), { innerWidth, innerHeight } = host.ownerDocument.defaultView;
      const width = Math.min(Math.max(at.width, 300), 460, innerWidth - 16);
      card.style.width = `${width}px`;
      card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
      const height = card.offsetHeight, above = at.top - height - 8;
      card.style.top = `${above >= 8 ? above : Math.max(8, Math.min(at.top + at.height + 8, innerHeight - height - 8))}px`;
    }

    function fill(box, kind, nodes) {
      if (!host) {
        host = document.createElement("replylint-panel");
        root = host.attachShadow({ mode: "closed" });
        const style = document.createElement("style");
        style.textContent = STYLE;
        root.append(style, Object.assign(document.createElement("div"), { className: "card" }));
      }
      if (!host.isConnected) topDocument().documentElement.append(host);
      const card = root.querySelector(".card");
      card.className = `card ${kind}`;
      card.setAttribute("role", "status");
      card.replaceChildren(...nodes);
      // For tests and screen readers of the page: what is shown, not how.
      host.dataset.kind = kind;
      host.setAttribute("aria-label", card.innerText);
      place(box);
      clearInterval(watch);
      const text = textOf(box);
      // Pages clear their box without an event; the panel must not stay over an empty one.
      watch = setInterval(() => { if (!box.isConnected || !visible(box) || (textOf(box) !== text && !textOf(box).trim())) close(); else place(box); }, 250);
    }

    function close() { clearInterval(watch); host?.remove(); shown = null; }

    function open(box, text, report, mode) {
      shown = { box, report };
      const nodes = [node("b", say(report.action)), node("p", ...marked(text, report.findings), "words")];
      for (const message of new Set(report.findings.filter((f) => f.severity !== "info").map((f) => f.message))) nodes.push(node("p", message, "why"));
      if (report.rewrite) {
        const button = node("button", say("accept"));
        button.addEventListener("click", () => accept(box));
        nodes.push(node("div", node("p", report.rewrite, "new"), button, node("kbd", "Tab"), "better"));
      } else nodes.push(node("p", say("noRewrite"), "why"));
      if (mode === "again") nodes.push(node("p", say("sendAgain"), "hint"));
      if (mode === "never") nodes.push(node("p", say("held"), "hint"));
      fill(box, report.action, nodes);
    }

    function tell(box, words) { shown = null; fill(box, "trouble", [node("p", words)]); setTimeout(() => { if (!shown && host?.dataset.kind === "trouble") close(); }, 6000); }

    function wait(box) { if (!shown) fill(box, "waiting", [node("p", say("checking"))]); }

    return { open, close, tell, wait, isOpen: () => !!host?.isConnected, rewrite: () => (host?.isConnected && shown?.report.rewrite) || null };
  }

  /** An element; a last word that is a class name goes to it when there is more than one child. */
  function node(tag, ...parts) {
    const made = document.createElement(tag), classes = ["words", "why", "new", "better", "hint"];
    if (parts.length > 1 && classes.includes(parts.at(-1))) made.className = parts.pop();
    made.append(...parts);
    return made;
  }

  function marked(text, findings) {
    const cuts = [...new Set([0, text.length, ...findings.flatMap((f) => [f.start, f.end])])].sort((a, b) => a - b), nodes = [];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const here = findings.filter((f) => f.start <= cuts[i] && f.end >= cuts[i + 1]), words = text.slice(cuts[i], cuts[i + 1]);
      if (!here.length) { nodes.push(words); continue; }
      const mark = document.createElement("mark");
      mark.className = ["error", "warning", "info"].find((severity) => here.some((f) => f.severity === severity));
      mark.append(words);
      nodes.push(mark);
    }
    return nodes;
  }

  const STYLE = `
    .card { position: fixed; z-index: 2147483647; box-sizing: border-box; padding: 12px 16px; border-radius: 10px;
      background: #fffefb; color: #242321; border: 1px solid #e4e0d6; border-left: 3px solid #a29e94;
      box-shadow: 0 8px 28px #0000001f; max-height: 60vh; overflow: auto; text-align: left;
      font: 14px/1.6 -apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    .block { border-left-color: #b23b22; } .block b { color: #b23b22; }
    .warn { border-left-color: #93650a; } .warn b { color: #93650a; }
    .trouble { border-left-color: #93650a; }
    p { margin: 4px 0 0; overflow-wrap: break-word; white-space: pre-wrap; }
    mark { color: inherit; background: #b23b2217; text-decoration: underline 2px #b23b22; text-underline-offset: 3px; border-radius: 2px; }
    mark.warning { background: #c8930f22; text-decoration-color: #93650a; } mark.info { background: #4a678118; text-decoration-color: #4a6781; }
    .why, .hint { color: #6d6a63; font-size: 13px; }
    .better { background: #3c6b4a14; border-radius: 8px; padding: 8px 12px 10px; margin-top: 8px; }
    .new { margin: 0 0 8px; }
    button { font: inherit; background: #3c6b4a; color: #fff; border: 0; border-radius: 6px; padding: 3px 12px; cursor: pointer; }
    kbd { font: 11px/1 inherit; color: #6d6a63; border: 1px solid #ddd8cc; border-radius: 4px; padding: 2px 5px; margin-left: 8px; background: #fffefb; }
    .card { color-scheme: light; }`;
})();
