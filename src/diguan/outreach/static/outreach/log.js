// <dg-outbox>: the visit log of a phone. What is written is kept on the device first, under the person's number, and sent one by
// one; the entry's key makes it one row however often it is sent. Without script the form inside it posts like any other.
"use strict";
(() => {
  const PREFIX = "dg-log:", DRAFT = "dg-log-now:", PAGE = "dg-log";
  const newKey = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64; bytes[8] = (bytes[8] & 63) | 128;
    return [...bytes].map((byte, at) => ([4, 6, 8, 10].includes(at) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
  };
  const dayOf = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate(), 12);

  class Outbox extends HTMLElement {
    connectedCallback() {
      this.who = this.getAttribute("who");
      this.form = this.querySelector("form");
      this.state = document.querySelector("[data-log-state]");
      this.busy = false;
      this.form.addEventListener("submit", (event) => this.write(event));
      this.form.addEventListener("input", () => this.draft());
      this.querySelector("[data-send-now]").addEventListener("click", () => this.flush());
      addEventListener("online", () => this.flush());
      addEventListener("offline", () => this.tell(this.dataset.offline));
      addEventListener("storage", () => this.show());
      this.form.elements.key.value = newKey(); // a kept page holds the key it was drawn with, which may have been used
      this.today();
      this.bringBack();
      this.show();
      this.keepPage();
      if (navigator.onLine) this.flush(); else this.tell(this.dataset.offline);
    }

    // The page may have been kept for days: the day it proposes goes on with the device's clock.
    today() {
      const field = this.form.elements.visited_on, [year, month, day] = this.getAttribute("day").split("-").map(Number);
      const gone = Math.round((dayOf(new Date()) - dayOf(new Date(Number(this.getAttribute("at")) * 1000))) / 86400000);
      if (!gone || field.value !== this.getAttribute("day")) return;
      field.value = new Date(Date.UTC(year, month - 1, day + gone)).toISOString().slice(0, 10);
    }

    // ── what the device keeps ──
    entries() {
      return Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}${this.who}:`))
        .map((name) => JSON.parse(localStorage.getItem(name))).sort((one, other) => one.at - other.at);
    }
    name(entry) { return `${PREFIX}${this.who}:${entry.fields.key}`; }
    store(entry) {
      try { localStorage.setItem(this.name(entry), JSON.stringify(entry)); return true; }
      catch { this.say(this.dataset.full); return false; }
    }
    fields() {
      return Object.fromEntries([...new FormData(this.form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
    }
    draft() {
      try { localStorage.setItem(DRAFT + this.who, JSON.stringify(this.fields())); } catch { /* the page itself still holds it */ }
    }
    bringBack() {
      const kept = JSON.parse(localStorage.getItem(DRAFT + this.who) || "null");
      if (kept && !this.form.elements.said.value) this.fill(kept);
    }
    fill(fields) {
      for (const [name, value] of Object.entries(fields)) {
        const field = this.form.elements[name];
        if (field && (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === value))) field.value = value;
      }
    }

    // ── written ──
    write(event) {
      event.preventDefault();
      if (!this.form.reportValidity()) return;
      const taken = this.entries().some((entry) => entry.fields.key === this.form.elements.key.value);
      if (taken) this.form.elements.key.value = newKey();
      if (!this.store({ at: Date.now(), fields: this.fields(), why: "" })) return;
      localStorage.removeItem(DRAFT + this.who);
      this.form.reset();
      this.form.elements.key.value = newKey();
      this.today();
      this.show();
      this.flush();
    }

    // ── shown ──
    show() {
      const kept = this.entries(), list = this.querySelector("[data-list]"), line = this.querySelector("[data-line]");
      this.querySelector("[data-outbox]").hidden = !kept.length;
      this.querySelector("[data-count]").textContent = kept.length;
      list.replaceChildren(...kept.map((entry) => this.line(entry, line)));
    }
    line(entry, template) {
      const row = template.content.firstElementChild.cloneNode(true), part = (name) => row.querySelector(`[data-${name}]`);
      part("name").textContent = entry.fields.name;
      part("day").textContent = entry.fields.visited_on;
      part("text").textContent = entry.fields.said;
      part("why").textContent = entry.why ? `${this.dataset.refused}：${entry.why}` : this.dataset.waiting;
      part("why").classList.toggle("dg-error", Boolean(entry.why));
      part("again").addEventListener("click", () => { this.store({ ...entry, why: "" }); this.flush(); });
      part("edit").addEventListener("click", () => {
        this.drop(entry);
        this.fill({ ...entry.fields, key: newKey() });
        this.draft();
        this.form.elements.said.focus();
      });
      part("remove").addEventListener("click", (event) => {
        const button = event.currentTarget;
        if (button.dataset.asked) { this.drop(entry); return; }
        button.dataset.asked = "1";
        button.textContent = button.dataset.sure;
      });
      return row;
    }
    drop(entry) { localStorage.removeItem(this.name(entry)); this.show(); }
    tell(words) { if (this.state) this.state.textContent = words; }
    say(words, url) {
      const said = this.querySelector("[data-said]");
      said.hidden = false;
      said.textContent = words;
      if (url) { const link = document.createElement("a"); link.href = url; link.textContent = words; said.replaceChildren(link); }
    }

    // ── sent ──
    async flush() {
      if (this.busy || !this.entries().some((entry) => !entry.why)) return;
      this.busy = true;
      try {
        if (navigator.locks) await navigator.locks.request(PAGE, () => this.sendAll());
        else await this.sendAll();
      } finally { this.busy = false; this.show(); }
    }
    async sendAll() {
      const token = await this.token();
      if (!token) return;
      for (const entry of this.entries().filter((one) => !one.why)) {
        if (!(await this.sendOne(entry, token))) return;
      }
    }
    // Asks who is signed in here now: never send for somebody else, and never with a token of an old session.
    async token() {
      try {
        const answer = await fetch(this.getAttribute("ask"), { redirect: "manual", cache: "no-store" });
        if (!answer.ok) { this.tell(this.dataset.login); return null; }
        const found = await answer.json();
        if (found.who !== this.who) { this.tell(this.dataset.other); return null; }
        return found.token;
      } catch { this.tell(this.dataset.offline); return null; }
    }
    async sendOne(entry, token) {
      const body = new FormData();
      for (const [name, value] of Object.entries({ ...entry.fields, who: this.who, csrfmiddlewaretoken: token })) body.append(name, value);
      let answer;
      try { answer = await fetch(this.getAttribute("send"), { method: "POST", body, redirect: "manual" }); }
      catch { this.tell(this.dataset.offline); return false; }
      if (answer.ok) {
        const found = await answer.json();
        localStorage.removeItem(this.name(entry));
        this.say(`${this.dataset.sent}：${entry.fields.name}`, found.url);
        this.show();
        return true;
      }
      if (![403, 409, 422].includes(answer.status)) { this.tell(this.dataset.login); return false; }
      let why = "";
      try { why = (await answer.json()).why; } catch { why = String(answer.status); }
      this.store({ ...entry, why });
      this.show();
      return true;
    }

    // ── the page itself ──
    async keepPage() {
      if (!navigator.serviceWorker) { this.tell(this.dataset.plain); return; }
      try {
        await navigator.serviceWorker.register(this.getAttribute("worker"), { scope: this.getAttribute("scope") });
        const ready = await navigator.serviceWorker.ready;
        navigator.serviceWorker.addEventListener("message", (event) => {
          if (event.data === "kept" && navigator.onLine) { this.tell(this.dataset.ready); this.dataset.kept = "1"; }
        });
        const files = [...document.querySelectorAll("script[src], link[href]")].map((each) => each.src || each.href);
        const icons = [...document.querySelectorAll("svg use")].map((each) => new URL(each.getAttribute("href"), location.href)).map((url) => url.origin + url.pathname);
        if (navigator.onLine) ready.active.postMessage({ page: this.getAttribute("scope"), files: [...new Set([...files, ...icons])] });
      } catch { this.tell(navigator.onLine ? this.dataset.plain : this.dataset.offline); }
    }
  }
  customElements.define("dg-outbox", Outbox);
})();
