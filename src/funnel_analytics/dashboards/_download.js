// A button whose file Python makes when it is pressed, and the browser saves.
function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "jupyter-button widget-button fa-download";
  button.style.width = "auto";
  const name = () => (button.textContent = model.get("description"));
  button.addEventListener("click", () => model.send({ wanted: true }));
  model.on("change:description", name);
  model.on("msg:custom", (content, buffers) => {
    if (!content.name) return;
    const address = URL.createObjectURL(new Blob([buffers[0]], { type: content.type }));
    const link = document.createElement("a");
    link.href = address;
    link.download = content.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  });
  name();
  el.append(button);
}
export default { render };
