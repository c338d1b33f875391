// What of the page as it stands is too small to read or to press, or is Chinese that an English page does not mark as such.
({ phone }) => {
  const found = new Set();
  const hidden = (element) => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return box.width <= 1 || box.height <= 1 || style.visibility === "hidden" || Boolean(element.closest(".dg-sr, .dg-skip"));
  };
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className.baseVal ?? element.className}"> ${element.textContent.trim().slice(0, 30)}`;
  const english = document.documentElement.lang === "en";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, words = texts.currentNode.textContent;
    if (!words.trim() || hidden(element)) continue;
    if (parseFloat(getComputedStyle(element).fontSize) < 12) found.add(`smaller than 12 px: ${name(element)}`);
    if (english && /[\u4e00-\u9fff]/.test(words) && element.closest("[lang]") === document.documentElement) found.add(`Chinese not marked: ${name(element)}`);
  }
  // A finger needs 44 px. Links within a sentence are as tall as its line; a check box is pressed by its label.
  const height = (element) => {
    const mark = getComputedStyle(element, "::after");
    const over = mark.position === "absolute" && mark.content !== "none" ? parseFloat(mark.height) : 0;
    const around = element.matches("[type=checkbox], [type=radio]") ? element.closest(".dg-check, label") : null;
    return Math.max(element.getBoundingClientRect().height, over, around ? around.getBoundingClientRect().height : 0);
  };
  const inSentence = (element) => getComputedStyle(element).display === "inline" && element.parentElement.textContent.trim() !== element.textContent.trim();
  if (phone) {
    for (const element of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")) {
      if (!hidden(element) && !inSentence(element) && height(element) < 43.5) found.add(`lower than 44 px: ${name(element)}`);
    }
  }
  return [...found];
}
