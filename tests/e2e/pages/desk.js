// What the script of a workbench does: Enter sends unless a word is being composed, the button sends, an empty box is
// not sent. The outermost page keeps what was sent, and how many keys its box saw.
window.sent = [];
window.keys = 0;
function wire(box, button, read, clear) {
  const send = () => { if (read().trim()) { window.top.sent.push(read()); clear(); } };
  box.addEventListener("keydown", (event) => {
    window.top.keys++;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
  button.addEventListener("click", send);
}
