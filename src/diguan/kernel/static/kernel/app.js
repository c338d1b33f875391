// What a page gains with script; every page works without it.
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector, from = document) => from.querySelector(selector);

  // Theme: the form posts; with script the colours turn at once and the cookie is kept.
  const dark = () =>
    root.dataset.theme === "dark" || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    if (!form) return;
    event.preventDefault();
    root.dataset.theme = dark() ? "light" : "dark";
    document.cookie = `diguan_theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
  });

  // "/" goes to the search box, Escape closes what is open.
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const box = one("#dg-search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.dg-who[open], details.dg-drop-form[open]").forEach((open) => {
        open.open = false;
        one("summary", open).focus();
      });
      if (location.hash === "#dg-menu") { location.hash = ""; }
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.dg-who[open], details.dg-drop-form[open]").forEach((open) => {
      if (!open.contains(event.target)) open.open = false;
    });
  });

  // On a chain's map the arrow keys go to the nearest node that way; Enter follows its link.
  document.addEventListener("keydown", (event) => {
    const from = event.target.closest && event.target.closest("[data-graph] [data-node]");
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!from || !way || event.altKey || event.ctrlKey || event.metaKey) return;
    const place = (node) => { const box = node.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
    const [x, y] = place(from);
    let best = null, least = Infinity;
    from.closest("[data-graph]").querySelectorAll("[data-node]").forEach((node) => {
      const [far, down] = place(node), ahead = (far - x) * way[0] + (down - y) * way[1];
      const aside = Math.abs((far - x) * way[1]) + Math.abs((down - y) * way[0]);
      if (node !== from && ahead > 4 && ahead + 3 * aside < least) { best = node; least = ahead + 3 * aside; }
    });
    event.preventDefault();
    if (best) { best.focus(); best.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  });

  // A mark in the source text and its clause light each other.
  const light = (event, on) => {
    const from = event.target.closest && event.target.closest("[data-clause]");
    if (!from) return;
    document.querySelectorAll(`[data-clause="${CSS.escape(from.dataset.clause)}"]`).forEach((both) => both.classList.toggle("dg-lit", on));
  };
  for (const [kind, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(kind, (event) => light(event, on));
  }

  // Words selected in a source text go into the field that asks for them.
  document.addEventListener("pointerup", () => {
    const chosen = getSelection(), from = chosen.anchorNode && chosen.anchorNode.parentElement, text = chosen.toString().trim();
    if (text && from && from.closest("[data-source]")) document.querySelectorAll("[data-quote]").forEach((field) => { field.value = text; });
  });

  // A select that asks to send its form at once; the button stays for those without script.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });

  // What was typed and did not arrive (the session or the network had ended, the page was open too long or left) stands in
  // its form again: in this tab, for the same person, once. Nothing is kept of passwords and files.
  const KEPT = "dg-unsent", who = document.body.dataset.who;
  const place = () => location.pathname + location.search;
  const typed = (form) => [...form.elements].filter((field) => field.name && !/^(hidden|password|file|submit|button|fieldset)$/.test(field.type));
  const ticked = (field) => /^(checkbox|radio)$/.test(field.type);
  const keep = (form, how) => {
    const fields = typed(form).map((field) => [field.name, field.value, ticked(field) ? field.checked : null]);
    if (who && fields.length) sessionStorage.setItem(KEPT, JSON.stringify({ who, how, place: place(), action: form.getAttribute("action"), fields }));
  };
  const bringBack = (kept) => {
    const form = [...document.forms].find((each) => each.method === "post" && each.getAttribute("action") === kept.action && typed(each).some((field) => field.name === kept.fields[0][0]));
    if (!form) return;
    for (const [name, value, on] of kept.fields) {
      const field = typed(form).find((each) => each.name === name && (on === null || each.value === value));
      if (field && on === null) field.value = value;
      else if (field) field.checked = on;
    }
    for (let around = form.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    const said = one("#dg-unsent");
    if (said) { said.hidden = false; said.focus(); }
  };
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  // Whoever comes by going back has seen no page that came of what was sent.
  if (kept && (one("[data-unsent]") || (kept.how === "sent" && back))) {
    kept.how = "unsent";
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  }
  if (kept && who && (kept.who !== who || kept.how === "sent")) {
    sessionStorage.removeItem(KEPT); // somebody else, or it has arrived
  } else if (kept && who && kept.place === place() && (kept.how === "unsent" || back)) {
    sessionStorage.removeItem(KEPT);
    bringBack(kept);
  }
  addEventListener("pagehide", () => {
    const changed = (field) => (ticked(field) ? field.checked !== field.defaultChecked : "defaultValue" in field && field.value !== field.defaultValue);
    const form = [...document.forms].find((each) => each.method === "post" && !each.dataset.sent && typed(each).some(changed));
    if (form && !one("form[data-sent]")) keep(form, "left");
  });

  // A page kept for times without a network (the visit log) is not left behind for whoever comes next: where nobody is signed in, it goes.
  if (!who && "caches" in self) caches.delete("dg-log");

  // One press, one deed: the second press of a submit button does nothing.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
    keep(event.target, "sent");
    const button = event.submitter;
    if (button) button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll("[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  // Errors come first: the summary takes the focus, as a reader would.
  const summary = one("[data-error-summary]");
  if (summary) summary.focus();

  // Saved, undone: said for six seconds. Errors are never said this way.
  setTimeout(() => document.querySelectorAll(".dg-toast p").forEach((toast) => toast.remove()), 6000);
})();
