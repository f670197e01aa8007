"use strict";
(() => {
  const form = document.querySelector(".filters");
  if (!form) return;
  const talks = [...document.querySelectorAll("details.talk")];
  const count = form.querySelector("output");
  const keep = () => {
    const [agent, rule, severity, day] = ["agent", "rule", "severity", "day"].map((name) => form.elements[name].value);
    const words = form.elements.words.value.trim().toLowerCase();
    let shown = 0;
    for (const talk of talks) {
      const has = (name, value) => !value || talk.dataset[name].split("\n").includes(value);
      const fits = has("agent", agent) && has("rule", rule) && has("severity", severity) && has("day", day) &&
        (!words || talk.textContent.toLowerCase().includes(words));
      talk.hidden = !fits;
      shown += fits;
    }
    count.value = `${shown} / ${talks.length}`;
  };
  form.hidden = false;
  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-filter]");
    if (!link) return;
    form.reset();
    form.elements[link.dataset.filter].value = link.dataset.value;
    keep();
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = talks.filter((talk) => !talk.open);
    for (const talk of closed) talk.open = true;
  });
  addEventListener("afterprint", () => closed.forEach((talk) => { talk.open = false; }));
  keep();
})();
