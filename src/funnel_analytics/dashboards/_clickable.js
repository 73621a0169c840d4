// A picture whose parts can be pointed at and chosen; hovering needs no answer from Python.
// Each region is a button over the picture, so that a keyboard and a screen reader reach it too.
function render({ model, el }) {
  const holder = document.createElement("div");
  holder.style.cssText = "position:relative;display:inline-block;max-width:100%";
  const image = document.createElement("img");
  image.className = "fa-chart";
  image.style.cssText = "display:block;max-width:100%";
  // One and a half pixels for each of the page's: sharp on fine screens, and texts as large as the page's own.
  image.addEventListener("load", () => (image.style.width = `${image.naturalWidth / 1.5}px`));
  const tip = document.createElement("div");
  tip.setAttribute("role", "tooltip");
  tip.style.cssText =
    "position:absolute;display:none;pointer-events:none;background:#1d2939;color:#fff;padding:3px 8px;" +
    "border-radius:4px;font-size:12px;white-space:pre-line;z-index:9;max-width:320px";
  const save = document.createElement("a");
  save.className = "fa-save";
  save.style.cssText = "display:block;font-size:12px;text-align:right";
  holder.append(image, tip);
  el.append(holder, save);
  let address = null;

  function showPicture() {
    const bytes = model.get("picture");
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    image.src = address;
    image.alt = model.get("description");
    save.href = address;
    save.download = `${model.get("title").replace(/[^\p{L}\p{N} ]+/gu, "_") || "chart"}.png`;
    save.textContent = model.get("save");
  }

  function showRegions() {
    for (const old of holder.querySelectorAll("button")) old.remove();
    for (const region of model.get("regions")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fa-region";
      button.setAttribute("aria-label", region.text);
      button.style.cssText =
        `position:absolute;left:${100 * region.left}%;top:${100 * region.top}%;width:${100 * region.width}%;` +
        `height:${100 * region.height}%;background:transparent;border:0;padding:0;margin:0;cursor:pointer`;
      const show = () => {
        tip.textContent = region.text;
        tip.style.display = "block";
        tip.style.left = `${Math.min(100 * region.left, 70)}%`;
        tip.style.top = `calc(${100 * (region.top + region.height)}% + 2px)`;
        button.style.outline = "2px solid #d1690e";
      };
      const hide = () => {
        tip.style.display = "none";
        button.style.outline = "";
      };
      button.addEventListener("mouseenter", show);
      button.addEventListener("focus", show);
      button.addEventListener("mouseleave", hide);
      button.addEventListener("blur", hide);
      button.addEventListener("click", () => model.send({ chosen: region.selection }));
      holder.append(button);
    }
  }

  model.on("change:picture", showPicture);
  model.on("change:regions", showRegions);
  showPicture();
  showRegions();
  return () => address && URL.revokeObjectURL(address);
}
export default { render };
