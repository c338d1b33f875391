// Which words of the page as it stands lie over others, or are cut off by what holds them.
() => {
  const found = new Set(), boxes = [];
  const clipped = (element) => {
    for (let one = element; one; one = one.parentElement) if (getComputedStyle(one).clipPath === "inset(50%)") return true; // for readers alone
    return false;
  };
  const out = (element) => {
    const style = getComputedStyle(element);
    if (clipped(element)) return true;
    return style.visibility === "hidden" || style.display === "none" || Boolean(element.closest(".dg-sr, .dg-skip, .dg-defs, [hidden], title, option, details:not([open]) > :not(summary)"));
  };
  const name = (words) => words.trim().replace(/\s+/g, " ").slice(0, 40);
  const holders = (element) => {
    const all = [];
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      // what scrolls is not cut off; a picture of its own is, at its edges
      if (one.tagName.toLowerCase() === "svg" ? style.overflow !== "visible" : [style.overflowX, style.overflowY].some((way) => way === "hidden" || way === "clip")) all.push(one);
    }
    return all;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode, element = node.parentElement;
    if (!node.textContent.trim() || out(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      const words = name(node.textContent);
      if (box.right > document.documentElement.clientWidth + 1 && !element.closest(".dg-scroll, .nav-tabs, .dg-board, .dg-build-steps, pre")) found.add(`beyond the screen: ${words}`);
      for (const holder of holders(element)) {
        const edge = holder.getBoundingClientRect();
        if (box.left < edge.left - 1.5 || box.right > edge.right + 1.5 || box.top + box.height / 2 > edge.bottom || box.top + box.height / 2 < edge.top) found.add(`cut off: ${words}`);
      }
      const frame = element.closest(".card, .dg-tile, .dg-ck-grid li, .dg-st");
      if (frame && box.right > frame.getBoundingClientRect().right + 1.5) found.add(`beyond its frame: ${words}`);
      if (!element.closest(".dg-top, .dg-side, .dg-toast")) boxes.push({ words, node, left: box.left, right: box.right, top: box.top + box.height * 0.3, bottom: box.bottom - box.height * 0.3 });
    }
  }
  boxes.sort((one, two) => one.top - two.top);
  for (let at = 0; at < boxes.length; at += 1) {
    for (let next = at + 1; next < boxes.length && boxes[next].top < boxes[at].bottom; next += 1) {
      const one = boxes[at], two = boxes[next];
      if (one.node !== two.node && Math.min(one.right, two.right) - Math.max(one.left, two.left) > 2 && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 0.5) found.add(`over each other: ${one.words} / ${two.words}`);
    }
  }
  return [...found];
}
